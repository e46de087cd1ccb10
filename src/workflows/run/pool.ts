/** Work in pieces, some at a time. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';

/**
 * Works through what is open, and takes what is done out of it, also when it is canceled in between.
 * @throws the first error, once nothing is at work any more
 */
export async function sideBySide<T>(
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
          // none may go on working after the step has ended
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
