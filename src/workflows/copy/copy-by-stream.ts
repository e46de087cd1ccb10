/** The first copy, database to database: in pieces, several at a time, each of which goes on where it stood. */
import { CancelledFailure } from '@temporalio/workflow';
import { type CopyPlan, needsDocuments, type Piece } from '../../core/copy/pieces.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { bulk, onPieceQueue } from '../run/activity-proxies.ts';
import { runPool } from '../run/pool.ts';
import { tuning } from '../run/tuning.ts';
import { CopyMethod } from './copy-method.ts';

/** A piece that is not done, with the number by which its progress is known. */
type Numbered = { number: number; piece: Piece };

/** A copy that is at work. */
interface Standing {
  transfer: Transfer;
  /** What is left to copy, stage by stage. */
  stages: Numbered[][];
}

/** Copies everything that belongs to documents, then what belongs to the database as a whole. */
export class CopyByStream extends CopyMethod<{ atWork: Standing }> {
  override async copy(): Promise<void> {
    const { run } = this;
    this.standing.atWork ??= await this.#plan();
    const { transfer, stages } = this.standing.atWork;
    for (let [stage] = stages; stage; [stage] = stages) {
      const open = stage;
      // a document that changed meanwhile was left to the rounds, but what belongs to it may not have changed
      if (needsDocuments(open.map(({ piece }) => piece))) await this.#carryChanges();
      await run.step(() => this.#copyStage(transfer, open), { obeysLimit: true });
      stages.shift();
    }
    await run.step(() => bulk.copyClusterItems(transfer));
    this.standing.atWork = undefined;
  }

  /** Whether it was begun and is not done. */
  get isAtWork(): boolean {
    return this.standing.atWork !== undefined;
  }

  override startOver(): void {
    this.standing.atWork = undefined;
  }

  async #plan(): Promise<Standing> {
    const { state } = this.run;
    const transfer = { ...this.input, from: state.position() };
    const plan = await this.run.step(() => bulk.planCopy(transfer));
    const first = state.piecesPlanned(plan.stages.flat().length, plan.totalItems);
    return { transfer, stages: numbered(plan, first) };
  }

  async #carryChanges(): Promise<void> {
    const { state } = this.run;
    const round = () => bulk.catchUp({ ...this.input, from: state.position(), until: 'carried' });
    state.reached(await this.run.step(round));
  }

  /** Removes the pieces that are done from `open`, also when it is canceled in between. */
  async #copyStage(transfer: Transfer, open: Numbered[]): Promise<void> {
    const { state } = this.run;
    state.piecesResumed();
    // a limit is for all pieces together: then one after another
    const atOnce = state.progress.maxItemsPerSecond === null ? tuning.piecesAtOnce : 1;
    await runPool(open, {
      atOnce,
      before: () => this.run.control.throwIfFull(),
      work: (next) => this.#copyPiece(transfer, next),
    });
  }

  async #copyPiece(transfer: Transfer, { number, piece }: Numbered): Promise<void> {
    const { state } = this.run;
    const { maxItemsPerSecond } = state.progress;
    const reached = state.reachedOf(number);
    // a slow one must not keep the pieces of other migrations waiting
    const { copyPiece } = maxItemsPerSecond === null ? onPieceQueue() : bulk;
    const copied = await copyPiece({ ...transfer, piece, number, reached, maxItemsPerSecond });
    state.pieceReached(number, copied.progress);
    if (!copied.done) throw new CancelledFailure('The piece was canceled.');
  }
}

function numbered({ stages }: CopyPlan, first: number): Numbered[][] {
  let number = first;
  return stages.map((stage) => stage.map((piece) => ({ number: number++, piece })));
}
