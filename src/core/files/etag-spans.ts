/** What the etags in two files of a backup tell about their order. */

/**
 * The lowest and the highest etag that the items of a file have, by the id of the storage that gave them.
 *
 * To be taken from the change vectors of documents, tombstones, counters and time series. Not from revisions: RavenDB
 * can make one long after the document was written, with the change vector of then.
 */
export type Span = Readonly<Record<string, EtagRange>>;

export interface EtagRange {
  lowest: number;
  highest: number;
}

/** What is known of two files, of which the second is to be applied after the first. */
export type Gap =
  /** Proven: the second begins with the etag after the last one of the first, so no file between them is missing. */
  | { kind: 'none' }
  /** The second begins within the first, as when two backup tasks run side by side. Nothing is missing. */
  | { kind: 'overlap' }
  /**
   * It cannot be told. So many etags (null: not countable) are in neither file. Those of items that were written again
   * before the second file was made are gone by nature; a missing file looks the same.
   */
  | { kind: 'unknown'; unseen: number | null }
  /** One of the two holds nothing that has an etag. */
  | { kind: 'empty' }
  /** Nothing in the second is newer than the first: they are in the wrong order, or the second is a copy or foreign. */
  | { kind: 'not-later' }
  /** The two have no storage in common: another database, or the same after it was restored or replaced. */
  | { kind: 'foreign' };

const CHANGE_VECTOR_ENTRY = /([A-Z]{1,4}):(\d+)-([\w+/]{22})/g;
/** Tags of entries that are no etags of a storage: of cluster transactions, of sinks, of buckets on their way. */
const OTHER_TAGS = new Set(['RAFT', 'TRXN', 'SINK', 'MOVE']);

/** Widens a span by the change vector of an item. */
export function widen(span: Record<string, EtagRange>, changeVector: string): void {
  for (const [, tag = '', digits, storage = ''] of changeVector.matchAll(CHANGE_VECTOR_ENTRY)) {
    if (OTHER_TAGS.has(tag)) continue;
    const etag = Number(digits);
    const range = span[storage];
    if (!range) span[storage] = { lowest: etag, highest: etag };
    else {
      range.lowest = Math.min(range.lowest, etag);
      range.highest = Math.max(range.highest, etag);
    }
  }
}

/**
 * Whether something may be missing between two files, or the second does not follow the first at all.
 *
 * A backup begins with the etag after the last one of the backup before it. What is certain follows from this:
 * - an item that the second file holds was written after the first file was made, and what is written gets a change
 *   vector beyond all that its storage has seen. So if no storage has risen, the second does not follow the first;
 * - where one storage gave all etags, the next etag proves that nothing lies between.
 *
 * What is not: an etag that is in neither file proves no gap, since each item keeps its last etag only. With several
 * storages (a cluster, replication) even adjacency cannot be seen, since a change vector also repeats older etags. And
 * compare exchange, identities, indexes and settings have no etags at all.
 */
export function gapBetween(previous: Span, next: Span): Gap {
  const [before, after] = [Object.keys(previous), Object.keys(next)];
  if (before.length === 0 || after.length === 0) return { kind: 'empty' };
  if (!after.some((storage) => storage in previous)) return { kind: 'foreign' };
  const risen = after.filter((storage) => {
    const { highest } = next[storage] as EtagRange;
    return highest > (previous[storage]?.highest ?? 0);
  });
  if (risen.length === 0) return { kind: 'not-later' };
  const [only] = after;
  const [was, is] = [previous[only ?? ''], next[only ?? '']];
  if (before.length > 1 || after.length > 1 || !was || !is) return { kind: 'unknown', unseen: null };
  if (is.lowest <= was.highest) return { kind: 'overlap' };
  const unseen = is.lowest - was.highest - 1;
  return unseen === 0 ? { kind: 'none' } : { kind: 'unknown', unseen };
}

/** One sentence with the way out where two files do not follow one another; undefined where nothing speaks against it. */
export function gapProblem(gap: Gap, previous: string, next: string): string | undefined {
  if (gap.kind === 'foreign') {
    return `${next} is not of the database that ${previous} is of, or that was restored or replaced in between: take it away, or make a new full backup.`;
  }
  if (gap.kind === 'not-later') {
    return `${next} holds nothing that is newer than ${previous}, so it does not follow it: check that each has the name that RavenDB gave it.`;
  }
  return undefined;
}

/** What a person should judge, since it cannot be told whether a file is missing; undefined where nothing may be. */
export function gapFinding(gap: Gap, previous: string, next: string): string | undefined {
  if (gap.kind !== 'unknown') return undefined;
  const unseen = gap.unseen === null ? 'Changes' : `${gap.unseen} changes`;
  return (
    `${unseen} between ${previous} and ${next} are in neither: they were written over before the second was made, or a file ` +
    'between the two is missing. Compare the list of files with that of the backup task.'
  );
}
