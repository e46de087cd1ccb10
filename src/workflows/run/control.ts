/** What people can do to a running workflow: the messages, and steps that obey them. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type Approval,
  type Decision,
  handlerTexts,
  type Parsed,
  parseApproval,
  parseDecision,
  parseNote,
  parseRehearsal,
  parseRepair,
  parseThrottle,
  queries,
  type RehearsalRequest,
  type RepairRequest,
  type RequestName,
  requests,
} from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FinalPhase } from '../../core/contract/phases.ts';
import { type TransferReport, transferReport } from '../../core/run/activity-report.ts';
import { notTaken, refusalOf } from '../../core/run/refusals.ts';
import { allowedIn, nounOf } from '../../core/run/run-types.ts';
import { wasCanceled } from './failure.ts';
import type { RunState } from './run-state.ts';
import { tuning } from './tuning.ts';

/** Thrown into the runbook when somebody ends the run before it is done. */
export class Ended extends Error {
  readonly phase: FinalPhase;
  /** One of {@link failures}. */
  readonly type: string;

  constructor(phase: FinalPhase, type: string, what: string, { by, note }: Decision) {
    super(`${what}${by && ` by ${by}`}${note && `: ${note}`}.`);
    this.phase = phase;
    this.type = type;
  }
}

/** Thrown into the runbook when the history is long enough, and the run is to go on as a new one. */
export class HistoryFull extends Error {
  constructor() {
    super('The run goes on as a new one.');
  }
}

/** Lets people steer a run, and the runbook obey. */
export class Control {
  readonly #state: RunState;
  readonly #signals = new Map<string, { obey: (payload: unknown) => void; description: string }>();
  #step: { scope: CancellationScope; obeysLimit: boolean; isBounded?: boolean } | undefined;
  #mayContinue = false;
  #isFull = false;
  #abortion: Decision | undefined;
  /** Whether the running step was canceled in order to start again: after a pause, or with a new limit. */
  #again = false;
  /** What a pause stops besides the running step; it must be safe to cancel. */
  alsoPause: () => Promise<void> = () => Promise.resolve();
  /** What ends a pause besides a resume: a decision that ends the run. */
  endsPause: () => boolean = () => false;

  /** To be made before anything is awaited: what is sent to a run without handlers is lost or refused. */
  constructor(state: RunState) {
    this.#state = state;
    setHandler(defineQuery(queries.progress), () => state.progress, { description: handlerTexts.progress });
    setHandler(defineQuery(queries.report), () => state.report(), { description: handlerTexts.report });
    this.#signals.set(transferReport, {
      obey: (report) => state.transferred(report as TransferReport),
      description: 'Internal: activities report their progress',
    });
    this.#listen(requests.pause, parseNote, (decision) => {
      state.pause(decision);
      this.#restart();
    });
    this.#listen(requests.resume, parseNote, (decision) => state.resume(decision));
    this.#listen(requests.throttle, parseThrottle, (throttle) => {
      state.throttle(throttle);
      if (this.#step?.obeysLimit && !state.progress.paused) this.#restart();
    });
    this.#listen(requests.skip, parseDecision, (decision) => state.skip(decision));
    this.#listen(requests.abort, parseNote, (decision) => {
      this.#abortion = decision;
      const { by, note } = decision;
      state.note(`Abort requested${by && ` by ${by}`}${note && `: ${note}`}`);
      this.#step?.scope.cancel();
    });
  }

  /** Takes requests for a repair. */
  listenForRepairs(state: { askRepair(request: RepairRequest): void }): void {
    this.#listen(requests.repair, parseRepair, (request) => state.askRepair(request));
  }

  /** Takes the decisions on a cutover. */
  listenForDecisions(state: {
    approve(by: Approval): void;
    reject(by: Decision): void;
    askRehearsal(request: RehearsalRequest): void;
    complete(by: Decision): void;
    askRollBack(by: Decision): void;
  }): void {
    this.#listen(requests.complete, parseDecision, (decision) => state.complete(decision));
    this.#listen(requests.rollBack, parseDecision, (decision) => state.askRollBack(decision));
    this.#listen(requests.rehearse, parseRehearsal, (request) => state.askRehearsal(request));
    this.#listen(requests.approve, parseApproval, (approval) => state.approve(approval));
    this.#listen(requests.reject, parseDecision, (decision) => state.reject(decision));
  }

  /** Takes signals, and notes those of other names as refused. To be called last: it also gets those that came before. */
  takeSignals(): void {
    // first one handler for all: by handlers of each name, what came before would be taken name by name
    setDefaultSignalHandler((name, payload) => {
      this.#look();
      const signal = this.#signals.get(name);
      if (signal) signal.obey(payload);
      else this.#refuse(name, notTaken(name, this.#state.progress.workflowType));
    });
    for (const [name, { obey, description }] of this.#signals) {
      const take = (payload: unknown): void => {
        this.#look();
        obey(payload);
      };
      setHandler(defineSignal<[unknown]>(name), take, { description });
    }
  }

  get aborting(): boolean {
    return this.#abortion !== undefined;
  }

  /** Whether the runbook is to come to rest, for the run to go on as a new one. Safe to be waited for. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Looks how long the history is. To be called for what is in the history alone: an update that is refused is not, so a
   * replay does not know of it, yet the history is longer when it comes, and all that is waited for is looked at.
   */
  #look(): void {
    this.#isFull ||= this.#isFullTo(1);
  }

  /** @param share of a long history */
  #isFullTo(share: number): boolean {
    const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
    const events = historyLength / tuning.continueAfterEvents;
    const bytes = historySize / tuning.continueAfterBytes;
    return this.#mayContinue && (Math.max(events, bytes) >= share || continueAsNewSuggested);
  }

  /** From here on {@link HistoryFull} is thrown when the history is long enough; a step that goes on for long is canceled. */
  mayContinue(): void {
    this.#mayContinue = true;
    this.#look();
    const rest = async () => {
      await condition(() => this.isFull);
      await condition(() => this.#step === undefined, tuning.restMs, { summary: 'Goes on as a new run' });
      this.#restart();
    };
    // a canceled workflow ends anyway
    rest().catch(() => undefined);
  }

  /** To be called between two parts of a step. @throws HistoryFull */
  throwIfFull(): void {
    this.#look();
    if (this.isFull) throw new HistoryFull();
  }

  /** To be called before work that is not interrupted by a long history. @throws HistoryFull when three quarters of one are used up */
  makeRoom(): void {
    if (this.#isFullTo(3 / 4)) throw new HistoryFull();
  }

  /**
   * Runs a step of the runbook. A pause cancels it and a resume starts it again, so a step must be safe to repeat. An abort
   * cancels it for good, and so does a long history.
   * @param options.obeysLimit whether a new limit of speed starts it again, too
   * @throws Ended, HistoryFull
   */
  async step<T>(work: () => Promise<T>, { obeysLimit = false } = {}): Promise<T> {
    for (;;) {
      await this.untilNotPaused();
      this.#again = false;
      const scope = new CancellationScope();
      this.#step = { scope, obeysLimit };
      try {
        const result = await scope.run(work);
        this.#look();
        this.#state.attemptsOver();
        this.throwIfAborted();
        return result;
      } catch (error) {
        // not whether it is paused: by now it may have been resumed
        const asked = this.aborting || this.#again;
        if (!(wasCanceled(error) && asked && scope.consideredCancelled)) throw error;
      } finally {
        this.#step = undefined;
      }
    }
  }

  /**
   * Runs a step that cannot be paused, only aborted, within a time. Cancels it when the time is over.
   * @param summary what the time is, for the timeline
   */
  async boundedStep<T>(milliseconds: number, summary: string, work: () => Promise<T>): Promise<T> {
    this.throwIfAborted();
    const scope = new CancellationScope();
    const clock = new CancellationScope();
    const isOver = clock.run(() => sleep(milliseconds, { summary }));
    isOver.then(
      () => scope.cancel(),
      () => undefined,
    );
    this.#step = { scope, obeysLimit: false, isBounded: true };
    try {
      return await scope.run(work);
    } finally {
      clock.cancel();
      this.#step = undefined;
      this.throwIfAborted();
    }
  }

  /** Waits out a pause. @throws Ended, HistoryFull */
  async untilNotPaused(): Promise<void> {
    if (this.#state.progress.paused) {
      const scope = new CancellationScope();
      const stopped = scope.run(this.alsoPause).catch(() => undefined);
      await condition(() => !this.#state.progress.paused || this.aborting || this.isFull || this.endsPause());
      scope.cancel();
      await stopped;
    }
    this.throwIfAborted();
    this.throwIfFull();
  }

  /** From here on it is too late: an abort that came in the last moment counts for nothing. */
  ignoreAbort(): void {
    this.#abortion = undefined;
  }

  /** @throws Ended */
  throwIfAborted(): void {
    if (!this.#abortion) return;
    const what = `The ${nounOf[this.#state.progress.workflowType]} was aborted`;
    throw new Ended('aborted', failures.aborted, what, this.#abortion);
  }

  #refuse(signal: string, reason: string): void {
    log.warn('Signal refused', { signal, reason });
    this.#state.refuse(signal, reason);
  }

  #restart(): void {
    if (this.#step?.isBounded) return;
    this.#again = true;
    this.#step?.scope.cancel();
  }

  /**
   * Registers a request that the workflow type takes, as an update, which answers, and as a signal, which is kept when no
   * worker is there.
   */
  #listen<T extends Decision>(
    name: RequestName,
    parse: (name: RequestName, payload: unknown) => Parsed<T>,
    act: (payload: T) => void,
  ): void {
    if (!allowedIn[this.#state.progress.workflowType][name]) return;
    const description = handlerTexts[name];
    const refusal = (payload: unknown): string | undefined => {
      const parsed = parse(name, payload);
      return parsed.ok ? refusalOf(name, this.#state.progress, parsed.value) : parsed.problem;
    };
    const obey = (payload: unknown): void => {
      const parsed = parse(name, payload);
      if (parsed.ok) act(parsed.value);
    };
    setHandler(
      defineUpdate<{ phase: string }, [unknown]>(name),
      (payload) => {
        this.#look();
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
    this.#signals.set(name, {
      obey: (payload) => {
        const reason = refusal(payload);
        if (reason) this.#refuse(name, reason);
        else obey(payload);
      },
      description,
    });
  }
}
