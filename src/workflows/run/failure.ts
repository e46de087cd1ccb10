/** What to say about an error that reached the runbook. */
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { failures } from '../../core/contract/failures.ts';

/** The innermost message: what happened, where, and what to do. */
export function rootCause(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  return innermost instanceof Error ? innermost.message : String(innermost);
}

/** The type of the failure that an activity ended with. */
export function failureType(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
}

/**
 * Whether something ended because it was to be canceled. Temporal tries no activity again that was to be, whatever it fails
 * with: its worker may have died before it heard of it.
 */
export function wasCanceled(error: unknown): boolean {
  const wasToBe = error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED';
  return wasToBe || isCancellation(error);
}

/** Whether no worker took an activity from its host's task queue in time. */
export function isHostGone(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

/** Whether the source can no longer say what has changed since a position. */
export function isDeltaBroken(error: unknown): boolean {
  const type = failureType(error);
  return type === failures.sourceChanged || type === failures.tombstonesLost;
}
