/** How each kind of activity is tried, timed out and canceled. */
import {
  ActivityCancellationType,
  type ActivityOptions,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { durationMs } from '../../core/contract/duration.ts';
import { pieceTaskQueue } from '../../core/contract/task-queues.ts';

/** Written out everywhere: Temporal's default goes on while the activity still writes. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** A worker that is gone is noticed after this; activities heartbeat every few seconds. */
const HEARTBEAT_TIMEOUT = '20s';

/** Work that may take days: tried until it succeeds or fails for good, so that no outage ends a migration. */
const bulkOptions: ActivityOptions = {
  startToCloseTimeout: '30 days',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  cancellationType,
};

/** Questions and small changes. */
const quickOptions: ActivityOptions = {
  startToCloseTimeout: '2m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  cancellationType,
};

/** A server that cannot be reached when a run starts is restarting, or at a wrong address: a minute tells which. */
const planOptions: ActivityOptions = {
  ...quickOptions,
  retry: { initialInterval: '1s', maximumInterval: '5s', maximumAttempts: 15 },
};

/** Tidying up at the end: must not keep an ended migration open for ever. */
const closingOptions: ActivityOptions = { ...quickOptions, scheduleToCloseTimeout: '1 day' };

/** Work that can be done without. */
const tryOptions: ActivityOptions = {
  ...bulkOptions,
  retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 5 },
};

export const planning = proxyActivities<Activities>(planOptions);
export const quick = proxyActivities<Activities>(quickOptions);
export const closing = proxyActivities<Activities>(closingOptions);
export const bulk = proxyActivities<Activities>(bulkOptions);
export const trying = proxyActivities<Activities>(tryOptions);

/** Activities on the one worker that holds a file; fails when that worker stays away for so long. */
export function onHost(taskQueue: string, goneAfter = '5m') {
  const scheduleToStartTimeout = durationMs(goneAfter);
  return proxyActivities<Activities>({ ...bulkOptions, taskQueue, scheduleToStartTimeout });
}

/** Pieces of a copy have a queue of their own, from which each worker takes a few at a time. */
export function onPieceQueue() {
  return proxyActivities<Activities>({ ...bulkOptions, taskQueue: pieceTaskQueue(workflowInfo().taskQueue) });
}
