/** The first copy, database to database: in pieces side by side, each of which goes on where it stood. */
import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { Transfer } from '../activities/index.ts';
import { type CopyPlan, needsDocuments, type Piece } from '../core/pieces.ts';
import { bulk, onPieceQueue, quick } from './activity-proxies.ts';
import type { Control } from './control.ts';
import type { MigrationState } from './migration-state.ts';

/** More than one worker takes at once, so that several workers share a copy. */
const PIECES_AT_ONCE = 8;

/** A piece that is not done, with the number by which its progress is known. */
type Numbered = { number: number; piece: Piece };

/** Copies everything that belongs to documents, then what belongs to the database as a whole. */
export async function copyInPieces(
  control: Control,
  state: MigrationState,
  transfer: Transfer,
): Promise<void> {
  const plan = await control.step(() => quick.planCopy(transfer));
  state.copyPlanned(plan);
  for (const stage of numbered(plan)) {
    // a document that changed meanwhile was left to the rounds, but what hangs on it may not have changed
    if (needsDocuments(stage.map(({ piece }) => piece))) await carryOver(control, state, transfer);
    const open = new Set(stage);
    await control.step(() => copyStage(state, transfer, open));
  }
  await control.step(() => quick.copyClusterItems(transfer));
}

async function carryOver(control: Control, state: MigrationState, transfer: Transfer): Promise<void> {
  const round = () => bulk.catchUp({ ...transfer, from: state.position(), until: 'carried' });
  state.reached(await control.step(round));
}

function numbered({ stages }: CopyPlan): Numbered[][] {
  let number = 0;
  return stages.map((stage) => stage.map((piece) => ({ number: number++, piece })));
}

/** Takes the pieces that are done out of `open`, also when it is cancelled in between. */
async function copyStage(state: MigrationState, transfer: Transfer, open: Set<Numbered>): Promise<void> {
  state.copyResumed();
  const { maxItemsPerSecond } = state.progress;
  const waiting = [...open];
  const scope = new CancellationScope();
  const takeTurns = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await copyPiece(state, transfer, next);
      open.delete(next);
    }
  };
  // a limit is for all pieces together: then one after another
  const atOnce = maxItemsPerSecond === null ? PIECES_AT_ONCE : 1;
  const settled = await scope.run(() =>
    Promise.allSettled(
      Array.from({ length: Math.min(atOnce, waiting.length) }, () =>
        takeTurns().catch((error) => {
          // none may go on writing after the step has ended
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

async function copyPiece(
  state: MigrationState,
  transfer: Transfer,
  { number, piece }: Numbered,
): Promise<void> {
  const { maxItemsPerSecond } = state.progress;
  const reached = state.reachedOf(number);
  // a slow one must not keep the pieces of other migrations waiting
  const { copyPiece: copy } = maxItemsPerSecond === null ? onPieceQueue() : bulk;
  const copied = await copy({ ...transfer, piece, number, reached, maxItemsPerSecond });
  state.copied(number, copied.progress);
  if (!copied.done) throw new CancelledFailure('The piece was cancelled.');
}
