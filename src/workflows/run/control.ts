/** What people can do to a running migration: the messages, and steps that obey them. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  log,
  setHandler,
} from '@temporalio/workflow';
import {
  type Decision,
  type Parsed,
  parseNote,
  parseThrottle,
  queries,
  type RequestName,
  requests,
} from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { type TransferReport, transferReport } from '../../core/run/activity-report.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import type { RunState } from './run-state.ts';

/** What is controlled. */
type AnyState = RunState<string, RunProgress>;

/** Thrown into the runbook when somebody aborts. */
export class Aborted extends Error {}

/** Why a request is refused now; undefined when it is allowed. */
export type Refusal = (request: RequestName) => string | undefined;

/** Lets people steer a run, and the runbook obey. */
export class Control {
  readonly #state: AnyState;
  readonly #refusal: Refusal;
  #step: CancellationScope | undefined;
  #abortion: Decision | undefined;
  /** Whether the step in work was canceled to begin again: after a pause, or with a new limit. */
  #again = false;
  /** What a pause stops besides the step in work; it must be safe to cancel. */
  alsoPause: () => Promise<void> = () => Promise.resolve();

  /** To be made before anything is awaited: what is sent to a run without handlers is lost or refused. */
  constructor(state: AnyState, refusal: Refusal) {
    this.#state = state;
    this.#refusal = refusal;
    setHandler(defineQuery(queries.progress), () => state.progress, {
      description: 'Phase, how far it is, and what is waited for',
    });
    setHandler(defineQuery(queries.report), () => state.report(), {
      description: 'The report so far: input, timings, counts, what was found',
    });
    setHandler(defineSignal<[TransferReport]>(transferReport), (report) => state.transferred(report), {
      description: 'Internal: activities report how far they are',
    });
    this.listen(requests.pause, parseNote, 'Stop all work until resumed: {"by","note"}', (decision) => {
      state.pause(decision);
      this.#again = true;
      this.#step?.cancel();
    });
    this.listen(requests.resume, parseNote, 'Go on after a pause: {"by","note"}', (decision) =>
      state.resume(decision),
    );
    this.listen(
      requests.throttle,
      parseThrottle,
      'Limit the speed of the copy, or lift the limit with null: {"by","note","maxItemsPerSecond"}',
      (throttle) => {
        state.throttle(throttle);
        if (!state.limited || state.progress.paused) return;
        this.#again = true;
        this.#step?.cancel();
      },
    );
    this.listen(requests.abort, parseNote, 'End before it is done: {"by","note"}', (decision) => {
      this.#abortion = decision;
      state.note(
        `Abort requested${decision.by && ` by ${decision.by}`}${decision.note && `: ${decision.note}`}`,
      );
      this.#step?.cancel();
    });
  }

  get aborting(): boolean {
    return this.#abortion !== undefined;
  }

  /** Who aborted, if somebody did. */
  get abortion(): Decision | undefined {
    return this.#abortion;
  }

  /**
   * Runs a step of the runbook. A pause cancels it and a resume starts it again, so does a throttle; so a step must
   * be safe to repeat. An abort cancels it for good.
   * @throws Aborted
   */
  async step<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.untilNotPaused();
      this.#again = false;
      const scope = new CancellationScope();
      this.#step = scope;
      try {
        const result = await scope.run(work);
        this.throwIfAborted();
        return result;
      } catch (error) {
        // not whether it is paused: by now it may have been resumed
        const asked = this.#abortion !== undefined || this.#again;
        if (!(isCancellation(error) && asked && scope.consideredCancelled)) throw error;
      } finally {
        this.#step = undefined;
      }
    }
  }

  /** Runs a step that cannot be paused, only aborted, within a time. Cancels it when the time is over. */
  async boundedStep<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
    this.throwIfAborted();
    const scope = new CancellationScope({ cancellable: true, timeout: milliseconds });
    this.#step = scope;
    try {
      return await scope.run(work);
    } finally {
      this.#step = undefined;
      this.throwIfAborted();
    }
  }

  /** Waits out a pause. @throws Aborted */
  async untilNotPaused(): Promise<void> {
    if (this.#state.progress.paused) {
      const scope = new CancellationScope();
      const stopped = scope.run(this.alsoPause).catch(() => undefined);
      await condition(() => !this.#state.progress.paused || this.#abortion !== undefined);
      scope.cancel();
      await stopped;
    }
    this.throwIfAborted();
  }

  throwIfAborted(): void {
    if (this.#abortion) throw new Aborted();
  }

  /** Registers a request as an update, which answers, and as a signal, which is heard without a worker too. */
  listen<T>(
    name: RequestName,
    parse: (name: RequestName, payload: unknown) => Parsed<T>,
    description: string,
    act: (payload: T) => void,
  ): void {
    const refusal = (payload: unknown): string | undefined => {
      const parsed = parse(name, payload);
      return parsed.ok ? this.#refusal(name) : parsed.problem;
    };
    const obey = (payload: unknown): void => {
      const parsed = parse(name, payload);
      if (parsed.ok) act(parsed.value);
    };
    setHandler(
      defineUpdate<{ phase: string }, [unknown]>(name),
      (payload) => {
        obey(payload);
        return { phase: this.#state.progress.phase };
      },
      {
        description,
        validator: (payload) => {
          const reason = refusal(payload);
          if (reason) throw ApplicationFailure.nonRetryable(reason, failures.refused);
        },
      },
    );
    setHandler(
      defineSignal<[unknown]>(name),
      (payload) => {
        const reason = refusal(payload);
        if (!reason) return obey(payload);
        log.warn('Signal refused', { signal: name, reason });
        this.#state.refuse(name, reason);
      },
      { description },
    );
  }
}
