/** What holds a run up, as far as Temporal knows: the activities that failed and are tried again. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { tuning } from './tuning.ts';

/** An activity of a run that has failed and is tried again. */
export interface Trouble {
  /** Why it failed, in a sentence. */
  reason: string;
  /** How often it failed so far. */
  tries: number;
  /** It is given up after so many tries; 0 when it is tried for ever. */
  mostTries: number;
}

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];
type Failure = NonNullable<Pending['lastFailure']>;

/** `PENDING_ACTIVITY_STATE_SCHEDULED` of Temporal's API: not running, but waiting for a worker or for its next try. */
const SCHEDULED = 1;
/** `TIMEOUT_TYPE_HEARTBEAT` of Temporal's API. */
const HEARTBEAT = 4;

/** Watches a run for failing activities. */
export class TroubleWatch {
  #waitedAt = 0;

  /**
   * The activity that failed most often, while it waits for its next try, and at the beginning of that try.
   * @param now milliseconds
   */
  look({ raw }: Pick<WorkflowExecutionDescription, 'raw'>, now = Date.now()): Trouble | undefined {
    const [worst] = (raw.pendingActivities ?? []).filter(({ lastFailure }) => lastFailure).sort(byWeight);
    if (!worst?.lastFailure) return undefined;
    if (waits(worst)) this.#waitedAt = now;
    const ofWorker = troubleOfWorker(worst.lastFailure);
    // trouble with a worker is over once another worker has started; any other trouble may come back
    const mayFailAgain = !ofWorker && now - this.#waitedAt < tuning.failsWithinMs;
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

/** What waits comes before what is being tried and may succeed. */
function byWeight(a: Pending, b: Pending): number {
  return Number(waits(b)) - Number(waits(a)) || (b.attempt ?? 0) - (a.attempt ?? 0);
}

/** What happened to the worker, when the worker failed and not the work. Source: what Temporal's server and SDK report. */
function troubleOfWorker({ timeoutFailureInfo, applicationFailureInfo }: Failure): string | undefined {
  if (timeoutFailureInfo?.timeoutType === HEARTBEAT)
    return 'The worker running this activity stopped sending heartbeats.';
  return applicationFailureInfo?.type === 'WorkerShutdown'
    ? 'The worker running this activity was shut down.'
    : undefined;
}

/** A trouble with the number of tries so far. */
export function describeTrouble({ reason, tries, mostTries }: Trouble): string {
  return `${reason} Tries so far: ${tries}${mostTries > 0 ? ` of ${mostTries}` : ''}.`;
}
