/** Reading both sides of a comparison in parts, several at a time on as many workers as there are. */
import { CancelledFailure } from '@temporalio/workflow';
import {
  addedUp,
  type ComparedStorage,
  compared,
  type PartRead,
  unread,
} from '../../core/compare/comparison.ts';
import type { SidesRead } from '../../core/compare/repair.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { bulk, onPieceQueue } from '../run/activity-proxies.ts';
import { runPool } from '../run/pool.ts';
import type { Run } from '../run/run.ts';
import type { RunState } from '../run/run-state.ts';
import { tuning } from '../run/tuning.ts';

/** How many parts one worker reads at a time where parts are not shared. */
const PARTS_AT_ONCE_ALONE = 2;

/** A part, how much of it was read, and the number by which its progress is known. */
interface Part extends PartRead {
  number: number;
}

/** A comparison that is at work, as plain data. What was read is added up. */
export interface SavedComparison {
  storages: ComparedStorage[];
  totalItems: number;
  read: PartRead[];
  open: Part[];
}

/** One comparison. After a pause or with a new limit it goes on where it stood. */
export class Comparison {
  readonly #run: Run;
  readonly #state: RunState;
  readonly #sides: Pair<DatabaseRef>;
  #at: SavedComparison | undefined;

  constructor(run: Run, { source, target }: Pair<DatabaseRef>, saved?: SavedComparison) {
    this.#run = run;
    this.#state = run.state;
    this.#sides = { source, target };
    this.#at = saved;
  }

  /** Where it stands; undefined when it has not begun. */
  save(): SavedComparison | undefined {
    return this.#at && { ...this.#at, read: addedUp(this.#at.read) };
  }

  /**
   * Reads what is not read yet.
   * @param inDowntime whether an application waits: then neither a limit nor the pieces of others hold it up
   */
  async read({ inDowntime = false } = {}): Promise<SidesRead> {
    this.#at ??= await this.#plan();
    const { storages, totalItems, read, open } = this.#at;
    this.#state.piecesResumed();
    const limit = inDowntime ? null : this.#state.progress.maxItemsPerSecond;
    const isShared = !inDowntime && limit === null && totalItems >= tuning.sharePartsFromItems;
    const { readPart } = isShared ? onPieceQueue() : bulk;
    // a limit is for all parts together: then one after another
    const atOnce = isShared ? tuning.partsAtOnce : limit === null ? PARTS_AT_ONCE_ALONE : 1;
    const readOn = async (part: Part) => {
      const { reading, number, read: reached } = part;
      // no run continues in the downtime: its history must hold all of it
      const silence = inDowntime ? { isSilent: true } : {};
      const result = await readPart({ reading, number, reached, maxItemsPerSecond: limit, ...silence });
      part.read = result.read;
      const { next, items, bytes } = part.read;
      this.#state.pieceReached(number, { next, items, bytes });
      if (!result.done) throw new CancelledFailure('The part was canceled.');
      read.push({ reading, read: part.read });
    };
    const before = () => {
      if (!inDowntime) this.#run.control.throwIfFull();
    };
    await runPool(open, { atOnce, before, work: readOn });
    return { storages, compared: compared(read) };
  }

  async #plan(): Promise<SavedComparison> {
    const { storages, readings, totalItems } = await bulk.planComparison(this.#sides);
    const first = this.#state.piecesPlanned(readings.length, totalItems);
    const open = readings.map((reading, index) => ({
      reading,
      read: unread(reading),
      number: first + index,
    }));
    return { storages, totalItems, read: [], open };
  }
}
