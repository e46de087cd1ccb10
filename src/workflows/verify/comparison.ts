/** Reading both sides of a comparison in parts, several at a time on as many workers as there are. */
import { CancelledFailure } from '@temporalio/workflow';
import {
  type Compared,
  type ComparedStorage,
  compared,
  type Reading,
  type ReadingProgress,
  unread,
} from '../../core/compare/comparison.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { bulk, onPieceQueue } from '../run/activity-proxies.ts';
import { runPool } from '../run/pool.ts';
import type { RunState } from '../run/run-state.ts';
import { tuning } from '../run/tuning.ts';

/** How many parts one worker reads at a time where parts are not shared. */
const PARTS_AT_ONCE_ALONE = 2;

/** What both sides look like. */
export interface SidesRead {
  storages: ComparedStorage[];
  compared: Compared;
}

/** One comparison. After a pause or with a new limit it goes on where it stood. */
export class Comparison {
  readonly #state: RunState;
  readonly #sides: Pair<DatabaseRef>;
  #storages: ComparedStorage[] = [];
  #totalItems = 0;
  #parts: { reading: Reading; read: ReadingProgress; number: number }[] | undefined;
  readonly #open = new Set<{ reading: Reading; read: ReadingProgress; number: number }>();

  constructor(state: RunState, { source, target }: Pair<DatabaseRef>) {
    this.#state = state;
    this.#sides = { source, target };
  }

  /**
   * Reads what is not read yet.
   * @param inDowntime whether an application waits: then neither a limit nor the pieces of others hold it up
   */
  async read({ inDowntime = false } = {}): Promise<SidesRead> {
    const parts = this.#parts ?? (await this.#plan());
    this.#state.piecesResumed();
    const limit = inDowntime ? null : this.#state.progress.maxItemsPerSecond;
    const isShared = !inDowntime && limit === null && this.#totalItems >= tuning.sharePartsFromItems;
    const { readPart } = isShared ? onPieceQueue() : bulk;
    // a limit is for all parts together: then one after another
    const atOnce = isShared ? tuning.partsAtOnce : limit === null ? PARTS_AT_ONCE_ALONE : 1;
    await runPool(this.#open, atOnce, async (part) => {
      const { reading, number, read: reached } = part;
      const { done, read } = await readPart({ reading, number, reached, maxItemsPerSecond: limit });
      part.read = read;
      const { next, items, bytes } = read;
      this.#state.pieceReached(number, { next, items, bytes });
      if (!done) throw new CancelledFailure('The part was canceled.');
    });
    return { storages: this.#storages, compared: compared(parts) };
  }

  async #plan() {
    const { storages, readings, totalItems } = await bulk.planComparison(this.#sides);
    const first = this.#state.piecesPlanned(readings.length, totalItems);
    const parts = readings.map((reading, index) => ({
      reading,
      read: unread(reading),
      number: first + index,
    }));
    for (const part of parts) this.#open.add(part);
    this.#storages = storages;
    this.#totalItems = totalItems;
    this.#parts = parts;
    return parts;
  }
}
