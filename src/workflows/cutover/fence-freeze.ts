/** The server itself refuses every request to the source, whose storage is read under another name meanwhile. */
import { ApplicationFailure } from '@temporalio/workflow';
import { isObserved, type PlannedConfig } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FenceOrder, FencePlan } from '../../core/cutover/fence.ts';
import type { FlowedStorage } from '../../core/cutover/flow-back.ts';
import { bulk, closing, fencing, quick } from '../run/activity-proxies.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { claimOn, type Run } from '../run/run.ts';
import type { Verifier } from '../verify/verifier.ts';
import { assertAcceptable, type Freeze } from './freeze.ts';
import { Hooks } from './hooks.ts';
import { LateWriters } from './late-writers.ts';
import { Lease } from './lease.ts';
import { Observation } from './observation.ts';

type Prepared = Awaited<ReturnType<typeof bulk.prepareFence>>;

export class FenceFreeze implements Freeze {
  readonly #run: Run<CutoverState>;
  readonly #input: PlannedConfig;
  readonly #verifier: Verifier;
  #prepared: Prepared | undefined;
  #order: FenceOrder | undefined;
  #storages: readonly FlowedStorage[] = [];
  #lease: Lease | undefined;
  readonly #hooks: Hooks;
  readonly #lateWriters: LateWriters;

  /** @param raised the fence that the run has raised that this one goes on with */
  constructor(run: Run<CutoverState>, input: PlannedConfig, verifier: Verifier, raised?: FencePlan) {
    this.#run = run;
    this.#hooks = new Hooks(input, run.state);
    this.#lateWriters = new LateWriters(run, input);
    this.#input = input;
    this.#verifier = verifier;
    run.canUndo('fence', {
      orElse: 'The old database is still behind its fence',
      undo: async () => {
        const plan = this.#order?.plan ?? raised;
        if (plan) await closing.endFence({ plan, opens: this.#opens });
      },
    });
    run.canUndo('target tombstones', {
      orElse: 'The index that keeps the tombstones is still on the target',
      undo: () => closing.releaseTombstones(input.target),
    });
  }

  /** A last round, settings, compare exchange, identities and indexes: behind the fence only the changes of a moment remain. */
  async prepare(): Promise<void> {
    const run = this.#run;
    const { state } = run;
    state.enter('catching-up');
    if (isObserved(this.#input)) {
      run.undoAtEnd('target tombstones');
      await run.step(() => quick.holdTombstones(this.#input.target));
    }
    const transfer = () => this.#verifier.transfer();
    state.reached(await run.step(() => bulk.catchUp({ ...transfer(), until: 'close' })));
    state.settled({ settings: await run.step(() => bulk.copySettings(this.#input)) });
    const { target, firstRunId } = claimOn(this.#input.target);
    const attempt = Date.now();
    const prepared = await run.step(() => bulk.prepareFence({ ...transfer(), firstRunId, attempt }));
    state.reached(prepared.position);
    this.#prepared = prepared;
    this.#order = { plan: prepared.plan, target, firstRunId, attempt };
    this.#assertReady(prepared);
  }

  /** What would undo the freeze for certain should not begin it. */
  #assertReady({ hindrances = [], differences }: Prepared): void {
    const isAccepted = this.#run.state.progress.approval?.acceptDifferences !== undefined;
    const differing = isAccepted
      ? []
      : differences.map(({ kind, id, what }) => `The ${kind} "${id}" ${what}.`);
    const [first, ...others] = [...hindrances, ...differing];
    if (first === undefined) return;
    const more = others.length > 0 ? ` And ${others.length} more.` : '';
    throw ApplicationFailure.nonRetryable(`${first}${more}`, failures.notReady);
  }

  async cutOver(): Promise<void> {
    await this.#held(async (order, prepared) => {
      await this.#drainAndProve(order, prepared);
      await this.#hooks.before('beforeSwitch');
      this.#storages = await fencing.switchOver(order);
    });
  }

  async rehearse(): Promise<void> {
    await this.#held((order, prepared) => this.#drainAndProve(order, prepared));
  }

  /** Does what happens behind the fence while somebody holds it who undoes it when this workflow is lost. */
  async #held(behindFence: (order: FenceOrder, prepared: Prepared) => Promise<void>): Promise<void> {
    const order = this.#order;
    if (!this.#prepared || !order) throw ApplicationFailure.nonRetryable('The fence was not planned.');
    // who has to undo the fence when nobody else does must be there before it
    this.#lease = await Lease.on(order);
    const prepared = this.#prepared;
    await this.#lease.during(() => behindFence(order, prepared));
  }

  async #drainAndProve(
    order: FenceOrder,
    { plan, position, differences, writtenByIndexes }: Prepared,
  ): Promise<void> {
    const { state } = this.#run;
    state.enter('freezing');
    const lastEtag = await fencing.fenceSource({
      ...order,
      position,
      allowExistingData: this.#input.target.allowExistingData,
    });
    const fenced = { plan, lastEtag };
    state.enter('draining');
    state.reached(await bulk.drainFenced({ ...this.#verifier.transfer(), ...fenced }));
    state.enter('final-verifying');
    const what = { ...fenced, clusterDifferences: differences, writtenByIndexes };
    assertAcceptable(state, await this.#verifier.verifyBehindFence(what));
  }

  /** Of undoing and switching exactly one happens, whatever this workflow has heard of it. */
  async thaw(): Promise<boolean> {
    if (!this.#order) return true;
    const isOpen = await fencing.undoFence(this.#order);
    if (isOpen) this.#order = undefined;
    await this.#endLease();
    return isOpen;
  }

  async settle(): Promise<Observation | undefined> {
    const run = this.#run;
    // looked for once it is open
    if (this.#opens) this.#lateWriters.watchSince(run.state.position());
    run.undoAtEnd('fence');
    if (!this.#opens) {
      run.keep('tombstones');
      run.state.note(
        `The old database "${this.#input.source.database}" stays closed under its name, so that nobody writes into the past.`,
      );
    }
    await this.#endLease();
    await this.#hooks.after('afterSwitch');
    const old = this.#order?.plan;
    if (!old || !isObserved(this.#input)) return undefined;
    const storages =
      this.#storages.length > 0 ? this.#storages : await fencing.switchOver(this.#order as FenceOrder);
    return Observation.after(run, this.#input, { old, storages: [...storages] });
  }

  get #opens(): boolean {
    return this.#input.sourceAfterCutover === 'open';
  }

  /** Without it the lease finds out by itself, later. */
  async #endLease(): Promise<void> {
    await this.#lease?.end();
    this.#lease = undefined;
  }
}
