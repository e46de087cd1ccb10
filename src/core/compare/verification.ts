/** What a comparison of source and target found. */

import type { DatabaseRef, Pair } from '../contract/contract.ts';
import type { depths } from '../contract/verify-contract.ts';
import { formatCount } from '../text/format.ts';
import type { Sample } from './sampling.ts';

/** What can differ: parts of a document, and what belongs to the database as a whole. */
export type DifferenceKind =
  | 'document'
  | 'attachment'
  | 'counter'
  | 'time series'
  | 'revision'
  | 'placement'
  | 'compare exchange'
  | 'identity'
  | 'index'
  | 'setting'
  | 'number of items';

/** The `what` of everything that the source does not have. */
export const ONLY_ON_TARGET = 'on the target only';

/** One difference between source and target. */
export interface Difference {
  kind: DifferenceKind;
  /** Id of the document, key or name. */
  id: string;
  /** What differs, in a few words: names, counter values and times, but no other content. */
  what: string;
  /** Shard of the target, where it is known. */
  shard?: number;
  /** Etag of the document in the source's storage; 0 if it does not exist or was never written there. */
  etag?: number;
}

/** What makes two differences the same one. */
export function differenceKey({ kind, id, what }: Difference): string {
  return JSON.stringify([kind, id, what]);
}

/** Ids of the documents of differences, each once. */
export function documentIds(differences: readonly Difference[]): string[] {
  return [...new Set(differences.map(({ id }) => id))];
}

/** A depth that people choose, or `changes`: every item that changed since the last full comparison. */
export type Depth = (typeof depths)[number] | 'changes';

/** A document that lagged on the target. */
export interface Laggard {
  id: string;
  /** Time at which it was first seen to lag. */
  since: string;
}

/** What the id of a difference names: parts of a document are named by the document. */
export function subjectOf({ kind }: { kind: string }): string {
  return OF_DOCUMENTS.has(kind) ? 'document' : kind;
}

const OF_DOCUMENTS: ReadonlySet<string> = new Set([
  'attachment',
  'counter',
  'time series',
  'revision',
  'placement',
]);

/** What was done about differences. */
export interface Repair {
  at: string;
  by: string;
  note: string;
  /** What differed right before the repair. */
  before: Difference[];
  /** What still differs. */
  after: Difference[];
  /** How many documents were mended, where more differed than a comparison lists. */
  documents?: number;
}

/** One sentence on a repair. */
export function describeRepair({
  before,
  after,
  documents,
}: Pick<Repair, 'before' | 'after' | 'documents'>): string {
  const [first] = after;
  const checked = `${before.length} ${before.length === 1 ? 'difference was' : 'differences were'} checked`;
  const were = documents === undefined ? checked : `${formatCount(documents)} documents were mended`;
  if (!first) return `${were}, none is left`;
  return `${were}, ${after.length} left, the first: ${subjectOf(first)} "${first.id}": ${first.what}`;
}

/** The result of one verification. */
export interface Verification {
  at: string;
  depth: Depth;
  /** At the depth `changes`: how many documents changed on either side since the last full comparison. */
  changes?: { since: string; documents: number };
  /** Items that differ although the target had caught up. */
  mismatches: number;
  /** The first differences; `mismatches` is the total. */
  differences: Difference[];
  /** Identifies the differences, so that a person can accept these and no others. Absent unless all are listed. */
  digest?: string;
  /** Documents that differed because they had changed since the last round; they are compared again later. */
  lagging: number;
  /** The first of them. */
  laggards: Laggard[];
  documents: Pair<number>;
  /** Numbers of other kinds of items, if there are any. */
  counts: Record<string, Pair<number>>;
  /** Whether database-wide items were compared; impossible while somebody changes them. */
  itemsCompared: boolean;
  /** Documents per shard of the target. */
  shards: Record<string, number>;
  /** Bytes that they take with all that belongs to them, without indexes; absent where nobody has looked. */
  shardBytes?: Record<string, number>;
  /** How many items were not compared, because a person decided to do without them. */
  skipped?: number;
  /** The sample, if not everything was compared. */
  sample?: Sample;
}

/** How many differences a verification keeps; histories and queries must stay small. */
export const MAX_DIFFERENCES = 100;

/** One sentence on a verification. */
export function describeVerification(verification: Verification): string {
  const { mismatches, differences } = verification;
  if (mismatches === 0)
    return `${describeCompared(verification)}, no difference${describeLag(verification)}${describeSkipped(verification)}`;
  const first = differences[0];
  const example = first ? `, the first: ${subjectOf(first)} "${first.id}": ${first.what}` : '';
  return `${mismatches} ${mismatches === 1 ? 'difference' : 'differences'}${example}`;
}

function describeSkipped({ skipped = 0 }: Verification): string {
  return skipped === 0 ? '' : `, ${skipped} skipped`;
}

/** How many documents lag, and since when the oldest does. */
function describeLag({ lagging, laggards }: Verification): string {
  if (lagging === 0) return '';
  const [oldest] = laggards.map(({ since }) => since).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  return `, ${lagging} changed meanwhile${oldest ? ` (first seen at ${oldest})` : ''}`;
}

function describeCompared({ depth, documents, sample, changes }: Verification): string {
  if (depth === 'counts') return 'numbers of items compared';
  if (changes)
    return `${formatCount(changes.documents)} documents that changed since ${changes.since} compared by content`;
  const compared = sample ? sample.documents : documents.source;
  return `${formatCount(compared)} documents compared by content`;
}

/** What to repair. */
export interface RepairInput extends Pair<DatabaseRef> {
  /** Found by a verification. What they say need not be so any more: everything is compared again first. */
  items: Difference[];
}

/** What came of a repair. */
export interface Repaired {
  /** What differed right before. */
  before: Difference[];
  /** What still differs, and what can be done about it. */
  after: Difference[];
}
