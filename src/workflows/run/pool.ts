/** Work in pieces, several at a time. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';

/**
 * Works through the open pieces and removes each that is done, also when it is canceled in between.
 * @throws the first error, once no piece is being worked on any more
 */
export async function runPool<T>(
  open: Set<T>,
  atOnce: number,
  work: (piece: T) => Promise<void>,
): Promise<void> {
  const waiting = [...open];
  const scope = new CancellationScope();
  const takeTurns = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await work(next);
      open.delete(next);
    }
  };
  const settled = await scope.run(() =>
    Promise.allSettled(
      Array.from({ length: Math.min(atOnce, waiting.length) }, () =>
        takeTurns().catch((error) => {
          // nothing may go on after the step has ended
          scope.cancel();
          throw error;
        }),
      ),
    ),
  );
  const errors = settled.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
  const first = errors.find((error) => !isCancellation(error)) ?? errors[0];
  if (first) throw first;
}
