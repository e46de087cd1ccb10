/** The time after the switch: what changes on the target flows back into the old database, so that the cutover can be taken back. */
import { ApplicationFailure, CancellationScope, condition } from '@temporalio/workflow';
import type { PlannedConfig } from '../../core/contract/contract.ts';
import { durationMs } from '../../core/contract/duration.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FencePlan } from '../../core/cutover/fence.ts';
import type { FlowedBack } from '../../core/cutover/flow-back.ts';
import { bulk, closing, fencing } from '../run/activity-proxies.ts';
import { Ended } from '../run/control.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { rootCause, wasCanceled } from '../run/failure.ts';
import { claimOn, type Run } from '../run/run.ts';
import { Freezer, type Undone } from './freezer.ts';
import { Hooks } from './hooks.ts';
import { Lease } from './lease.ts';

const WAITING = { summary: 'The way back closes' };

type Prepared = Awaited<ReturnType<typeof bulk.prepareRollBack>>;

/** Where an observation stands, as plain data. */
export interface SavedObservation {
  /** The fence around the old database. */
  old: FencePlan;
  flowed: FlowedBack;
  /** Milliseconds of the epoch. */
  until: number;
  /** Why nothing flows back any more. */
  broken: string | null;
}

export class Observation {
  readonly #run: Run<CutoverState>;
  readonly #input: PlannedConfig;
  readonly #old: FencePlan;
  readonly #until: number;
  readonly #freezer: Freezer;
  readonly #hooks: Hooks;
  #flowed: FlowedBack;
  #broken: string | null;
  #prepared: Prepared | undefined;
  #lease: Lease | undefined;

  constructor(run: Run<CutoverState>, input: PlannedConfig, saved: SavedObservation) {
    this.#run = run;
    this.#hooks = new Hooks(input, run.state);
    this.#input = input;
    this.#old = saved.old;
    this.#flowed = saved.flowed;
    this.#until = saved.until;
    this.#broken = saved.broken;
    this.#freezer = new Freezer(run, { prepare: () => this.#prepare(), thaw: () => this.#thaw() });
    run.canUndo('roll-back', {
      orElse: 'What the roll-back needed is still there',
      undo: async () => await closing.removeCarrier(saved.old),
    });
  }

  /** Of a cutover that was just done. */
  static after(
    run: Run<CutoverState>,
    input: PlannedConfig,
    { old, storages }: { old: FencePlan; storages: FlowedBack['storages'] },
  ): Observation {
    const until = Date.now() + durationMs(input.observeFor);
    run.state.observedUntil(new Date(until).toISOString());
    const flowed = { storages, differing: [] };
    return new Observation(run, input, { old, flowed, until, broken: null });
  }

  save(): SavedObservation {
    return { old: this.#old, flowed: this.#flowed, until: this.#until, broken: this.#broken };
  }

  /** Until the time is over or somebody completes it. @throws Ended when the cutover was rolled back */
  async toItsEnd(): Promise<void> {
    const { state, control } = this.#run;
    for (;;) {
      state.enter('observing');
      control.throwIfFull();
      const { rollBackAsked } = state;
      if (state.completeAsked || Date.now() >= this.#until) return;
      if (!rollBackAsked) await this.#flowUntilAsked();
      else if (await this.#rollBack())
        throw new Ended('rolled-back', failures.rolledBack, 'The cutover was rolled back', rollBackAsked);
    }
  }

  async #flowUntilAsked(): Promise<void> {
    const { state, control } = this.#run;
    const skipped = state.skippedItems;
    const asked = () =>
      Boolean(state.completeAsked ?? state.rollBackAsked) ||
      control.isFull ||
      state.skippedItems.length > skipped.length;
    const left = Math.max(1, this.#until - Date.now());
    if (this.#broken !== null) {
      await condition(asked, left, WAITING);
      return;
    }
    const scope = new CancellationScope();
    const { connection, database } = this.#input.target;
    const flowing = scope.run(() =>
      bulk.flowBack({
        ...this.#flowed,
        ...(skipped.length > 0 && { skipped }),
        plan: this.#old,
        readers: [{ connection, database }],
        until: 'canceled',
      }),
    );
    const decision = scope.run(() => condition(asked, left, WAITING));
    try {
      await Promise.race([decision, flowing]);
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error;
    } finally {
      scope.cancel();
      await this.#take(flowing);
    }
  }

  async #take(flowing: ReturnType<typeof bulk.flowBack>): Promise<void> {
    try {
      const { storages, differing } = await flowing;
      this.#flowed = { storages, differing };
    } catch (error) {
      // if it never began, it stands where it stood
      if (wasCanceled(error)) return;
      this.#broken = rootCause(error);
      this.#run.state.flowsBackNoMore(this.#broken);
    }
  }

  /** @returns false when it had to be undone: the target serves as before */
  async #rollBack(): Promise<boolean> {
    const { state } = this.#run;
    const undone = this.#broken ?? (await this.#tryRollBack())?.why ?? null;
    if (undone !== null) {
      state.rollBackFailed(undone);
      return false;
    }
    const { order } = this.#prepared as Prepared;
    // from here on there is no other way
    await CancellationScope.nonCancellable(() => fencing.finishRollBack(order));
    await this.#lease?.end();
    await this.#hooks.after('afterSwitch', 'back');
    this.#settle();
    return true;
  }

  async #tryRollBack(): Promise<Undone | null> {
    return await this.#freezer.freeze(this.#input.downtimeBudget, async () => {
      const { order, position } = this.#prepared as Prepared;
      this.#lease = await Lease.on(order);
      await this.#lease.during(async () => {
        await fencing.fenceSource({ ...order, position });
        const skipped = this.#run.state.skippedItems;
        const { differences } = await bulk.drainBack({
          ...this.#flowed,
          ...(skipped.length > 0 && { skipped }),
          order,
        });
        const [first] = differences;
        if (first) {
          const what = `document "${first.id}" of the old database: ${first.what}`;
          throw ApplicationFailure.nonRetryable(
            `${differences.length} differences are left, the first: ${what}.`,
            failures.verificationFailed,
          );
        }
        await this.#hooks.before('beforeSwitch', 'back');
        await fencing.switchBack(order);
      });
    });
  }

  async #prepare(): Promise<void> {
    const run = this.#run;
    run.state.enter('rolling-back');
    run.undoAtEnd('roll-back');
    const { firstRunId } = claimOn(this.#input.target);
    this.#prepared = await bulk.prepareRollBack({
      old: this.#old,
      target: this.#input.target,
      firstRunId,
      attempt: Date.now(),
    });
  }

  async #thaw(): Promise<boolean> {
    if (!this.#prepared) return true;
    const isOpen = await fencing.undoFence(this.#prepared.order);
    await this.#lease?.end();
    this.#lease = undefined;
    if (isOpen) this.#prepared = undefined;
    return isOpen;
  }

  /** The old database serves, the sharded one stays closed. */
  #settle(): void {
    const run = this.#run;
    const { order } = this.#prepared as Prepared;
    run.canUndo('roll-back', {
      orElse: 'The fence around the sharded database is still there',
      undo: () => closing.endRollBack(order),
    });
    run.keep('fence');
    run.keep('target tombstones');
    // its note is on the database that is closed now
    run.keep('claim');
    run.undoAtEnd('tombstones');
    // nobody lives there
    run.state.settled({ leftToDo: [] });
    const { source, target } = this.#input;
    run.leaves = `The old database "${source.database}" serves again. The sharded database "${target.database}" is closed, with all that it holds.`;
  }
}
