/** The clock of the server. It runs like any other until a test moves it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { StringValue } from 'ms';
import { world } from './world.ts';

/** Of a run that goes on, something is heard in less. */
const STUCK_MS = 1_500;

/**
 * Moves the clock on. What is due meanwhile happens, in order and as fast as the worker can. The clock does not skip
 * while an activity is at work, or waits for a worker.
 */
export async function skip(duration: StringValue): Promise<void> {
  const { testService } = await world();
  await unstuck(testService.unlockTimeSkippingWithSleep({ duration: msToTs(duration) }));
}

/** Lets the clock skip as long as something is waited for. */
export async function skipping<T>(work: () => Promise<T>): Promise<T> {
  const { testService } = await world();
  await testService.unlockTimeSkipping({});
  try {
    return await unstuck(work());
  } finally {
    await testService.lockTimeSkipping({});
  }
}

/**
 * An activity locks the clock from when it is scheduled until it ends. This server forgets to unlock it for one that was
 * canceled before a worker had taken it: what such a test has left locked is unlocked here.
 */
async function unstuck<T>(work: Promise<T>): Promise<T> {
  const { testService, idleMs } = await world();
  const isDone = work.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([isDone, sleep(STUCK_MS, false)])))
    if (idleMs() > STUCK_MS) await testService.unlockTimeSkipping({}).catch(() => undefined);
  return await work;
}
