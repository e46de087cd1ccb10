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

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];
type Failure = NonNullable<Pending['lastFailure']>;

/** `PENDING_ACTIVITY_STATE_SCHEDULED` of Temporal's API: not at work, but waiting for a worker or for its time. */
const SCHEDULED = 1;
/** `TIMEOUT_TYPE_HEARTBEAT` of Temporal's API. */
const HEARTBEAT = 4;

/** A try that has not failed by then gets on. */
const FAILS_WITHIN_MS = 10_000;

/** Looks at a run again and again, and tells what trouble it has. */
export class TroubleWatch {
  #waitedAt = 0;

  /**
   * The work that failed most often, while it waits for its next try, and at the beginning of that.
   * @param now milliseconds
   */
  look({ raw }: Pick<WorkflowExecutionDescription, 'raw'>, now = Date.now()): Trouble | undefined {
    const [worst] = (raw.pendingActivities ?? []).filter(({ lastFailure }) => lastFailure).sort(byWeight);
    if (!worst?.lastFailure) return undefined;
    if (worst.state === SCHEDULED) this.#waitedAt = now;
    const ofWorker = troubleOfWorker(worst.lastFailure);
    // a worker that takes it on is the end of such a trouble; another may only be about to come back
    const patienceMs = ofWorker ? 0 : FAILS_WITHIN_MS;
    if (worst.state !== SCHEDULED && now - this.#waitedAt >= patienceMs) return undefined;
    return {
      reason: ofWorker ?? worst.lastFailure.message ?? '',
      tries: (worst.attempt ?? 1) - 1,
      mostTries: worst.maximumAttempts ?? 0,
    };
  }
}

/** What waits comes before what is tried just now and may get on. */
function byWeight(a: Pending, b: Pending): number {
  const waits = ({ state }: Pending) => (state === SCHEDULED ? 1 : 0);
  return waits(b) - waits(a) || (b.attempt ?? 0) - (a.attempt ?? 0);
}

/** What became of the worker, when it was that and not the work. Source: what Temporal's server and SDK report. */
function troubleOfWorker({ timeoutFailureInfo, applicationFailureInfo }: Failure): string | undefined {
  if (timeoutFailureInfo?.timeoutType === HEARTBEAT) return 'The worker that was at it has fallen silent.';
  return applicationFailureInfo?.type === 'WorkerShutdown'
    ? 'The worker that was at it was stopped.'
    : undefined;
}

/** A trouble as it changes from try to try. */
export function describeTrouble({ reason, tries, mostTries }: Trouble): string {
  return `${reason} Tries so far: ${tries}${mostTries > 0 ? ` of ${mostTries}` : ''}.`;
}
