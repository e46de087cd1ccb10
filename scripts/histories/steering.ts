/** What people do to a run whose history is recorded. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunProgress } from '../../src/core/run/progress.ts';

export async function reaches(run: WorkflowHandle, phase: RunProgress['phase']): Promise<void> {
  while ((await run.query<RunProgress>('progress')).phase !== phase) await sleep(200);
}

export async function decide(run: WorkflowHandle, name: string): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await run.executeUpdate(name, { args: [{ by: 'ann', note: 'recorded' }] });
}

export async function imports(run: WorkflowHandle): Promise<void> {
  const somethingIsThere = async () => {
    const { phase, transferred } = await run.query<RunProgress>('progress');
    return phase === 'importing' && (transferred?.items ?? 0) > 0;
  };
  while (!(await somethingIsThere())) await sleep(100);
}

export async function pauseAnImport(run: WorkflowHandle): Promise<void> {
  await imports(run);
  await run.executeUpdate('pause', { args: [{ by: 'ann' }] });
  await sleep(1_000);
  await run.executeUpdate('resume', { args: [{ by: 'ann' }] });
  await imports(run);
  await run.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
}
