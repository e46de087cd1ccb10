/** What a comparison of source and target found. */

import type { DatabaseRef, Pair } from '../contract/contract.ts';
import type { depths } from '../contract/verify-contract.ts';
import { formatCount } from '../text/format.ts';
import type { Sample } from './sampling.ts';

/** What can differ: what belongs to a document, and what belongs to the database as a whole. */
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

/** In `what` of everything that the source has not. */
export const ONLY_ON_TARGET = 'on the target only';

/** One difference between source and target. */
export interface Difference {
  kind: DifferenceKind;
  /** Id of the document, key or name. */
  id: string;
  /** What differs, in a few words: names, values of counters and times, nothing else of the content. */
  what: string;
  /** Shard of the target, where it is known. */
  shard?: number;
  /** Etag of the document in the source's storage; 0 when it is not there or was never written there. */
  etag?: number;
}

/** Also: every item that has changed since all were compared. */
export type Depth = (typeof depths)[number] | 'changes';

/** A document that the target was behind with. */
export interface Laggard {
  id: string;
  /** Time at which it was first seen to lag. */
  since: string;
}

/** What bears the id of a difference: what belongs to a document is told by the document. */
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
  /** What differed right before. */
  before: Difference[];
  /** What differs still. */
  after: Difference[];
}

/** One sentence on a repair. */
export function describeRepair({ before, after }: Pick<Repair, 'before' | 'after'>): string {
  const [first] = after;
  const were = `${before.length} ${before.length === 1 ? 'difference was' : 'differences were'} looked at`;
  if (!first) return `${were}, all are gone`;
  return `${were}, ${after.length} left, the first: ${subjectOf(first)} "${first.id}": ${first.what}`;
}

/** A number of items on both sides. */
export type SideBySide = Pair<number>;

/** The result of one verification. */
export interface Verification {
  at: string;
  depth: Depth;
  /** What was compared at the depth `changes`: documents that changed on either side since the full comparison. */
  changes?: { since: string; documents: number };
  /** Items that differ although the target had caught up with them. */
  mismatches: number;
  /** The first differences; `mismatches` tells how many there are. */
  differences: Difference[];
  /** Documents that differed because they had changed since the last round; looked at again later. */
  lagging: number;
  /** The first of them. */
  laggards: Laggard[];
  documents: SideBySide;
  /** Numbers of other kinds, where there are any. */
  counts: Record<string, SideBySide>;
  /** Whether what belongs to the database as a whole was judged; while somebody changes it nothing can be said. */
  itemsCompared: boolean;
  /** Documents per shard of the target. */
  shards: Record<string, number>;
  /** What was drawn, where not all was compared. */
  sample?: Sample;
}

/** How many differences a verification carries along; histories and queries must stay small. */
export const MAX_DIFFERENCES = 100;

/** One sentence on a verification. */
export function describeVerification(verification: Verification): string {
  const { mismatches, differences } = verification;
  if (mismatches === 0) return `${describeCompared(verification)}, no difference${describeLag(verification)}`;
  const first = differences[0];
  const example = first ? `, the first: ${subjectOf(first)} "${first.id}": ${first.what}` : '';
  return `${mismatches} ${mismatches === 1 ? 'difference' : 'differences'}${example}`;
}

/** How many documents lag, and for how long one of them has. */
function describeLag({ lagging, laggards }: Verification): string {
  if (lagging === 0) return '';
  const [oldest] = laggards.map(({ since }) => since).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  return `, ${lagging} changed meanwhile${oldest ? ` (the first seen at ${oldest})` : ''}`;
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
