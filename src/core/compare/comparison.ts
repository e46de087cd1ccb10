/**
 * The first half of a comparison: all workers read both sides in parts, and sums of digests show in which ranges of
 * ids the sides differ.
 */
import type { Pair } from '../contract/contract.ts';
import { type Piece, type PieceKind, type PieceProgress, pieceKinds } from '../copy/pieces.ts';
import { RangeSums } from './range-sums.ts';
import { MAX_DIFFERENCES } from './verification.ts';

/** A database that is not sharded, or one shard. It counts its own etags. */
export interface Storage {
  connection: string;
  /** Its name; a shard's ends with `$` and its number. */
  database: string;
  /** Null for a database that is not sharded. */
  shard: number | null;
  /** The entries of change vectors with this id hold its own etags. */
  databaseId: string;
  lastEtag: number;
}

/** A storage of one side of a comparison, as it was when the comparison began: a later etag is a change since. */
export interface ComparedStorage extends Storage {
  side: 'source' | 'target';
}

/** A part of one side, read by one activity. */
export interface Reading {
  storage: ComparedStorage;
  piece: Piece;
}

/** Everything to be read on both sides. */
export interface ComparisonPlan {
  storages: ComparedStorage[];
  readings: Reading[];
  totalItems: number;
}

/** A document on a shard that does not hold its bucket. */
export interface Misplaced {
  id: string;
  shard: number;
}

/** How many are kept: one more than a verification lists, so that it does not take the listed ones for all. */
export const MOST_MISPLACED = MAX_DIFFERENCES + 1;

/** What was read of a part so far. */
export interface ReadingProgress extends PieceProgress {
  /** {@link RangeSums} as text. */
  sums: string;
  attachments: number;
  counters: number;
  /** The first documents that lie on the wrong shard. */
  misplaced: Misplaced[];
}

/** What the sums of both sides show. */
export interface Compared {
  /** By kind, the ranges in which the sides differ. */
  differing: Partial<Record<PieceKind, number[]>>;
  documents: Pair<number>;
  /** Numbers of other kinds of items, if there are any. */
  counts: Record<string, Pair<number>>;
  /** Documents by shard of the target. */
  shards: Record<string, number>;
  misplaced: Misplaced[];
}

/** The progress of a reading that has not begun. */
export function unread({ piece }: Reading): ReadingProgress {
  return { next: piece.from, items: 0, bytes: 0, sums: '', attachments: 0, counters: 0, misplaced: [] };
}

/** A part, and how much of it was read. */
export interface PartRead {
  reading: Reading;
  read: ReadingProgress;
}

/** The same in as few parts as there are storages and kinds: for {@link compared} no difference. */
export function addedUp(parts: readonly PartRead[]): PartRead[] {
  const sums = new Map<string, PartRead>();
  for (const { reading, read } of parts) {
    const { storage, piece } = reading;
    const key = JSON.stringify([storage.side, storage.database, piece.kind]);
    const known = sums.get(key)?.read;
    sums.set(key, { reading, read: known ? sumOf(known, read) : read });
  }
  return [...sums.values()];
}

function sumOf(one: ReadingProgress, other: ReadingProgress): ReadingProgress {
  const sums = RangeSums.from(one.sums);
  sums.addAll(RangeSums.from(other.sums));
  return {
    next: Math.max(one.next, other.next),
    items: one.items + other.items,
    bytes: one.bytes + other.bytes,
    sums: sums.toText(),
    attachments: one.attachments + other.attachments,
    counters: one.counters + other.counters,
    misplaced: [...one.misplaced, ...other.misplaced].slice(0, MOST_MISPLACED),
  };
}

/** Adds up what was read. */
export function compared(readings: readonly PartRead[]): Compared {
  const of = (kind: PieceKind, side?: ComparedStorage['side']) =>
    readings.filter(({ reading }) => reading.piece.kind === kind && side !== otherThan(reading.storage.side));
  const both = (kind: PieceKind, what: 'items' | 'attachments' | 'counters'): Pair<number> => {
    const sum = (side: ComparedStorage['side']) =>
      of(kind, side).reduce((total, { read }) => total + read[what], 0);
    return { source: sum('source'), target: sum('target') };
  };
  const differing: Compared['differing'] = {};
  for (const kind of pieceKinds) {
    const [source, target] = (['source', 'target'] as const).map((side) => {
      const sums = new RangeSums();
      for (const { read } of of(kind, side)) sums.addAll(RangeSums.from(read.sums));
      return sums;
    });
    const ranges = source && target ? source.differing(target) : [];
    if (ranges.length > 0) differing[kind] = ranges;
  }
  const shards: Record<string, number> = {};
  for (const { reading, read } of of('Documents', 'target')) {
    const { shard } = reading.storage;
    if (shard !== null) shards[shard] = (shards[shard] ?? 0) + read.items;
  }
  const counts: Compared['counts'] = {
    attachments: both('Documents', 'attachments'),
    counters: both('Documents', 'counters'),
  };
  if (of('RevisionDocuments').length > 0) counts.revisions = both('RevisionDocuments', 'items');
  return {
    differing,
    documents: both('Documents', 'items'),
    counts,
    shards,
    misplaced: readings.flatMap(({ read }) => read.misplaced).slice(0, MOST_MISPLACED),
  };
}

function otherThan(side: ComparedStorage['side']): ComparedStorage['side'] {
  return side === 'source' ? 'target' : 'source';
}

/** One part to read, and where to go on with it. */
export interface ReadPart {
  reading: Reading;
  /** The number by which the workflow knows the part. */
  number: number;
  reached?: ReadingProgress | undefined;
  maxItemsPerSecond?: number | null;
  /** Whether it reports nothing before its end. */
  isSilent?: boolean;
}

/** What became of a part: read to its end, or as far as it came when the workflow canceled it. */
export interface ReadResult {
  done: boolean;
  read: ReadingProgress;
}
