import { workflowTypes } from '../../core/contract/contract.ts';
import { shellWord } from '../../core/text/format.ts';
import { findWorkflow } from '../run/follow.ts';
import { connectTemporal } from '../run/temporal.ts';
import { TypedCommands } from '../run/typed-commands.ts';
import { CliError, Interrupted } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { watchPlan } from './plan.ts';
import { openView, printEnding, sayThatItGoesOn, watchToTheEnd } from './watch-run.ts';

/** The types that the view has a picture of. */
const SHOWN: readonly string[] = [
  workflowTypes.migrateDatabase,
  workflowTypes.replicateDatabase,
  workflowTypes.verifyDatabases,
];

/** `shardlift watch`: shows a migration, a plan or a comparison until it ends; leaving does not stop it. */
export async function watch(workflowId: string, { json = false }: { json?: boolean }): Promise<ExitCode> {
  const temporal = await connectTemporal();
  const commands = new TypedCommands();
  let what = 'run';
  try {
    const { handle, description } = await findWorkflow(temporal, workflowId);
    const { taskQueue, type } = description;
    if (type === workflowTypes.planMigration) {
      return await watchPlan({ temporal, handle, taskQueue, commands, json });
    }
    what = type === workflowTypes.verifyDatabases ? 'comparison' : 'migration';
    if (!SHOWN.includes(type)) throw notShown(workflowId, type);
    const view = await openView({ commands, json, approves: false });
    const ending = await untilInterrupted((controller) =>
      watchToTheEnd({ temporal, handle, taskQueue, commands, view, controller }),
    );
    printEnding(ending, json);
    return ending.exitCode;
  } catch (error) {
    if (error instanceof Interrupted) sayThatItGoesOn(commands, workflowId, what);
    throw error;
  } finally {
    await temporal.close();
  }
}

function notShown(workflowId: string, type: string): CliError {
  return new CliError(
    `Workflow "${workflowId}" is of the type ${type}, which only Temporal's own tools show.`,
    `Try: temporal workflow metadata -w ${shellWord(workflowId)}`,
    exitCodes.usage,
  );
}
