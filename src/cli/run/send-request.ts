import type { WorkflowHandle } from '@temporalio/client';
import type { RequestName } from '../../core/contract/contract.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import type { Temporal } from './temporal.ts';
import { tuning } from './tuning.ts';

/** Who asks, and their note. */
export interface Signature {
  by: string;
  note: string;
}

/**
 * Sends a request as an update and waits for the answer. An `updateId` makes it safe to send again.
 * @returns whether a worker answered
 * @throws CliError with the reason when the request is refused
 */
export async function sendRequest(
  { client }: Temporal,
  handle: WorkflowHandle,
  request: { name: RequestName; signature: Signature; updateId?: string; signal?: AbortSignal },
): Promise<boolean> {
  const { name, signature, updateId, signal } = request;
  const send = () =>
    client.withDeadline(Date.now() + tuning.answerWithinMs, () =>
      handle.executeUpdate(name, { args: [signature], ...(updateId !== undefined && { updateId }) }),
    );
  try {
    await (signal ? client.withAbortSignal(signal, send) : send());
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    const { name: kind, message, cause } = error as Error;
    // both messages come from the run itself
    if (kind === 'WorkflowUpdateFailedError') {
      const reason = cause instanceof Error ? cause.message : message;
      throw new CliError(`Refused: ${reason}`, undefined, exitCodes.refused);
    }
    if (kind === 'WorkflowNotFoundError') {
      throw new CliError('Refused: the run has ended.', undefined, exitCodes.refused);
    }
    if (kind === 'WorkflowUpdateRPCTimeoutOrCancelledError' || kind === 'ServiceError') return false;
    throw error;
  }
}
