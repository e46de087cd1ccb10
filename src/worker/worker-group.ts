/** Several workers of Temporal that live together: none goes on without the others, or outlives their connections. */
import type { Worker } from '@temporalio/worker';

/** What a group needs of each worker. */
export type Member = Pick<Worker, 'run' | 'runUntil' | 'shutdown' | 'getState'>;

/**
 * Waits until all workers are made. When one cannot be made, those that were made are shut down: as long as there is one, its
 * connection cannot be closed.
 * @throws the first error
 */
export async function madeTogether<W extends Member>(making: readonly Promise<W>[]): Promise<W[]> {
  const settled = await Promise.allSettled(making);
  const made = settled.filter((each) => each.status === 'fulfilled').map(({ value }) => value);
  const failed = settled.find((each) => each.status === 'rejected');
  if (!failed) return made;
  // one that does not run cannot be shut down
  await Promise.allSettled(made.map((worker) => worker.runUntil(Promise.resolve())));
  throw failed.reason;
}

/**
 * Runs workers until all have ended. When one ends, the others are shut down.
 * @throws the first error, once no worker runs any more
 */
export async function runTogether(workers: readonly Member[]): Promise<void> {
  const errors: unknown[] = [];
  const run = async (worker: Member) => {
    await worker.run().catch((error) => void errors.push(error));
    for (const other of workers) if (other.getState() === 'RUNNING') other.shutdown();
  };
  await Promise.all(workers.map(run));
  if (errors.length > 0) throw errors[0];
}
