/** What keeps a run from getting on, as far as Temporal knows it: the work that failed and is tried again. */
import type { WorkflowExecutionDescription } from '@temporalio/client';

/** Work of a run that has failed and is tried again. */
export interface Trouble {
  /** Why it failed, in a sentence. */
  reason: string;
  /** How often it failed so far. */
  tries: number;
  /** After so many tries it is given up; 0 when it is tried for ever. */
  mostTries: number;
}

/** `PENDING_ACTIVITY_STATE_SCHEDULED` of Temporal's API: not at work, but waiting for a worker or for its time. */
const SCHEDULED = 1;

/** A try that has not failed by then gets on. */
const FAILS_WITHIN_MS = 10_000;

/** Looks at a run again and again, and tells what trouble it has. */
export class TroubleWatch {
  #waitedAt = 0;

  /**
   * The work that failed most often, while it waits for its next try and shortly after.
   * @param now milliseconds
   */
  look({ raw }: Pick<WorkflowExecutionDescription, 'raw'>, now = Date.now()): Trouble | undefined {
    const failed = (raw.pendingActivities ?? []).filter(({ lastFailure }) => lastFailure);
    const [worst] = failed.sort((a, b) => (b.attempt ?? 0) - (a.attempt ?? 0));
    if (failed.some(({ state }) => state === SCHEDULED)) this.#waitedAt = now;
    if (!worst?.lastFailure || now - this.#waitedAt > FAILS_WITHIN_MS) return undefined;
    const { message, timeoutFailureInfo } = worst.lastFailure;
    return {
      reason: timeoutFailureInfo ? 'The worker that was at it has fallen silent.' : (message ?? ''),
      tries: (worst.attempt ?? 1) - 1,
      mostTries: worst.maximumAttempts ?? 0,
    };
  }
}

/** A trouble as it changes from try to try. */
export function describeTrouble({ reason, tries, mostTries }: Trouble): string {
  return `${reason} Tries so far: ${tries}${mostTries > 0 ? ` of ${mostTries}` : ''}.`;
}
