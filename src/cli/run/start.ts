/** Starting a run of any workflow type. */
import type { WorkflowHandle } from '@temporalio/client';
import type { WorkflowType } from '../../core/contract/contract.ts';
import { nounOf } from '../../core/run/run-types.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { ask, type Temporal } from './temporal.ts';
import type { TypedCommands } from './typed-commands.ts';

/** What is started. */
export interface Start {
  type: WorkflowType;
  input: unknown;
  /** One line for lists of workflows. */
  summary: string;
  workflowId: string;
  taskQueue: string;
  commands: TypedCommands;
}

/**
 * Starts the workflow, pinned to the run that was started.
 * @throws CliError when the same id runs already: that run may have another input
 */
export async function startRun(temporal: Temporal, start: Start): Promise<WorkflowHandle> {
  const { type, input, summary, workflowId, taskQueue, commands } = start;
  const { workflow } = temporal.client;
  try {
    const started = await ask(temporal, () =>
      workflow.start(type, {
        args: [input],
        workflowId,
        taskQueue,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: summary,
      }),
    );
    return workflow.getHandle(workflowId, started.firstExecutionRunId);
  } catch (error) {
    if ((error as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw error;
    const message = `A run (${nounOf[type]}) with the workflow id "${workflowId}" is running already; nothing was started.`;
    const hint = `To watch that one: ${commands.watch(workflowId)}\nTo start another: --workflow-id <id>`;
    throw new CliError(message, hint, exitCodes.usage);
  }
}

/** Says what was started, for `--detach`. */
export function printStarted({ workflowId }: WorkflowHandle, commands: TypedCommands, json: boolean): void {
  const text = json
    ? JSON.stringify({ workflowId })
    : `Started ${workflowId}.\nTo watch it: ${commands.watch(workflowId)}`;
  process.stdout.write(`${text}\n`);
}
