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
    if (waits(worst)) this.#waitedAt = now;
    const ofWorker = troubleOfWorker(worst.lastFailure);
    // that another worker takes it on is the end of a worker's trouble; any other may be about to come back
    const mayFailAgain = !ofWorker && now - this.#waitedAt < FAILS_WITHIN_MS;
    if (!waits(worst) && !mayFailAgain) return undefined;
    return {
      reason: ofWorker ?? worst.lastFailure.message ?? '',
      tries: (worst.attempt ?? 1) - 1,
      mostTries: worst.maximumAttempts ?? 0,
    };
  }
}

function waits({ state }: Pending): boolean {
  return state === SCHEDULED;
}

/** What waits comes before what is tried just now and may get on. */
function byWeight(a: Pending, b: Pending): number {
  return Number(waits(b)) - Number(waits(a)) || (b.attempt ?? 0) - (a.attempt ?? 0);
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
