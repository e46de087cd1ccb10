/** How a cutover, and a rehearsal of it, freeze the source: as often as it takes, and never without a way back. */
import { CancellationScope } from '@temporalio/workflow';
import { durationMs } from '../../core/contract/duration.ts';
import { failures } from '../../core/contract/failures.ts';
import { Ended, HistoryFull } from '../run/control.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { failureType, rootCause, wasCanceled } from '../run/failure.ts';
import type { Run } from '../run/run.ts';

/** Each costs an outage of a moment. */
const MOST_TRIES = 5;

const ALWAYS_MOVES =
  'Compare exchange was changed each time that writers were kept out, by cluster-wide transactions.';

/** What is frozen for a while. */
export interface Freezable {
  /** What can be done before anybody has to wait. May be interrupted, and done again. */
  prepare(): Promise<void>;
  /** Lets writers in again. @returns false when it is too late: the other side serves */
  thaw(): Promise<boolean>;
}

/** Why a freeze did not last. */
export interface Undone {
  why: string;
  /** Type of the failure: with `NotReady` nothing was frozen. */
  type: string | undefined;
}

/** Works on what is frozen. */
export class Freezer {
  readonly #run: Run<CutoverState>;
  readonly #freezable: Freezable;
  #tries: number;

  /** @param tries how often it was frozen in vain by the run that this one goes on with */
  constructor(run: Run<CutoverState>, freezable: Freezable, tries = 0) {
    this.#run = run;
    this.#freezable = freezable;
    this.#tries = tries;
  }

  /** How often it was frozen in vain; for the run that goes on with this one. */
  get tries(): number {
    return this.#tries;
  }

  /**
   * Freezes and works; again at once, a few times, where cluster-wide transactions come in between.
   * @returns why it was undone, or did not begin; null when the work is done, and what is frozen stays so
   * @throws Ended, HistoryFull
   */
  async freeze(budget: string, work: () => Promise<void>): Promise<Undone | null> {
    for (; this.#tries < MOST_TRIES; this.#tries++) {
      this.#run.control.makeRoom();
      const undone = await this.#once(budget, work);
      if (undone?.type === failures.clusterItemsMoved) continue;
      this.#tries = 0;
      return undone;
    }
    this.#tries = 0;
    return { why: ALWAYS_MOVES, type: failures.clusterItemsMoved };
  }

  async #once(budget: string, work: () => Promise<void>): Promise<Undone | null> {
    const { state, control } = this.#run;
    try {
      await this.#freezable.prepare();
      await control.boundedStep(durationMs(budget), 'The downtime budget', work);
      return null;
    } catch (error) {
      const isThawed = await CancellationScope.nonCancellable(() => this.#freezable.thaw());
      if (!isThawed) {
        state.note('The other side serves: it was too late to let writers in again.');
        return null;
      }
      const isOver = error instanceof Ended || error instanceof HistoryFull;
      if (isOver || CancellationScope.current().consideredCancelled) throw error;
      const overBudget = `the downtime budget of ${budget} was over while ${state.progress.phase}.`;
      return {
        why: wasCanceled(error) ? overBudget : rootCause(error),
        type: failureType(error),
      };
    }
  }
}
