/** The frame of every run, from plan to report: how it begins, what is undone at its end, and how it ends. */
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import type { DatabaseRef, TargetRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FinalPhase } from '../../core/contract/phases.ts';
import type { Parsed } from '../../core/contract/schemas.ts';
import type { Check } from '../../core/plan/check.ts';
import type { RunResult } from '../../core/run/results.ts';
import { nounOf } from '../../core/run/run-types.ts';
import { closing, trying } from './activity-proxies.ts';
import { Control, Ended, HistoryFull } from './control.ts';
import { failureType, rootCause, wasCanceled } from './failure.ts';
import type { RunState } from './run-state.ts';
import type { SavedState } from './saved-state.ts';

/** The value of an input. @throws ApplicationFailure that names every field at fault */
export function valid<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw ApplicationFailure.nonRetryable(parsed.problem, failures.invalidInput);
  return parsed.value;
}

/** A target as this workflow claims it. @param source absent when the target is filled from files */
export function claimOn(target: TargetRef, source?: DatabaseRef) {
  return { source, target, firstRunId: workflowInfo().firstExecutionRunId };
}

/** How the claim of this workflow on a target is given back. */
export function releaseOf(target: TargetRef): Undoing {
  return {
    orElse: 'The target is still claimed by this run',
    undo: () => closing.releaseTarget(claimOn(target)),
  };
}

/**
 * What a run hands to the one that goes on with it, as the second argument of its workflow type. A worker of a later version
 * reads it: fields may be added, and must be optional.
 */
export interface Continued<Runbook = unknown> {
  state: SavedState;
  leaves: string;
  /** What is to be undone at the end, the latest last. */
  undo: Undone[];
  /** Where the runbook stands. */
  runbook: Runbook;
}

/** What a run may have to undo at its end. */
type Undone =
  | 'claim'
  | 'tombstones'
  | 'target tombstones'
  | 'replication'
  | 'dump'
  | 'sample'
  | 'fence'
  | 'roll-back'
  | 'late writes';

interface Undoing {
  /** What is left behind when it cannot be undone. */
  orElse: string;
  undo: () => Promise<unknown>;
}

/** One run of any workflow type. */
export class Run<State extends RunState = RunState> {
  readonly state: State;
  readonly control: Control;
  /** What a person should know of the target when the run does not complete. */
  leaves: string;
  readonly #undoings = new Map<Undone, Undoing>();
  readonly #toUndo: Undone[];
  readonly #leftBehind: string[] = [];
  #continue: (() => Promise<never>) | undefined;

  /** @param continued of the run that this one goes on with */
  constructor(state: State, continued?: Pick<Continued, 'leaves' | 'undo'>) {
    this.state = state;
    this.control = new Control(state);
    this.leaves = continued?.leaves ?? '';
    this.#toUndo = [...(continued?.undo ?? [])];
  }

  /**
   * From here on the run goes on as a new one when its history is long: people who watch or steer it do not notice.
   * @param argument of the workflow
   * @param save tells where the runbook stands, whenever a step was canceled or is done
   */
  mayContinue(argument: unknown, save: () => unknown): void {
    this.#continue = () => {
      const { state, leaves } = this;
      state.attemptsOver();
      const continued: Continued = { state: state.save(), leaves, undo: this.#toUndo, runbook: save() };
      return continueAsNew(argument, continued);
    };
    this.control.mayContinue();
  }

  /** {@link Control.step} */
  step<T>(work: () => Promise<T>, options?: { obeysLimit: boolean }): Promise<T> {
    return this.control.step(work, options);
  }

  /** Takes the checks of a plan. @throws ApplicationFailure with every blocker among them */
  planned(checks: readonly Check[], notCarried: readonly string[] = []): void {
    this.state.planned(checks, notCarried);
    const blockers = checks.filter(({ status }) => status === 'blocker');
    if (blockers.length === 0) return;
    const reasons = blockers.map(({ message }) => message).join(' ');
    throw ApplicationFailure.nonRetryable(reasons, failures.planBlocked);
  }

  /** Says how something is undone. To be called by every run, also by one that goes on with another. */
  canUndo(what: Undone, undoing: Undoing): void {
    this.#undoings.set(what, undoing);
  }

  /**
   * Has something undone when the run ends, however it ends and in whichever run; the latest first. To be called before the
   * step that it undoes: that step may take effect although its answer is lost.
   */
  undoAtEnd(what: Undone): void {
    if (!this.#toUndo.includes(what)) this.#toUndo.push(what);
  }

  /** Leaves something as it is at the end, although {@link undoAtEnd} was called for it. */
  keep(what: Undone): void {
    const at = this.#toUndo.indexOf(what);
    if (at >= 0) this.#toUndo.splice(at, 1);
  }

  /**
   * Does the work, undoes what {@link undoAtEnd} says, and writes the report.
   * @throws ApplicationFailure with a stable type, or the cancellation, when the work did not complete
   */
  async toTheEnd<R extends object>(work: () => Promise<R>): Promise<R & RunResult> {
    this.control.takeSignals();
    let result: R;
    try {
      await this.state.showInLists();
      result = await work();
    } catch (error) {
      if (error instanceof HistoryFull && this.#continue) return await this.#continue();
      return await CancellationScope.nonCancellable(() => this.#giveUp(error));
    }
    return await CancellationScope.nonCancellable(() => this.#complete(result));
  }

  /** From here on the target may be in use: nothing that fails now may fail the run. */
  async #complete<R extends object>(result: R): Promise<R & RunResult> {
    this.state.enter('completing');
    await this.#undoAll();
    this.state.enter('completed');
    const reportPath = await this.#writeReport();
    return { ...result, phase: 'completed', workflowId: this.state.progress.workflowId, reportPath };
  }

  async #giveUp(error: unknown): Promise<never> {
    const { phase, type, reason } = this.#endOf(error);
    await this.#undoAll();
    this.state.failed([reason, this.leaves, ...this.#leftBehind].filter(Boolean).join(' '));
    this.state.enter(phase);
    const reportPath = await this.#writeReport();
    if (phase === 'canceled') throw new CancelledFailure(reason);
    throw ApplicationFailure.create({
      message: this.state.report().failure ?? reason,
      type,
      details: [{ reportPath }],
      nonRetryable: true,
      ...(error instanceof Error && { cause: error }),
    });
  }

  #endOf(error: unknown): { phase: FinalPhase; type: string; reason: string } {
    if (error instanceof Ended) return { phase: error.phase, type: error.type, reason: error.message };
    if (wasCanceled(error)) {
      const reason = `The ${nounOf[this.state.progress.workflowType]} was canceled.`;
      return { phase: 'canceled', type: failures.aborted, reason };
    }
    return {
      phase: 'failed',
      type: failureType(error) ?? failures.runFailed,
      reason: rootCause(error),
    };
  }

  async #undoAll(): Promise<void> {
    for (const what of this.#toUndo.toReversed()) {
      const undoing = this.#undoings.get(what);
      await undoing?.undo().catch((error) => this.#leaveBehind(`${undoing.orElse}: ${rootCause(error)}`));
    }
  }

  async #writeReport(): Promise<string | null> {
    try {
      return await trying.writeReport(this.state.report());
    } catch (error) {
      const { workflowId } = this.state.progress;
      this.#leaveBehind(
        `The report could not be written: ${rootCause(error)} It is in the answer of the query: ` +
          `temporal workflow query -w ${workflowId} --type report`,
      );
      return null;
    }
  }

  #leaveBehind(what: string): void {
    this.#leftBehind.push(what);
    this.state.note(what);
    this.state.attend('leftover', this.#leftBehind.join(' '));
  }
}
