import { nounOf } from '../../core/run/run-types.ts';
import { findWorkflow, workflowTypeOf } from '../run/follow.ts';
import { withTemporal } from '../run/temporal.ts';
import { TypedCommands } from '../run/typed-commands.ts';
import type { ExitCode } from '../terminal/exit-codes.ts';
import { watchRun } from './watch-run.ts';

/** `shardlift watch`: shows a run of any type until it ends; leaving does not stop it. */
export async function watch(workflowId: string, { json = false }: { json?: boolean }): Promise<ExitCode> {
  return await withTemporal(async (temporal) => {
    const { handle, description } = await findWorkflow(temporal, workflowId);
    const { taskQueue, type } = description;
    const noun = nounOf[workflowTypeOf(type, workflowId)];
    return await watchRun({ temporal, handle, taskQueue, commands: new TypedCommands(), json, noun });
  });
}
