/** What a comparison of source and target found. */

import { formatCount } from './format.ts';

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

/** A number of items on both sides. */
export interface SideBySide {
  source: number;
  target: number;
}

/** The result of one verification. */
export interface Verification {
  at: string;
  depth: 'content';
  /** Items that differ although the target had caught up with them. */
  mismatches: number;
  /** The first differences; `mismatches` tells how many there are. */
  differences: Difference[];
  /** Documents that differed because they had changed since the last round; looked at again later. */
  lagging: number;
  documents: SideBySide;
  /** Kinds that are compared by number. */
  counts: Record<string, SideBySide>;
  /** Whether the kinds compared by number were judged; while somebody writes they are only shown. */
  itemsCompared: boolean;
  /** Documents per shard of the target. */
  shards: Record<string, number>;
}

/** How many differences a verification carries along; histories and queries must stay small. */
export const MAX_DIFFERENCES = 20;

/** One sentence on a verification. */
export function describeVerification({ mismatches, differences, documents, lagging }: Verification): string {
  if (mismatches === 0)
    return `${formatCount(documents.source)} documents compared by content, no difference${lagging > 0 ? `, ${lagging} changed meanwhile` : ''}`;
  const first = differences[0];
  const example = first ? `, the first: ${first.kind} "${first.id}": ${first.what}` : '';
  return `${mismatches} ${mismatches === 1 ? 'difference' : 'differences'}${example}`;
}
