/** How each kind of activity is tried, timed out and canceled. */
import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, LocalActivities } from '../../activities/index.ts';
import { durationMs } from '../../core/contract/duration.ts';
import { pieceTaskQueue } from '../../core/contract/task-queues.ts';
import { summaryOf } from './activity-summaries.ts';
import { tuning } from './tuning.ts';

/** Written out everywhere: Temporal's default goes on while the activity still writes. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

const heartbeatTimeout = tuning.heartbeatTimeoutMs;
const retry = { initialInterval: tuning.retryMs, maximumInterval: tuning.maxRetryMs };

/** Work that may take days: tried until it succeeds or fails for good, so that no outage ends a migration. */
const bulkOptions: ActivityOptions = {
  startToCloseTimeout: tuning.bulkTimeoutMs,
  heartbeatTimeout,
  retry,
  cancellationType,
};

/** Questions and small changes, whose time does not grow with the data: an attempt that takes longer is begun anew, for ever. */
const quickOptions: ActivityOptions = {
  startToCloseTimeout: tuning.quickTimeoutMs,
  heartbeatTimeout,
  retry,
  cancellationType,
};

/** What raises a fence, undoes it or switches: tried again soon, since nobody serves until it is done. */
const fencingOptions: ActivityOptions = {
  ...quickOptions,
  retry: { ...retry, maximumInterval: tuning.fenceMaxRetryMs },
};

/** A server that cannot be reached when a run starts is restarting, or at a wrong address: a minute tells which. */
const planOptions: ActivityOptions = {
  ...quickOptions,
  retry: { ...retry, maximumInterval: tuning.planMaxRetryMs, maximumAttempts: tuning.planAttempts },
};

/** Tidying up at the end: must not keep an ended migration open for ever. */
const closingOptions: ActivityOptions = { ...quickOptions, scheduleToCloseTimeout: tuning.closingMs };

/** Work that can be done without. */
const tryOptions: ActivityOptions = {
  ...bulkOptions,
  retry: { ...retry, maximumAttempts: tuning.optionalAttempts },
};

/** Programs of others: a few attempts, of which each has a timeout of its own. */
const hookOptions: ActivityOptions = {
  ...quickOptions,
  startToCloseTimeout: tuning.bulkTimeoutMs,
  retry: { ...retry, maximumAttempts: tuning.hookAttempts },
};

export const planning = activitiesBy(planOptions);
export const quick = activitiesBy(quickOptions);
export const fencing = activitiesBy(fencingOptions);
export const closing = activitiesBy(closingOptions);
export const bulk = activitiesBy(bulkOptions);
export const trying = activitiesBy(tryOptions);
export const hooking = activitiesBy(hookOptions);

/** Each call with a line that says what it does. */
function activitiesBy(options: ActivityOptions): Activities {
  const proxies = proxyActivities<Record<keyof Activities, (input: unknown) => Promise<unknown>>>(options);
  const get = (_: unknown, name: keyof Activities) => (input: unknown) =>
    proxies[name].executeWithOptions({ summary: summaryOf(name, input) }, [input]);
  return new Proxy({}, { get }) as Activities;
}

/** What the worker answers within the task of the workflow; nothing is tried again, for nobody is to wait. */
export const local = proxyLocalActivities<LocalActivities>({
  startToCloseTimeout: tuning.localMs,
  retry: { maximumAttempts: 1 },
});

/** Activities on the one worker that holds a file; fails when that worker stays away for so long. */
export function onHost(taskQueue: string, goneAfter?: string) {
  const scheduleToStartTimeout = goneAfter === undefined ? tuning.hostGoneMs : durationMs(goneAfter);
  return activitiesBy({ ...bulkOptions, taskQueue, scheduleToStartTimeout });
}

/** Pieces of a copy have a queue of their own, from which each worker takes a few at a time. */
export function onPieceQueue() {
  return activitiesBy({ ...bulkOptions, taskQueue: pieceTaskQueue(workflowInfo().taskQueue) });
}
