import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { RequestName } from '../../core/contract/contract.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { firstRunOf } from './follow.ts';
import { ask, type Temporal } from './temporal.ts';
import { tuning } from './tuning.ts';

const SEND_AGAIN_MS = 100;

/** Who asks, and their note. */
export interface Signature {
  by: string;
  note: string;
}

/**
 * Sends a request as an update and waits for the answer. An `updateId` makes it safe to send again.
 * @param handle a run, which may have gone on as a new one
 * @returns whether a worker answered
 * @throws CliError with the reason when the request is refused
 */
export async function sendRequest(
  temporal: Temporal,
  handle: WorkflowHandle,
  request: { name: RequestName; signature: Signature; updateId?: string; signal?: AbortSignal },
): Promise<boolean> {
  const { name, signature, updateId, signal } = request;
  const { client } = temporal;
  const update = { args: [signature] as [Signature], ...(updateId !== undefined && { updateId }) };
  const send = async () => {
    const runs = await allRuns(temporal, handle);
    const deadline = Date.now() + tuning.answerWithinMs;
    for (;;) {
      try {
        return await client.withDeadline(deadline, () => runs.executeUpdate<void, [Signature]>(name, update));
      } catch (error) {
        if (!isUnprocessed(error) || Date.now() > deadline) throw error;
        await sleep(SEND_AGAIN_MS);
      }
    }
  };
  try {
    await (signal ? client.withAbortSignal(signal, send) : send());
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    if (isUnprocessed(error)) return false;
    const { name: kind, message, cause } = error as Error;
    // both messages come from the run itself
    if (kind === 'WorkflowUpdateFailedError') {
      const reason = cause instanceof Error ? cause.message : message;
      throw new CliError(`Refused: ${reason}`, undefined, exitCodes.refused);
    }
    if (kind === 'WorkflowNotFoundError') throw hasEnded();
    if (kind === 'WorkflowUpdateRPCTimeoutOrCancelledError' || kind === 'ServiceError') return false;
    throw error;
  }
}

/** Whether no worker has looked at an update, and Temporal has given it up: its worker died just as it began a new run. */
export function isUnprocessed(error: unknown): boolean {
  const { cause } = error as { cause?: { type?: string } };
  return cause?.type === 'UnprocessedUpdate';
}

/** Sends a request as a signal. @throws CliError when the run has ended */
export async function sendSignal(
  temporal: Temporal,
  handle: WorkflowHandle,
  { name, signature }: { name: RequestName; signature: Signature },
): Promise<void> {
  try {
    const runs = await allRuns(temporal, handle);
    await ask(temporal, () => runs.signal(name, signature));
  } catch (error) {
    throw (error as Error).name === 'WorkflowNotFoundError' ? hasEnded() : error;
  }
}

/**
 * What goes to the newest run of those that go on with one another, and to no other workflow of the same id. An update that
 * meets a run just as it goes on as a new one is sent again by Temporal's client; one for that run alone would be lost.
 */
async function allRuns(temporal: Temporal, handle: WorkflowHandle): Promise<WorkflowHandle> {
  const firstExecutionRunId = firstRunOf(await ask(temporal, () => handle.describe()));
  return temporal.client.workflow.getHandle(handle.workflowId, undefined, { firstExecutionRunId });
}

/** The refusal of a request to a run that is over. */
export function hasEnded(hint?: string): CliError {
  return new CliError('Refused: the run has ended.', hint, exitCodes.refused);
}
