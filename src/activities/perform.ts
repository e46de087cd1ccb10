/** What every activity stands on: its connections, its heartbeat, and how its errors reach the workflow. */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Config } from '../config/config.ts';
import { OF_OUR_TYPES, RUNNING } from '../core/contract/temporal.ts';
import { defaultWorkflowTuning } from '../core/contract/tuning.ts';
import { reportIntervalMs, transferReport } from '../core/run/activity-report.ts';
import type { Mutex } from '../engine/work/one-at-a-time.ts';
import type { Work } from '../engine/work/work.ts';
import type { Connections } from '../ravendb/connection/connection.ts';
import { Database } from '../ravendb/connection/database.ts';
import { RavenError } from '../ravendb/connection/errors.ts';
import { FileError } from '../stores/errors.ts';
import { ProgressReporter } from './progress-reporter.ts';
import { TemporalLiveness } from './temporal-contact.ts';
import { WorkWatch } from './work-watch.ts';

/** How many times as long as a first attempt a later one waits for an answer, at most. */
const MOST_PATIENCE = 4;

/** What the worker hands to its activities. */
export interface Environment {
  connections: Connections;
  config: Config;
}

/**
 * Runs an activity's work: heartbeats while it runs, and turns every error into a failure that is retried or not.
 * The one place where errors are classified for Temporal.
 */
export async function perform<T>(
  { connections, config }: Environment,
  task: (work: Work) => Promise<T>,
  turns?: Mutex,
): Promise<T> {
  const context = Context.current();
  const { tuning } = config;
  const { info } = context;
  let details: unknown = info.heartbeatDetails;
  const workflowId = info.workflowExecution?.workflowId ?? '';
  const startedAt = Date.now();
  const reporter = new ProgressReporter(async (report) => {
    try {
      const handle = context.client.workflow.getHandle(workflowId, info.workflowExecution?.runId);
      const send = () => handle.signal(transferReport, { activity: info.activityId, ...report });
      // the activity waits for it before it ends
      await context.client.withDeadline(Date.now() + tuning.activity.contactWithinMs, send);
    } catch (error) {
      // the figures are a courtesy; the work goes on without
      context.log.debug('Progress was not delivered', { error });
    }
  });
  const contact = new TemporalLiveness(context.client, tuning.activity);
  // a server that is slow under what an attempt asks of it gets more time from the next one
  const patience = Math.min(MOST_PATIENCE, info.attempt);
  const watch = new WorkWatch(tuning.activity.stillMs * patience);
  const use = { onMoved: watch.moved, patience };
  const signal = AbortSignal.any([context.cancellationSignal, contact.lost, watch.stuck]);
  const beat = setInterval(() => {
    context.heartbeat(details);
    contact.check();
    watch.check();
    const goesOn = details !== undefined;
    reporter.sendIfDue(reportIntervalMs(Date.now() - startedAt, goesOn, tuning.activity));
  }, tuning.activity.heartbeatMs);
  context.heartbeat(details);

  try {
    const work: Work = {
      config,
      tuning,
      database: (ref) => new Database(connections.get(ref.connection).within(signal, use), ref.database),
      signal,
      get canceledByWorkflow() {
        return context.cancellationDetails?.cancelRequested ?? false;
      },
      attempt: info.attempt,
      workflowId,
      isRunning: (id, firstRunId) => isRunning(context.client, id, firstRunId),
      openWorkflows: () => openWorkflows(context.client),
      lastHeartbeat: info.heartbeatDetails,
      heartbeat: (next) => {
        watch.moved();
        details = next;
        context.heartbeat(details);
      },
      report: (report) => {
        watch.moved();
        reporter.add(report);
      },
    };
    const begin = () => {
      watch.moved();
      return task(work);
    };
    const working = turns ? turns.take(signal, begin) : begin();
    const result = await endingWithin(tuning.activity.endWithinMs, signal, working);
    // else a late report would put the workflow back to where the activity was before its result
    await reporter.flush();
    return result;
  } catch (error) {
    context.heartbeat(details);
    await reporter.arrived();
    if (context.cancellationSignal.aborted) throw await context.cancelled.catch((reason) => reason);
    const hasMoved = JSON.stringify(details) !== JSON.stringify(info.heartbeatDetails);
    const ended = [contact.lost, watch.stuck].find(({ aborted }) => aborted);
    const failure = toFailure(ended ? ended.reason : error, hasMoved);
    const { attempt: attempts, activityType: what } = info;
    if (!contact.lost.aborted && isTriedAgain(failure) && isWorthTelling(attempts)) {
      reporter.add({ failing: { what, attempts, reason: failure.message } });
      await reporter.flush();
    }
    throw failure;
  } finally {
    clearInterval(beat);
  }
}

/**
 * Work that was told to stop and does not end must not keep its workflow for ever. Its requests have ended with the signal,
 * so that it writes nothing any more.
 */
async function endingWithin<T>(ms: number, signal: AbortSignal, working: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    const wait = () => {
      timer = setTimeout(() => reject(signal.reason), ms);
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
  working.catch(() => undefined);
  try {
    return await Promise.race([working, overdue]);
  } finally {
    clearTimeout(timer);
  }
}

async function openWorkflows({ workflow }: Context['client']): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of workflow.list({ query: `${RUNNING} AND ${OF_OUR_TYPES}` }))
    ids.push(workflowId);
  return ids;
}

async function isRunning(
  client: Context['client'],
  workflowId: string,
  firstRunId: string,
): Promise<boolean> {
  try {
    const { status, runId, raw } = await client.workflow.getHandle(workflowId).describe();
    const isOpen = status.name === 'RUNNING' || status.name === 'PAUSED';
    const first = raw.workflowExecutionInfo?.firstRunId || runId;
    return isOpen && first === firstRunId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

function isTriedAgain(failure: unknown): failure is ApplicationFailure {
  return failure instanceof ApplicationFailure && !failure.nonRetryable;
}

/** One or two failures are an outage that passes; after that each telling waits for twice as many. */
function isWorthTelling(attempts: number): boolean {
  return attempts >= 4 && Number.isInteger(Math.log2(attempts));
}

/** @param hasMoved whether the attempt got on: then the next one need not wait as if it had not */
function toFailure(error: unknown, hasMoved: boolean): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const next = hasMoved ? { nextRetryDelay: defaultWorkflowTuning.retryMs } : {};
  if (error instanceof RavenError || error instanceof FileError) {
    return ApplicationFailure.create({
      ...next,
      message: error.message,
      type: error.kind,
      nonRetryable: !error.retryable,
    });
  }
  // a bug, or the worker's own disk: another try or another worker may do better
  const { message, name } = error instanceof Error ? error : { message: String(error), name: 'Error' };
  return ApplicationFailure.create({ ...next, message, type: name });
}
