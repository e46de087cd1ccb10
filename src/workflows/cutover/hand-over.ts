/** The last part of a migration: the target is kept in step until somebody decides, and then takes over. */
import { ApplicationFailure, CancellationScope, condition } from '@temporalio/workflow';
import { isObserved, type PlannedConfig } from '../../core/contract/contract.ts';
import { durationMs } from '../../core/contract/duration.ts';
import { failures } from '../../core/contract/failures.ts';
import type { Rehearsal } from '../../core/cutover/rehearsal.ts';
import { bulk } from '../run/activity-proxies.ts';
import { Ended } from '../run/control.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { isDeltaBroken } from '../run/failure.ts';
import type { Run } from '../run/run.ts';
import { tuning } from '../run/tuning.ts';
import { foreseeRepair, repairAll } from '../verify/repair.ts';
import type { Verifier } from '../verify/verifier.ts';
import { FenceFreeze } from './fence-freeze.ts';
import type { Freeze } from './freeze.ts';
import { Freezer } from './freezer.ts';
import { tellLeftToDo } from './left-to-do.ts';
import { Observation, type SavedObservation } from './observation.ts';
import { QuietFreeze } from './quiet-freeze.ts';

/** Where a hand-over stands, as plain data. */
export interface SavedHandOver {
  /** What comes next: a comparison of everything, a decision of people, the freeze, or what follows it. */
  at: 'comparison' | 'decision' | 'freeze' | 'observation';
  /** How often the source was frozen in vain since the approval. */
  freezes?: number;
  /** When everything was compared last, in milliseconds of the epoch. */
  comparedAt?: number;
  observation?: SavedObservation;
}

/** What a hand-over needs of the runbook that comes to it. */
interface Copied {
  verifier: Verifier;
  /** Brings the target in step, and compares everything. */
  compare(): Promise<void>;
}

export class HandOver {
  readonly #run: Run<CutoverState>;
  readonly #state: CutoverState;
  readonly #input: PlannedConfig;
  readonly #copied: Copied;
  readonly #freeze: Freeze;
  readonly #freezer: Freezer;
  #at: SavedHandOver['at'];
  #comparedAt: number;
  #observation: Observation | undefined;

  constructor(run: Run<CutoverState>, input: PlannedConfig, copied: Copied, saved?: SavedHandOver) {
    this.#run = run;
    this.#state = run.state;
    this.#input = input;
    this.#copied = copied;
    this.#at = saved?.at ?? 'comparison';
    this.#comparedAt = saved?.comparedAt ?? Date.now();
    const { verifier } = copied;
    const observed = saved?.observation;
    this.#state.freezesBy(input.freeze, isObserved(input));
    this.#freeze =
      input.freeze === 'fence'
        ? new FenceFreeze(run, input, verifier, observed?.old)
        : new QuietFreeze(run, input, verifier);
    this.#freezer = new Freezer(run, this.#freeze, saved?.freezes);
    this.#observation = observed && new Observation(run, input, observed);
    run.control.endsPause = () => this.#state.rejection !== null;
  }

  save(): SavedHandOver {
    return {
      at: this.#at,
      comparedAt: this.#comparedAt,
      ...(this.#freezer.tries > 0 && { freezes: this.#freezer.tries }),
      ...(this.#observation && { observation: this.#observation.save() }),
    };
  }

  /** Until the target serves, and the way back is closed. @throws Ended, HistoryFull */
  async toItsEnd(): Promise<void> {
    while (this.#at !== 'observation') {
      if (this.#at === 'comparison') await this.#compare();
      const decision = await this.#decision();
      if (decision === 'approved') await this.#cutOver();
      else if (decision === 'rehearse') await this.#rehearse();
      else {
        if (decision === 'repair') await repairAll(this.#run, this.#copied.verifier.repairable);
        this.#at = 'comparison';
      }
    }
    if (this.#observation) {
      this.#state.enter('observing');
      await tellLeftToDo(this.#run, this.#input);
      await this.#observation.toItsEnd();
    }
    this.#state.enter('completing');
    await tellLeftToDo(this.#run, this.#input);
  }

  /** One rehearsal, without anybody who asks for it. @throws Ended, HistoryFull */
  async toARehearsal(within: string): Promise<Rehearsal> {
    const state = this.#state;
    if (!state.rehearsalAsked) state.askRehearsal({ by: '', note: '', within });
    if (this.#at === 'comparison') await this.#compare();
    await this.#rehearse();
    const last = state.progress.rehearsals?.at(-1);
    if (!last) throw ApplicationFailure.nonRetryable('No rehearsal was noted.');
    return last;
  }

  async #compare(): Promise<void> {
    await this.#copied.compare();
    this.#comparedAt = Date.now();
    this.#at = 'decision';
  }

  /** Keeps the target in step until somebody decides, or until it is time to compare again. */
  async #decision(): Promise<'approved' | 'rehearse' | 'repair' | 'compare again'> {
    const state = this.#state;
    state.enter('awaiting-approval');
    for (;;) {
      await this.#run.control.untilNotPaused();
      state.dropExpired();
      state.tellWindow();
      const { rejection, repairAsked, dryRunAsked, rehearsalAsked, skipsAnew } = state;
      if (rejection) throw new Ended('rejected', failures.rejected, 'The cutover was rejected', rejection);
      if (this.#isDue) return 'approved';
      if (rehearsalAsked) return 'rehearse';
      if (repairAsked) return 'repair';
      if (skipsAnew || this.#comparesAgainAt <= Date.now()) return 'compare again';
      if (dryRunAsked) await foreseeRepair(this.#run, this.#copied.verifier.repairable);
      try {
        await this.#catchUpUntilAsked();
      } catch (error) {
        // the next comparison begins with a resync
        if (isDeltaBroken(error)) return 'compare again';
        throw error;
      }
      // at once after a pause and a resume: somebody has worked on the target meanwhile
      const isDecided = this.#isAsked || this.#isDue;
      if (state.failedVerifications > 0 && !isDecided && !this.#run.control.isFull) return 'compare again';
    }
  }

  /** Whether somebody wants something that interrupts the rounds. */
  get #isAsked(): boolean {
    const { rejection, repairAsked, dryRunAsked, rehearsalAsked, skipsAnew } = this.#state;
    return skipsAnew || Boolean(rejection ?? repairAsked ?? dryRunAsked ?? rehearsalAsked);
  }

  /** Whether the cutover is approved, and may begin at this time of day. */
  get #isDue(): boolean {
    const { cutoverDue } = this.#state;
    return cutoverDue !== null && cutoverDue <= Date.now();
  }

  /** Sooner after differences, for which somebody may have repaired the target. */
  get #comparesAgainAt(): number {
    const { failedVerifications: failed } = this.#state;
    if (failed === 0) return this.#comparedAt + durationMs(this.#input.compareEvery);
    return this.#comparedAt + Math.min(tuning.maxVerifyAgainMs, tuning.verifyAgainMs * 2 ** (failed - 1));
  }

  /** Carries changes until a decision, a pause, an abort, or until something is due. */
  async #catchUpUntilAsked(): Promise<void> {
    const { control, state } = this.#run;
    const { approvals } = state;
    // not by the time: when an update is refused it is later than a replay knows
    const asked = () =>
      this.#isAsked ||
      state.approvals !== approvals ||
      state.progress.paused ||
      control.aborting ||
      control.isFull;
    const scope = new CancellationScope();
    const rounds = scope.run(() =>
      bulk.catchUp({ ...this.#input, from: state.position(), until: 'canceled' }),
    );
    const decision = scope.run(() =>
      condition(asked, Math.max(1, this.#nextAt - Date.now()), { summary: 'Waits for a decision' }),
    );
    try {
      await Promise.race([decision, rounds]);
    } finally {
      scope.cancel();
      // it returns where it stands; if it never began, the position stays as it was
      await rounds.then(
        (position) => state.reached(position),
        () => undefined,
      );
    }
  }

  /** When something is due that nobody has to ask for, in milliseconds of the epoch. */
  get #nextAt(): number {
    const { cutoverDue, approvalExpires } = this.#state;
    const never = Number.POSITIVE_INFINITY;
    return Math.min(this.#comparesAgainAt, cutoverDue ?? never, approvalExpires ?? never);
  }

  /** From the freeze to the switch, all in one run. */
  async #cutOver(): Promise<void> {
    await this.#becomeUpToDate();
    // the approval may have ended with a comparison, and the window meanwhile
    if (!this.#isDue) return;
    const undone = await this.#freezer.freeze(this.#input.downtimeBudget, () => this.#freeze.cutOver());
    if (undone !== null) {
      this.#state.thawed(undone.why, { wasFrozen: undone.type !== failures.notReady });
      this.#at = undone.type === failures.notReady ? 'decision' : 'comparison';
      return;
    }
    this.#run.control.ignoreAbort();
    this.#run.leaves = this.#served();
    this.#observation = await this.#freeze.settle();
    this.#at = 'observation';
  }

  /** All of a cutover but the switch. Afterwards the source serves. */
  async #rehearse(): Promise<void> {
    const { rehearsalAsked } = this.#state;
    if (!rehearsalAsked) return;
    await this.#becomeUpToDate();
    if (!this.#state.isAcceptable) {
      this.#state.rehearsed('the comparison before the freeze found differences.');
      return;
    }
    const undone = await this.#freezer.freeze(rehearsalAsked.within, () => this.#freeze.rehearse());
    if (undone === null) await CancellationScope.nonCancellable(() => this.#freeze.thaw());
    this.#state.rehearsed(undone?.why ?? null);
    this.#at = undone === null || undone.type === failures.notReady ? 'decision' : 'comparison';
  }

  /** Compares everything again where too much has changed for the downtime. */
  async #becomeUpToDate(): Promise<void> {
    if (this.#at !== 'freeze' && this.#copied.verifier.isOutdated) {
      this.#at = 'comparison';
      await this.#compare();
    }
    this.#at = this.#state.isAcceptable ? 'freeze' : 'decision';
  }

  #served(): string {
    const { source, target } = this.#input;
    return `"${target.database}" serves since the cutover. There is no way back to "${source.database}" any more.`;
  }
}
