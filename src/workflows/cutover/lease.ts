/** Who undoes a fence when its migration is lost: a workflow of its own, which has to hear of the migration again and again. */
import {
  CancellationScope,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { type FenceOrder, fenceSignals } from '../../core/cutover/fence.ts';
import { tuning } from '../run/tuning.ts';

type HoldFence = (order: FenceOrder) => Promise<void>;

/** The lease of one fence. */
export class Lease {
  readonly #holder: ChildWorkflowHandle<HoldFence>;

  private constructor(holder: ChildWorkflowHandle<HoldFence>) {
    this.#holder = holder;
  }

  /** Must be there before its fence. */
  static async on(order: FenceOrder): Promise<Lease> {
    const holder = await startChild<HoldFence>('holdFence', {
      workflowId: `${workflowInfo().workflowId}/fence/${order.attempt}`,
      args: [order],
      staticSummary: `Opens ${order.plan.connection}/${order.plan.database} again, should this migration be lost`,
      // it is there for the case that this workflow is not
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
    return new Lease(holder);
  }

  /** Renews it while something is done. */
  async during(work: () => Promise<void>): Promise<void> {
    const renewing = new CancellationScope();
    renewing.run(() => this.#renew()).catch(() => undefined);
    try {
      await work();
    } finally {
      renewing.cancel();
    }
  }

  async #renew(): Promise<void> {
    for (;;) {
      await sleep(tuning.renewLeaseMs, { summary: 'The fence is held' });
      await this.#holder.signal(fenceSignals.held);
    }
  }

  /** Without it the holder finds out by itself, later. */
  async end(): Promise<void> {
    await this.#holder.signal(fenceSignals.ended).catch(() => undefined);
  }
}
