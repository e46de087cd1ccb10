import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { type FenceOrder, fenceSignals } from '../core/cutover/fence.ts';
import { fencing } from './run/activity-proxies.ts';
import { tuning } from './run/tuning.ts';

/**
 * Holds a fence on behalf of a migration, and undoes it when the migration gives no sign any more: it was terminated, or no
 * worker does its work. Where the target serves by then, nothing is undone. Migrations start it.
 */
export async function holdFence(order: FenceOrder): Promise<void> {
  let hasEnded = false;
  let isHeld = true;
  setHandler(defineSignal(fenceSignals.held), () => {
    isHeld = true;
  });
  setHandler(defineSignal(fenceSignals.ended), () => {
    hasEnded = true;
  });
  while (isHeld) {
    isHeld = false;
    await condition(() => hasEnded || isHeld, tuning.leaseMs, {
      summary: 'Without a sign of the migration the fence is undone',
    });
    if (hasEnded) return;
  }
  await fencing.undoFence(order);
}
