/** The first copy, database to database: in pieces side by side, each of which goes on where it stood. */
import { CancelledFailure } from '@temporalio/workflow';
import { type CopyPlan, needsDocuments, type Piece } from '../../core/copy/pieces.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { bulk, onPieceQueue, quick } from '../run/activity-proxies.ts';
import type { Control } from '../run/control.ts';
import type { MigrationState } from '../run/migration-state.ts';
import { sideBySide } from '../run/pool.ts';

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
  const first = state.piecesPlanned(plan.stages.flat().length, plan.totalItems);
  for (const stage of numbered(plan, first)) {
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

function numbered({ stages }: CopyPlan, first: number): Numbered[][] {
  let number = first;
  return stages.map((stage) => stage.map((piece) => ({ number: number++, piece })));
}

/** Takes the pieces that are done out of `open`, also when it is canceled in between. */
async function copyStage(state: MigrationState, transfer: Transfer, open: Set<Numbered>): Promise<void> {
  state.piecesResumed();
  // a limit is for all pieces together: then one after another
  const atOnce = state.progress.maxItemsPerSecond === null ? PIECES_AT_ONCE : 1;
  await sideBySide(open, atOnce, (next) => copyPiece(state, transfer, next));
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
  state.pieceReached(number, copied.progress);
  if (!copied.done) throw new CancelledFailure('The piece was canceled.');
}
