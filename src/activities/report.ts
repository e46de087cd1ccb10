import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Work } from '../engine/work/work.ts';
import { fileName, writeText } from '../stores/worker-disk.ts';

/** Writes `<reportDirectory>/<workflowId>/report.json` and gives its path. */
async function writeReport({ config }: Work, report: { workflowId: string }): Promise<string> {
  const directory = join(config.reportDirectory, fileName(report.workflowId));
  const path = join(directory, 'report.json');
  await mkdir(directory, { recursive: true });
  await writeText(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

/** The file that a run leaves behind. */
export const reportActivities = { writeReport };
