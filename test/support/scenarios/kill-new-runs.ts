/** A worker that dies whenever a workflow goes on as a new run. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { WorkerProcess } from '../servers/stack.ts';

const LOOK_EVERY_MS = 15;

/**
 * Kills the worker as soon as a workflow goes on as a new run, each time.
 * @param handle not pinned to a run
 * @param restart kills the worker and starts another
 * @returns how often, once it has ended
 */
export async function killAtEachNewRun(
  handle: WorkflowHandle,
  restart: () => Promise<WorkerProcess>,
): Promise<number> {
  const describeIt = () => handle.describe().catch(() => undefined);
  let last = (await handle.describe()).runId;
  let kills = 0;
  for (;;) {
    const now = await describeIt();
    if (now && now.status.name !== 'RUNNING') return kills;
    if (now && now.runId !== last) {
      last = now.runId;
      kills++;
      await restart();
    }
    await sleep(LOOK_EVERY_MS);
  }
}
