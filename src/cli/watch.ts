import { Interrupted } from './cli-error.ts';
import type { ExitCode } from './exit-codes.ts';
import { untilInterrupted } from './interrupt.ts';
import { findWorkflow } from './migration/follow.ts';
import { TypedCommands } from './migration/typed-commands.ts';
import { openView, printEnding, sayThatItGoesOn, watchToTheEnd } from './migration/watching.ts';
import { connectTemporal } from './temporal.ts';

/** `shardlift watch`: shows a migration until it ends; leaving does not stop it. */
export async function watch(workflowId: string, { json = false }: { json?: boolean }): Promise<ExitCode> {
  const temporal = await connectTemporal();
  const commands = new TypedCommands();
  try {
    const { handle, description } = await findWorkflow(temporal, workflowId);
    const { taskQueue } = description;
    const view = await openView({ commands, json, approves: false });
    const ending = await untilInterrupted((controller) =>
      watchToTheEnd({ temporal, handle, taskQueue, commands, view, controller }),
    );
    printEnding(ending, json);
    return ending.exitCode;
  } catch (error) {
    if (error instanceof Interrupted) sayThatItGoesOn(commands, workflowId);
    throw error;
  } finally {
    await temporal.close();
  }
}
