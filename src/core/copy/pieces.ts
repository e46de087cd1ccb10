/** Cutting a copy into pieces: ranges of etags, each copied, confirmed and retried by itself. */
import type { Transfer } from './transfer.ts';

/** Kinds of items that belong to a document, and so to a shard. Each is exported in the order of etags. */
export const pieceKinds = ['Documents', 'RevisionDocuments', 'CounterGroups', 'TimeSeries'] as const;

export type PieceKind = (typeof pieceKinds)[number];

/** The items of one kind with etags from `from` (inclusive) to `before` (exclusive). */
export interface Piece {
  kind: PieceKind;
  from: number;
  before: number;
}

/** RavenDB refuses these for documents that do not exist. */
export const NEED_DOCUMENTS: ReadonlySet<string> = new Set(['CounterGroups', 'TimeSeries']);

/** Whether a stage has items whose documents must already be on the target. */
export function needsDocuments(stage: readonly Piece[]): boolean {
  return stage.some(({ kind }) => NEED_DOCUMENTS.has(kind));
}

/** How much of a piece is on the target. */
export interface PieceProgress {
  /** Every item of the piece below this etag is on the target. */
  next: number;
  items: number;
  /** Bytes sent, attachments included. */
  bytes: number;
}

/** A whole copy: stages that follow one another, each of pieces that may run side by side. */
export interface CopyPlan {
  stages: Piece[][];
  /** Items that the source holds, of the kinds that are cut into pieces. */
  totalItems: number;
}

/**
 * Etags at which a kind may be cut, ascending: between `first` and `last` (both inclusive), evenly. None for few
 * items.
 */
export function cutsBetween(
  first: number,
  last: number,
  { items, perPiece, most }: { items: number; perPiece: number; most: number },
): number[] {
  const pieces = Math.min(most, Math.ceil(items / perPiece), last - first + 1);
  const width = (last + 1 - first) / pieces;
  return Array.from({ length: Math.max(0, pieces - 1) }, (_, cut) => first + Math.round(width * (cut + 1)));
}

/** The pieces of a kind that cuts make, up to and with the etag `last`. */
export function piecesOf(kind: PieceKind, cuts: readonly number[], last: number): Piece[] {
  const edges = [0, ...cuts, last + 1];
  return edges.slice(1).map((before, index) => ({ kind, from: edges[index] ?? 0, before }));
}

/** One piece of a copy, and where to go on with it. */
export interface CopyPiece extends Transfer {
  piece: Piece;
  /** The number by which the workflow knows the piece. */
  number: number;
  reached?: PieceProgress | undefined;
}

/** What became of a piece: all of it is on the target, or what was when the workflow canceled it. */
export interface CopiedPiece {
  done: boolean;
  progress: PieceProgress;
}
