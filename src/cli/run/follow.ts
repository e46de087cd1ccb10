/** Following a run to its end, whatever restarts meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { queries, type WorkflowType, workflowTypes } from '../../core/contract/contract.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import type { PhaseTiming } from '../../core/run/report.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { type Ending, readEnding } from './ending.ts';
import { ask, explainSilence, isPolled, noWorkerPolls, type Temporal } from './temporal.ts';
import { type Trouble, TroubleWatch } from './trouble.ts';
import { tuning } from './tuning.ts';

/** What is known of a run at a moment. */
export interface Watched {
  workflowId: string;
  taskQueue: string;
  /** The last answer of the worker, if there was one yet. */
  progress: RunProgress | undefined;
  /** The phases so far, as of the last change of phase. */
  timings: PhaseTiming[];
  /** What failed and is tried again. */
  trouble: Trouble | undefined;
  /** Why there has been no answer for some time. */
  silence: string | undefined;
}

/**
 * Finds a workflow and pins the run, so that a later one of the same id is not taken for it.
 * @throws CliError when there is none
 */
export async function findWorkflow(
  temporal: Temporal,
  workflowId: string,
): Promise<{ handle: WorkflowHandle; description: WorkflowExecutionDescription }> {
  const { client, namespace, address } = temporal;
  try {
    const description = await ask(temporal, () => client.workflow.getHandle(workflowId).describe());
    return { handle: client.workflow.getHandle(workflowId, description.runId), description };
  } catch (error) {
    if ((error as Error).name !== 'WorkflowNotFoundError') throw error;
    const message = `There is no workflow "${workflowId}" in namespace "${namespace}" of Temporal at ${address}.`;
    throw new CliError(message, 'To see what there is: temporal workflow list', exitCodes.unreachable);
  }
}

/** The type of a workflow. @throws CliError when it is not one of ours */
export function workflowTypeOf(type: string, workflowId: string): WorkflowType {
  if (type in workflowTypes) return type as WorkflowType;
  const message = `Workflow "${workflowId}" is of the type ${type}, which is not a Shardlift workflow.`;
  throw new CliError(message, undefined, exitCodes.usage);
}

/**
 * Polls a run until it has ended. `onState` gets every state; the next poll waits for it.
 * @throws the reason of the signal, once that is aborted
 */
export async function follow(
  temporal: Temporal,
  target: { handle: WorkflowHandle; taskQueue: string },
  options: { signal: AbortSignal; onState: (state: Watched) => Promise<void> | void },
): Promise<Ending> {
  const { handle, taskQueue } = target;
  const { signal, onState } = options;
  const poll = new Poll(temporal, handle, taskQueue, signal);
  await onState(poll.state);
  for (;;) {
    const runs = await poll.once();
    signal.throwIfAborted();
    await onState(poll.state);
    const ending = runs ? undefined : await readEnding(temporal, poll.handle, { taskQueue, signal });
    if (ending) return ending;
    await sleep(tuning.followMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Polls a run, and keeps what is known of it. */
class Poll {
  readonly state: Watched;
  readonly #temporal: Temporal;
  #handle: WorkflowHandle;
  readonly #signal: AbortSignal;
  readonly #troubles = new TroubleWatch();
  #answeredAt = Date.now();
  #patienceMs = tuning.patienceMs;
  #timingsOf = '';

  constructor(temporal: Temporal, handle: WorkflowHandle, taskQueue: string, signal: AbortSignal) {
    this.#temporal = temporal;
    this.#handle = handle;
    this.#signal = signal;
    const { workflowId } = handle;
    this.state = {
      workflowId,
      taskQueue,
      progress: undefined,
      timings: [],
      trouble: undefined,
      silence: undefined,
    };
  }

  /** The run that is followed, which may be one that goes on with the first. */
  get handle(): WorkflowHandle {
    return this.#handle;
  }

  /** Whether the workflow still runs. */
  async once(): Promise<boolean> {
    const runs = await this.#runs();
    // queried afterwards: if it no longer runs, this is how it ended
    const silence = await this.#look();
    this.state.silence = runs ? silence : undefined;
    return runs;
  }

  /** Asks Temporal, which also knows of failing activities. @returns whether the workflow still runs */
  async #runs(): Promise<boolean> {
    try {
      const description = await this.#describe();
      this.state.trouble = this.#troubles.look(description);
      const { name } = description.status;
      return name === 'RUNNING' || name === 'PAUSED';
    } catch (error) {
      if ((error as Error).name !== 'WorkflowNotFoundError') return true;
      const message = `Temporal no longer knows the workflow "${this.state.workflowId}".`;
      const hint = 'A development server without --db-filename forgets everything when it restarts.';
      throw new CliError(message, hint, exitCodes.unreachable);
    }
  }

  /** Goes on with the run that goes on with this one. */
  async #describe(): Promise<WorkflowExecutionDescription> {
    const description = await ask(this.#temporal, () => this.#handle.describe(), this.#signal);
    if (description.status.name !== 'CONTINUED_AS_NEW') return description;
    const { workflow } = this.#temporal.client;
    const { workflowId } = this.#handle;
    const last = await ask(this.#temporal, () => workflow.getHandle(workflowId).describe(), this.#signal);
    // another workflow may have the id by now
    if (firstRunOf(last) !== firstRunOf(description)) return description;
    this.#handle = workflow.getHandle(workflowId, last.runId);
    return last;
  }

  /** Queries the worker. @returns why it has not answered for some time */
  async #look(): Promise<string | undefined> {
    const { state } = this;
    // a worker that restarts is still known to Temporal; that there never was one is worth saying at once
    if (!state.progress && !(await this.#isServed())) return noWorkerPolls(state.taskQueue);
    try {
      const progress = await this.#query<RunProgress>(queries.progress);
      if (progress.since + progress.phase !== this.#timingsOf) {
        const { timings } = await this.#query<{ timings: PhaseTiming[] }>(queries.report);
        state.timings = timings;
        this.#timingsOf = progress.since + progress.phase;
      }
      state.progress = progress;
      this.#answeredAt = Date.now();
      this.#patienceMs = tuning.patienceMs;
      return undefined;
    } catch (error) {
      this.#patienceMs = Math.min(tuning.maxPatienceMs, this.#patienceMs * 2);
      if ((error as Error).name === 'QueryNotRegisteredError') {
        return `Workflow "${state.workflowId}" answers no query "${queries.progress}": it is not a Shardlift workflow.`;
      }
      if (Date.now() - this.#answeredAt < tuning.silenceMs) return undefined;
      return await explainSilence(this.#temporal, state.taskQueue);
    }
  }

  async #isServed(): Promise<boolean> {
    return await isPolled(this.#temporal, this.state.taskQueue).catch(() => true);
  }

  #query<T>(name: string): Promise<T> {
    const withinMs = this.#patienceMs;
    return ask(this.#temporal, () => this.#handle.query<T>(name), this.#signal, withinMs);
  }
}

/** The first of the runs that go on with one another. */
export function firstRunOf({ raw, runId }: WorkflowExecutionDescription): string {
  return raw.workflowExecutionInfo?.firstRunId || runId;
}
