import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileName } from '../stores/file-name.ts';
import { type Environment, perform } from './perform.ts';

/** The file that a migration leaves behind. */
export function reportActivities(environment: Environment) {
  return {
    /** Writes `<reportDirectory>/<workflowId>/report.json` and gives its path. */
    writeReport: (report: { workflowId: string }): Promise<string> =>
      perform(environment, async () => {
        const directory = join(environment.config.reportDirectory, fileName(report.workflowId));
        const path = join(directory, 'report.json');
        await mkdir(directory, { recursive: true });
        await writeFile(`${path}.part`, `${JSON.stringify(report, null, 2)}\n`);
        await rename(`${path}.part`, path);
        return path;
      }),
  };
}
