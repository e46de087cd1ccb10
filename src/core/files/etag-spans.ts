/** What the etags in two backup files say about their order. */

/**
 * The lowest and the highest etag of the items of a file, by the id of the storage that assigned them.
 *
 * Taken from the change vectors of documents, tombstones, counters and time series. Not from revisions: RavenDB may
 * create one long after the document was written, with its old change vector.
 */
export type Span = Readonly<Record<string, EtagRange>>;

export interface EtagRange {
  lowest: number;
  highest: number;
}

/** What is known about two files, the second of which is to be imported after the first. */
export type Gap =
  /** The second begins with the etag after the last one of the first: no file between them is missing. */
  | { kind: 'none' }
  /** The second begins within the first, as when two backup tasks run side by side. Nothing is missing. */
  | { kind: 'overlap' }
  /**
   * Unknown: this many etags (null: not countable) are in neither file. Either the items were written again before the
   * second backup, or a file is missing; both look the same.
   */
  | { kind: 'unknown'; unseen: number | null }
  /** One of the two has no item with an etag. */
  | { kind: 'empty' }
  /** Nothing in the second is newer than the first: the order is wrong, or the second is a copy or unrelated. */
  | { kind: 'not-later' }
  /** The two have no storage in common: different databases, or one that was restored or replaced in between. */
  | { kind: 'foreign' };

const CHANGE_VECTOR_ENTRY = /([A-Z]{1,4}):(\d+)-([\w+/]{22})/g;
/** Tags of entries that are not a storage's etags: cluster transactions, sinks, moving buckets. */
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
 * Whether a file may be missing between two files, or whether the second does not follow the first at all.
 *
 * A backup begins with the etag after the last one of the backup before it. Therefore:
 * - each item of the second file was written after the first file was made, with a change vector higher than anything
 *   its storage had seen. If no storage's etag has risen, the second does not follow the first;
 * - if one storage assigned all etags, adjacent etags prove that nothing is missing in between.
 *
 * An etag that is in neither file proves nothing, because each item keeps only its last etag. With several storages (a
 * cluster, replication) not even adjacency shows, because change vectors also repeat older etags. Compare exchange,
 * identities, indexes and settings have no etags at all.
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

/** One sentence with the way out if the second file cannot follow the first; otherwise undefined. */
export function gapProblem(gap: Gap, previous: string, next: string): string | undefined {
  if (gap.kind === 'foreign') {
    return `${next} is not from the same database as ${previous}, or the database was restored or replaced in between: remove it, or make a new full backup.`;
  }
  if (gap.kind === 'not-later') {
    return `${next} contains nothing newer than ${previous}, so it does not follow it: check that each file has the name that RavenDB gave it.`;
  }
  return undefined;
}

/** What a person should check because a file may be missing; otherwise undefined. */
export function gapFinding(gap: Gap, previous: string, next: string): string | undefined {
  if (gap.kind !== 'unknown') return undefined;
  const unseen = gap.unseen === null ? 'Changes' : `${gap.unseen} changes`;
  return (
    `${unseen} between ${previous} and ${next} are in neither file: either they were overwritten before the second backup, or a file ` +
    'in between is missing. Compare the files with the list of the backup task.'
  );
}
