/** What a target's server of another version would refuse, found out before anything is copied. */
import { ActivityFailure } from '@temporalio/workflow';
import type { MigrateDatabaseConfig, TargetRef } from '../../core/contract/contract.ts';
import { type Tried, untried } from '../../core/plan/trial.ts';
import { closing, trying } from '../run/activity-proxies.ts';
import { rootCause, wasCanceled } from '../run/failure.ts';
import type { Run } from '../run/run.ts';

/** Says how the database that things are tried in is removed. */
export function mayTry(run: Run, target: TargetRef): void {
  run.canUndo('sample', {
    orElse: 'A database "shardlift-sample-..." is left on the target server',
    undo: () => closing.removeSample(target),
  });
}

/** Tries the indexes and settings of the source. A run whose trial fails is still a run. {@link mayTry} comes first. */
export async function tried(run: Run, input: MigrateDatabaseConfig): Promise<Tried> {
  run.undoAtEnd('sample');
  try {
    const mayBeFirst = run.state.progress.workflowType !== 'planMigration';
    const found = await run.step(() => trying.tryDefinitions({ ...input, mayBeFirst }));
    run.keep('sample');
    return found;
  } catch (error) {
    if (wasCanceled(error) || !(error instanceof ActivityFailure)) throw error;
    return untried(rootCause(error));
  }
}
