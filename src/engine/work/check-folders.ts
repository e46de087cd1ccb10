/** Whether this worker can write where runs write. */
import { blocker, type Check, warning } from '../../core/plan/check.ts';
import { writingFails } from '../../stores/worker-disk.ts';
import type { Work } from './work.ts';

/** Names the folders in which it cannot; nothing where all is well. */
export async function checkFolders({
  config,
}: {
  config: Pick<Work['config'], 'dumpDirectory' | 'reportDirectory'>;
}): Promise<Check[]> {
  const { dumpDirectory, reportDirectory } = config;
  const [dumps, reports] = await Promise.all([writingFails(dumpDirectory), writingFails(reportDirectory)]);
  const checks: Check[] = [];
  if (dumps) {
    const message = `The worker cannot write to dumpDirectory, where items wait on their way (${dumps}); make room, allow it, or move dumpDirectory.`;
    checks.push(blocker('dump directory', message));
  }
  if (reports) {
    const message = `The worker cannot write to reportDirectory (${reports}): the report will be in the query "report" alone; make room, allow it, or move reportDirectory.`;
    checks.push(warning('report directory', message));
  }
  return checks;
}
