/** One run of a workflow type, with activities of the test's own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  type WorkflowHandle,
  type WorkflowStartOptions,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { onTestFinished } from 'vitest';
import type { Activities } from '../../../src/activities/index.ts';
import { queries, type RequestName, type workflowTypes } from '../../../src/core/contract/contract.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { RunReport } from '../../../src/core/run/report.ts';
import { type ActivityName, type Asked, healthy } from './healthy.ts';
import type { Hold } from './hold.ts';
import { world } from './world.ts';

/** Each look costs the server and the worker a task: what takes long is looked at ever more rarely. */
const LOOK_EVERY_MS = 10;
const RARELY_MS = 50;
const PATIENCE_MS = 15_000;
/** An answer takes milliseconds. */
const LOST_AFTER_MS = 2_000;
const MOST_LOST = 5;
/** A run that calls for nothing for so long waits for something. */
const QUIET_MS = 120;
const ABORTED_WITHIN_MS = 500;
const ENDED_WITHIN_MS = 5_000;
/** This server fails a task of a workflow that cancels an activity while that ends. The next try comes after this. */
const TASK_TIMEOUT = '5s';

/** How a run begins. */
export interface StartOptions {
  /** What is not healthy. */
  activities?: Partial<Activities>;
  /** What is held; let go when the run is ended. */
  holds?: readonly Hold[];
  /** A signal that is there before the workflow begins. */
  signal?: { name: RequestName; payload: unknown };
  cronSchedule?: string;
  /** Whether the namespace knows the search attributes; by default not. */
  searchAttributes?: () => Promise<boolean>;
  /** The queue of its workflow, where it is not the one that has a worker. */
  taskQueue?: string;
  /** Whether the run outlives the test; then the file ends it. */
  shared?: boolean;
}

/** Starts a run. It is ended with the test. */
export async function start(
  type: keyof typeof workflowTypes,
  input: unknown,
  { activities: given = {}, holds = [], signal, cronSchedule, shared = false, ...others }: StartOptions = {},
): Promise<Run> {
  const { client, performers, searchAttributes, taskQueue: served } = await world();
  const { taskQueue = served } = others;
  const workflowId = `${type}-${randomUUID()}`;
  if (others.searchAttributes) searchAttributes.set(workflowId, others.searchAttributes);
  const activities = Object.assign({}, given, ...holds.map((each) => each.activities)) as Partial<Activities>;
  const calls: Call[] = [];
  performers.set(workflowId, async (name, asked) => {
    const { taskQueue: queue, currentAttemptScheduledTimestampMs: at } = activityInfo();
    calls.push({ name, asked, at, calledAt: Date.now(), queue: queue.replace(taskQueue, '') });
    const activity = (activities[name] ?? healthy[name]) as (asked: unknown) => Promise<unknown>;
    return await activity(asked);
  });
  const options: WorkflowStartOptions = {
    taskQueue,
    workflowTaskTimeout: TASK_TIMEOUT,
    workflowId,
    args: [input],
    ...(cronSchedule && { cronSchedule }),
  };
  await (signal
    ? client.workflow.signalWithStart(type, {
        ...options,
        signal: signal.name,
        signalArgs: [signal.payload],
      })
    : client.workflow.start(type, options));
  // not pinned to the first run
  const run = new Run(client.workflow.getHandle(workflowId), calls, holds);
  if (!shared) onTestFinished(() => run.end());
  return run;
}

/** An activity that was asked for; each try counts. */
export interface Call {
  name: ActivityName;
  asked: unknown;
  /** When it was scheduled, in milliseconds of the server's time. */
  at: number;
  /** When it began, in milliseconds of our time. */
  calledAt: number;
  /** What is added to the name of the task queue, where it is not the one of the workflow. */
  queue: string;
}

/** How a run failed. */
export interface Failure {
  type: string;
  message: string;
}

/** A started run. */
export class Run {
  readonly handle: WorkflowHandle;
  readonly #calls: Call[];
  readonly #holds: readonly Hold[];

  /** @param calls grows while the run goes on */
  constructor(handle: WorkflowHandle, calls: Call[], holds: readonly Hold[]) {
    this.handle = handle;
    this.#calls = calls;
    this.#holds = holds;
  }

  /** What an activity was asked, call by call. */
  asked<Name extends ActivityName>(name: Name): Asked<Name>[] {
    return this.#calls.filter((call) => call.name === name).map(({ asked }) => asked as Asked<Name>);
  }

  /** The queues on which an activity was asked for, call by call. */
  queues(name: ActivityName): string[] {
    return this.#calls.filter((call) => call.name === name).map(({ queue }) => queue);
  }

  /** When an activity was asked for, call by call, in milliseconds of the server's time. */
  times(name: ActivityName): number[] {
    return this.#calls.filter((call) => call.name === name).map(({ at }) => at);
  }

  /** The names of all activities that were asked for, in order. */
  get calls(): ActivityName[] {
    return this.#calls.map(({ name }) => name);
  }

  async progress(): Promise<RunProgress> {
    return await this.#query<RunProgress>(queries.progress);
  }

  async report(): Promise<RunReport> {
    return await this.#query<RunReport>(queries.report);
  }

  /** What somebody should look at. */
  async attention(): Promise<string | null> {
    return (await this.progress()).attention;
  }

  /** What was noted so far. */
  async notes(): Promise<string[]> {
    return (await this.report()).notes.map(({ text }) => text);
  }

  /** The page that Temporal's UI shows. */
  async page(): Promise<string> {
    const { currentDetails } = await this.#query<{ currentDetails: string }>('__temporal_workflow_metadata');
    return currentDetails;
  }

  /** This server loses a query that meets a run as it goes on in a new one. */
  async #query<T>(name: string): Promise<T> {
    const { client } = await world();
    const ask = () => this.handle.query<T>(name);
    for (let tries = 1; ; tries++) {
      try {
        return await client.withDeadline(Date.now() + LOST_AFTER_MS, ask);
      } catch (error) {
        const cause = error instanceof Error ? (error.cause ?? error) : error;
        // the server may hear of the deadline first: then it cancels the call
        const isLost = isGrpcDeadlineError(cause) || isGrpcCancelledError(cause);
        if (!isLost || tries === MOST_LOST) throw error;
      }
    }
  }

  /** The activities that are at work, or wait for a worker or for their next try. */
  async pending(): Promise<string[]> {
    const { raw } = await this.handle.describe();
    return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '');
  }

  /** Whether an activity has failed and waits for its next try: of one that is canceled as it fails, this server loses the cancel. */
  async isWaitingForRetry(name: ActivityName): Promise<boolean> {
    const { raw } = await this.handle.describe();
    const pending = raw.pendingActivities ?? [];
    return pending.some(({ activityType, attempt }) => activityType?.name === name && (attempt ?? 1) > 1);
  }

  /** How many events its history has. */
  async events(): Promise<number> {
    return (await this.handle.fetchHistory()).events?.length ?? 0;
  }

  /** Waits until something holds. */
  async until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let pauseMs = LOOK_EVERY_MS; !(await holds()); pauseMs = Math.min(pauseMs * 1.3, RARELY_MS)) {
      if (Date.now() > deadline) {
        const it = await this.progress().catch((error: Error) => ({
          phase: 'silent',
          attention: error.message,
        }));
        throw new Error(`waited in vain until ${what}; it is ${it.phase}: ${it.attention}`);
      }
      await sleep(pauseMs);
    }
  }

  /** Waits until the run is in a phase. */
  async reaches(phase: string): Promise<RunProgress> {
    let progress: RunProgress | undefined;
    await this.until(`it is ${phase}`, async () => {
      progress = await this.progress();
      return progress.phase === phase;
    });
    return progress as RunProgress;
  }

  /** Waits until an activity was asked for so many times. */
  async calledFor(name: ActivityName, times = 1): Promise<void> {
    await this.until(`${name} is called for the ${times}. time`, () => this.asked(name).length >= times);
  }

  /** Sends a request as an update. */
  async request(name: RequestName, payload: unknown = { by: 'ann' }): Promise<void> {
    await this.handle.executeUpdate(name, { args: [payload] });
  }

  /** Sends a request as an update that must be refused. @returns the reason */
  async refusalOf(name: RequestName, payload: unknown = { by: 'ann' }): Promise<string> {
    try {
      await this.request(name, payload);
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) return error.cause?.message ?? '';
      throw error;
    }
    throw new Error(`${name} was taken`);
  }

  /** Sends a request as a signal. */
  async signal(name: RequestName, payload: unknown = { by: 'ann' }): Promise<void> {
    await this.handle.signal(name, payload);
  }

  /** What it returns. */
  async result<T>(): Promise<T> {
    return (await this.handle.result()) as T;
  }

  /** How it failed. */
  async failure(): Promise<Failure> {
    try {
      await this.handle.result();
    } catch (error) {
      const { cause } = error as { cause?: { type?: string; message: string } };
      return { type: cause?.type ?? '', message: cause?.message ?? String(error) };
    }
    throw new Error('it completed');
  }

  /** Waits until it has ended, in a state of Temporal. */
  async ends(state: string): Promise<void> {
    await this.handle.result().catch(() => undefined);
    const { status } = await this.handle.describe();
    if (status.name !== state) throw new Error(`it has ended as ${status.name}`);
  }

  /** The reports that it has left, run by run of a schedule. */
  get reports(): RunReport[] {
    return this.asked('writeReport').map((report) => report as unknown as RunReport);
  }

  /** The report that it has left. */
  get left(): RunReport {
    const report = this.reports.at(-1);
    if (!report) throw new Error('it has left no report');
    return report;
  }

  /**
   * Ends it, whatever it does. Not by force where it can be helped, and not while an activity ends: of both this server
   * keeps a lock on its clock.
   */
  async end(): Promise<void> {
    const { status } = await this.handle.describe();
    if (status.name !== 'RUNNING') return;
    while (Date.now() - this.#calledAt() < QUIET_MS && !(await this.#waits())) await sleep(LOOK_EVERY_MS);
    await this.signal('abort', {}).catch(() => undefined);
    // the target of some serves already
    await this.signal('complete').catch(() => undefined);
    if (await this.#hasEnded(ABORTED_WITHIN_MS)) return;
    for (const each of this.#holds) each.release();
    if (!(await this.#hasEnded(ENDED_WITHIN_MS))) await this.handle.terminate();
  }

  /** Whether it has nothing to do until somebody lets go what is held, asks for something, or time passes. */
  async #waits(): Promise<boolean> {
    const calls = this.#calls.length;
    // it answers after what it has to do first; where it goes on in a new run, nobody does
    const answered = this.handle.query(queries.progress).catch(() => undefined);
    await Promise.race([answered, sleep(QUIET_MS)]);
    const held = new Set(
      this.#holds.filter((each) => each.held > 0).flatMap((each) => Object.keys(each.activities)),
    );
    const pending = await this.pending();
    return this.#calls.length === calls && pending.every((name) => held.has(name));
  }

  #calledAt(): number {
    return this.#calls.at(-1)?.calledAt ?? 0;
  }

  async #hasEnded(withinMs: number): Promise<boolean> {
    const ended = this.handle.result().then(
      () => true,
      () => true,
    );
    return await Promise.race([ended, sleep(withinMs, false)]);
  }
}
