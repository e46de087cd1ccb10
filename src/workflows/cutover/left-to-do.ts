/** What remains to be done by hand on the target, which serves. */
import { CancellationScope } from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { trying } from '../run/activity-proxies.ts';
import { rootCause } from '../run/failure.ts';
import type { Run } from '../run/run.ts';

/** Has the report say it as it is now. Nothing that fails here fails the run. */
export async function tellLeftToDo(run: Run, { source, target }: MigrateDatabaseConfig): Promise<void> {
  try {
    const asked = () => trying.leftToDo({ source, target });
    run.state.settled({ leftToDo: await CancellationScope.nonCancellable(asked) });
  } catch (error) {
    run.state.note(`What is left to do on the target could not be read: ${rootCause(error)}`);
  }
}
