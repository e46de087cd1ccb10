/** Kinds of items that travel. */

import type { ItemCounts } from '../dump/item-kinds.ts';
import type { ItemType } from './smuggler.ts';

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

/** Items of an export by which its progress is told; of time series it counts entries, a database segments. */
export function countedItems({ documents = 0, revisions = 0, counterGroups = 0 }: ItemCounts): number {
  return documents + revisions + counterGroups;
}
