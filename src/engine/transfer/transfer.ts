/** What copy, dump and catch-up share: which items travel, and what must have arrived. */
import { Transform } from 'node:stream';
import type { MigrateDatabaseConfig, SourceRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { Position } from '../../core/copy/position.ts';
import type { Transferred } from '../../core/run/progress.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import type { ItemCounts } from '../../ravendb/dump/item-kinds.ts';
import type { DatabaseCounts } from '../../ravendb/requests/statistics.ts';
import type { ItemType } from '../../ravendb/smuggler/smuggler.ts';
import type { Work } from '../work/work.ts';

/** A transfer between two databases that starts from a position. */
export type Transfer = MigrateDatabaseConfig & {
  from: Position;
  /** Whether the source may have deleted something before of which no delta tells. */
  deletionsLost?: boolean | undefined;
};

/** A database that items go into; and where they come from, unless that can no longer be asked. */
export interface Sink {
  target: SourceRef;
  source?: SourceRef;
  from?: Position;
}

/** Kinds of items that belong to a document, and so to a shard. */
export const SHARDED: readonly ItemType[] = [
  'Documents',
  'RevisionDocuments',
  'Attachments',
  'CounterGroups',
  'TimeSeries',
];

/** Kinds of items that belong to the database as a whole. */
export const CLUSTER_WIDE: readonly ItemType[] = ['CompareExchange', 'Identities'];

/** Items that are there. */
export const DATA: readonly ItemType[] = [...SHARDED, ...CLUSTER_WIDE];

/** Marks of what is no longer there. */
export const DELETIONS: readonly ItemType[] = [
  'Tombstones',
  'CompareExchangeTombstones',
  'TimeSeriesDeletedRanges',
];

/** The lists of a dump that hold them. */
export const DELETION_LISTS: ReadonlySet<string> = new Set(DELETIONS);

/** Items of a database that belong to documents. */
export function shardedItems(counts: DatabaseCounts): number {
  return counts.documents + counts.revisions + counts.counterGroups + counts.timeSeriesSegments;
}

/** Items of an export by which its progress is told; of time series it counts entries, a database segments. */
export function countedItems({ documents = 0, revisions = 0, counterGroups = 0 }: ItemCounts): number {
  return documents + revisions + counterGroups;
}

/** Tells the workflow how far a dump is. */
export class TransferMeter {
  readonly #work: Work;
  readonly #doing: string;
  readonly #totalItems: number;
  readonly #startedAt = Date.now();
  readonly #done: number;
  #bytes = 0;

  /** @param done items that an earlier try has handled */
  constructor(work: Work, doing: string, totalItems: number, done = 0) {
    this.#work = work;
    this.#doing = doing;
    this.#totalItems = totalItems;
    this.#done = done;
    this.tell(done);
  }

  /** Counts the bytes that pass. */
  countBytes(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#bytes += chunk.length;
        done(null, chunk);
      },
    });
  }

  /** To be called with each new number of items handled so far. */
  tell(items: number): void {
    const seconds = (Date.now() - this.#startedAt) / 1000;
    const rate = seconds > 1 ? Math.round((items - this.#done) / seconds) : 0;
    const totalItems = Math.max(items, this.#totalItems);
    const transferred: Transferred = {
      doing: this.#doing,
      items,
      totalItems,
      ...(this.#bytes > 0 && { bytes: this.#bytes }),
      ...(rate > 0 && { itemsPerSecond: rate, etaSeconds: Math.ceil((totalItems - items) / rate) }),
      attempt: this.#work.attempt,
    };
    this.#work.report({ transferred });
  }
}

/** Something must have been copied where something was. @throws RavenError for good */
export function assertSomethingCopied(copied: number, expectedDocuments: number): void {
  if (expectedDocuments === 0 || copied > 0) return;
  throw new RavenError(
    `Nothing was copied, although the source has ${expectedDocuments} documents. The target is not complete.`,
    { kind: failures.nothingCopied, retryable: false },
  );
}
