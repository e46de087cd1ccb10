/** Work in pieces, several at a time. */
import { CancellationScope } from '@temporalio/workflow';
import { HistoryFull } from './control.ts';
import { wasCanceled } from './failure.ts';

/**
 * Works through the open pieces and removes each that is done, also when it is canceled in between.
 * @param options.before is called before each piece; when it throws, no other piece is begun
 * @throws the first error, once no piece is being worked on any more
 */
export async function runPool<T>(
  open: T[],
  { atOnce, before, work }: { atOnce: number; before: () => void; work: (piece: T) => Promise<void> },
): Promise<void> {
  const waiting = [...open];
  const scope = new CancellationScope();
  const takeTurns = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      before();
      await work(next);
      open.splice(open.indexOf(next), 1);
    }
  };
  const settled = await scope.run(() =>
    Promise.allSettled(
      Array.from({ length: Math.min(atOnce, waiting.length) }, () =>
        takeTurns().catch((error) => {
          waiting.length = 0;
          // nothing may go on after the step has ended
          if (!(error instanceof HistoryFull)) scope.cancel();
          throw error;
        }),
      ),
    ),
  );
  const errors = settled.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
  const first = errors.find((error) => !wasCanceled(error)) ?? errors[0];
  if (first) throw first;
}
