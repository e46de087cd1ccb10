/** Which kinds of items belong to what, as a migration exports and imports them. */
import type { ItemCounts } from '../dump/item-kinds.ts';
import type { ItemType } from './smuggler.ts';

/** Items that belong to a document, and so to a shard. */
export const SHARDED: readonly ItemType[] = [
  'Documents',
  'RevisionDocuments',
  'Attachments',
  'CounterGroups',
  'TimeSeries',
];

/** Items that belong to the database as a whole. */
export const CLUSTER_WIDE: readonly ItemType[] = ['CompareExchange', 'Identities'];

/** Items that exist. */
export const DATA: readonly ItemType[] = [...SHARDED, ...CLUSTER_WIDE];

/** Items that say what was deleted. */
export const DELETIONS: readonly ItemType[] = [
  'Tombstones',
  'CompareExchangeTombstones',
  'TimeSeriesDeletedRanges',
];

/** The lists of a dump that hold them. */
export const DELETION_LISTS: ReadonlySet<string> = new Set(DELETIONS);

/**
 * Items of an export that are counted as its progress. Of time series an export counts entries, a database segments.
 */
export function countedItems({ documents = 0, revisions = 0, counterGroups = 0 }: ItemCounts): number {
  return documents + revisions + counterGroups;
}
