import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunReport } from '../core/run/report.ts';
import type { Work } from '../engine/work/work.ts';
import { reportPage } from '../report/page.ts';
import { fileName, writeText } from '../stores/worker-disk.ts';

/** Writes `<reportDirectory>/<workflowId>/report.json`, and `report.html` for people beside it. @returns the path of the former */
async function writeReport({ config }: Work, report: RunReport): Promise<string> {
  const directory = join(config.reportDirectory, fileName(report.workflowId));
  const path = join(directory, 'report.json');
  await mkdir(directory, { recursive: true });
  await writeText(path, `${JSON.stringify(report, null, 2)}\n`);
  await writeText(join(directory, 'report.html'), reportPage(report));
  return path;
}

/** The files that a run leaves behind. */
export const reportActivities = { writeReport };
