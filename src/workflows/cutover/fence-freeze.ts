/** The server itself refuses every request to the source, whose storage is read under another name meanwhile. */
import {
  ApplicationFailure,
  CancellationScope,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { type FenceOrder, fenceSignals } from '../../core/cutover/fence.ts';
import { bulk, closing, quick } from '../run/activity-proxies.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import { claimOn, type Run } from '../run/run.ts';
import { tuning } from '../run/tuning.ts';
import type { Verifier } from '../verify/verifier.ts';
import { assertAcceptable, type Freeze } from './freeze.ts';

type HoldFence = (order: FenceOrder) => Promise<void>;
type Lease = ChildWorkflowHandle<HoldFence>;
type Prepared = Awaited<ReturnType<typeof bulk.prepareFence>>;

export class FenceFreeze implements Freeze {
  readonly #run: Run<CutoverState>;
  readonly #input: MigrateDatabaseConfig;
  readonly #verifier: Verifier;
  #prepared: Prepared | undefined;
  #order: FenceOrder | undefined;
  #lease: Lease | undefined;

  constructor(run: Run<CutoverState>, input: MigrateDatabaseConfig, verifier: Verifier) {
    this.#run = run;
    this.#input = input;
    this.#verifier = verifier;
    run.canUndo('fence', {
      orElse: 'The old database is still behind its fence',
      undo: async () => {
        if (this.#order) await closing.endFence({ ...this.#order, opens: this.#opens });
      },
    });
  }

  /** A last round, settings, compare exchange, identities and indexes: behind the fence only the changes of a moment remain. */
  async prepare(): Promise<void> {
    const run = this.#run;
    const { state } = run;
    state.enter('catching-up');
    const transfer = () => this.#verifier.transfer();
    state.reached(await run.step(() => bulk.catchUp({ ...transfer(), until: 'close' })));
    state.settled({ settings: await run.step(() => bulk.copySettings(this.#input)) });
    const { target, firstRunId } = claimOn(this.#input.target);
    const attempt = Date.now();
    const prepared = await run.step(() => bulk.prepareFence({ ...transfer(), firstRunId, attempt }));
    state.reached(prepared.position);
    this.#prepared = prepared;
    this.#order = { plan: prepared.plan, target, firstRunId, attempt };
  }

  async cutOver(): Promise<void> {
    const order = this.#order;
    if (!this.#prepared || !order) throw ApplicationFailure.nonRetryable('The fence was not planned.');
    // who has to undo the fence when nobody else does must be there before it
    this.#lease = await startLease(order);
    const renewing = new CancellationScope();
    renewing.run(() => renew(this.#lease)).catch(() => undefined);
    try {
      await this.#behindFence(order, this.#prepared);
    } finally {
      renewing.cancel();
    }
  }

  async #behindFence(order: FenceOrder, { plan, position, differences }: Prepared): Promise<void> {
    const { state } = this.#run;
    state.enter('freezing');
    const lastEtag = await quick.fenceSource({ ...order, position });
    const fenced = { plan, lastEtag };
    state.enter('draining');
    state.reached(await bulk.drainFenced({ ...this.#verifier.transfer(), ...fenced }));
    state.enter('final-verifying');
    const what = { ...fenced, clusterDifferences: differences };
    assertAcceptable(state, await this.#verifier.verifyBehindFence(what));
    await quick.switchOver(order);
  }

  /** Of undoing and switching exactly one happens, whatever this workflow has heard of it. */
  async thaw(): Promise<boolean> {
    if (!this.#order) return true;
    const isOpen = await quick.undoFence(this.#order);
    if (isOpen) this.#order = undefined;
    await this.#endLease();
    return isOpen;
  }

  settle(): void {
    const run = this.#run;
    run.undoAtEnd('fence');
    if (!this.#opens) {
      run.keep('tombstones');
      run.state.note(
        `The old database "${this.#input.source.database}" stays closed under its name, so that nobody writes into the past.`,
      );
    }
    void this.#endLease();
  }

  get #opens(): boolean {
    return this.#input.sourceAfterCutover === 'open';
  }

  /** Without it the lease finds out by itself, later. */
  async #endLease(): Promise<void> {
    await this.#lease?.signal(fenceSignals.ended).catch(() => undefined);
    this.#lease = undefined;
  }
}

async function startLease(order: FenceOrder): Promise<Lease> {
  return await startChild<HoldFence>('holdFence', {
    workflowId: `${workflowInfo().workflowId}/fence/${order.attempt}`,
    args: [order],
    // it is there for the case that this workflow is not
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
}

/** Until it is canceled. */
async function renew(lease: Lease | undefined): Promise<void> {
  for (;;) {
    await sleep(tuning.renewLeaseMs);
    await lease?.signal(fenceSignals.held);
  }
}
