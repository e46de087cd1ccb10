/**
 * The first half of a comparison: both sides are read in parts, by as many workers as there are, and sums of digests
 * say in which ranges of ids they differ.
 */
import { type Piece, type PieceKind, type PieceProgress, pieceKinds } from '../copy/pieces.ts';
import { RangeSums } from './range-sums.ts';
import type { SideBySide } from './verification.ts';

/** A database that is not sharded, or one shard: what answers by itself and counts its own etags. */
export interface Storage {
  side: 'source' | 'target';
  connection: string;
  /** Its name: of a shard with `$` and number. */
  database: string;
  /** Null for a database that is not sharded. */
  shard: number | null;
  /** Etags in change vectors are its own where they bear this. */
  databaseId: string;
  /** Its last etag; what has a later one has changed meanwhile. */
  etag: number;
}

/** A part of a side, read in one go. */
export interface Reading {
  place: Storage;
  piece: Piece;
}

/** What must be read of both sides. */
export interface ComparisonPlan {
  places: Storage[];
  readings: Reading[];
  totalItems: number;
}

/** A document on a shard that does not hold its bucket. */
export interface Misplaced {
  id: string;
  shard: number;
}

/** What was read so far. */
export interface ReadingProgress extends PieceProgress {
  /** Of {@link RangeSums}. */
  sums: string;
  attachments: number;
  counters: number;
  /** The first documents that lie on the wrong shard. */
  misplaced: Misplaced[];
}

/** What the sums of both sides say. */
export interface Compared {
  /** By kind, the ranges in which the sides differ. */
  differing: Partial<Record<PieceKind, number[]>>;
  documents: SideBySide;
  /** Other kinds, where there are any. */
  counts: Record<string, SideBySide>;
  /** Documents by shard of the target. */
  shards: Record<string, number>;
  misplaced: Misplaced[];
}

/** A reading that has not begun. */
export function unread({ piece }: Reading): ReadingProgress {
  return { next: piece.from, items: 0, bytes: 0, sums: '', attachments: 0, counters: 0, misplaced: [] };
}

/** Adds up what was read. */
export function compared(readings: readonly { reading: Reading; read: ReadingProgress }[]): Compared {
  const of = (kind: PieceKind, side?: Storage['side']) =>
    readings.filter(({ reading }) => reading.piece.kind === kind && side !== otherThan(reading.place.side));
  const both = (kind: PieceKind, what: 'items' | 'attachments' | 'counters'): SideBySide => {
    const sum = (side: Storage['side']) => of(kind, side).reduce((total, { read }) => total + read[what], 0);
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
    const { shard } = reading.place;
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
    misplaced: readings.flatMap(({ read }) => read.misplaced),
  };
}

function otherThan(side: Storage['side']): Storage['side'] {
  return side === 'source' ? 'target' : 'source';
}

/** One part to read, and where to go on with it. */
export interface ReadPart {
  reading: Reading;
  /** The number by which the workflow knows the part. */
  number: number;
  reached?: ReadingProgress | undefined;
  maxItemsPerSecond?: number | null;
}

/** What became of a part: read to its end, or as far as it came when the workflow canceled it. */
export interface ReadResult {
  done: boolean;
  read: ReadingProgress;
}
