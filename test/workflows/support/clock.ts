/** The clock of the server. It runs like any other until a test moves it. */
import { msToTs } from '@temporalio/common/lib/time.js';
import type { StringValue } from 'ms';
import { world } from './world.ts';

/** Long for a test, short beside what it moves. */
const PATIENCE_MS = 15_000;

/**
 * Moves the clock on. What is due meanwhile happens, in order and as fast as the worker can. The clock does not skip
 * while an activity is at work, or waits for a worker.
 */
export async function skip(duration: StringValue): Promise<void> {
  const { client, testService } = await world();
  await client.withDeadline(Date.now() + PATIENCE_MS, () =>
    testService.unlockTimeSkippingWithSleep({ duration: msToTs(duration) }),
  );
}

/** Lets the clock skip as long as something is waited for. */
export async function skipping<T>(work: () => Promise<T>): Promise<T> {
  const { testService } = await world();
  await testService.unlockTimeSkipping({});
  try {
    return await work();
  } finally {
    await testService.lockTimeSkipping({});
  }
}

/** Milliseconds of the server's time. */
export async function now(): Promise<number> {
  const { testService } = await world();
  const { time } = await testService.getCurrentTime({});
  return Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1e6;
}
