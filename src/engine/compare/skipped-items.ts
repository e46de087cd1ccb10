/** Leaving out of a comparison what a person decided to do without. */

import type { Difference } from '../../core/compare/verification.ts';
import { type ItemName, itemNameKey } from '../../core/copy/refused.ts';

/**
 * The differences that are not in skipped items. A document that is skipped goes with all that belongs to it; a counter, a
 * time series and a revision are named by their document, too.
 */
export function withoutSkipped(
  differences: readonly Difference[],
  skipped: readonly ItemName[] = [],
): Difference[] {
  if (skipped.length === 0) return [...differences];
  const keys = new Set(skipped.map(itemNameKey));
  const isSkipped = ({ kind, id }: Difference) =>
    keys.has(itemNameKey({ kind: kind as ItemName['kind'], id })) ||
    (OF_DOCUMENTS.has(kind) && keys.has(itemNameKey({ kind: 'document', id })));
  return differences.filter((each) => !isSkipped(each));
}

const OF_DOCUMENTS: ReadonlySet<string> = new Set(['attachment', 'counter', 'time series', 'revision']);

/** The part of a verification that says how many items were skipped. */
export function skippedCount(skipped: readonly ItemName[] = []): { skipped?: number } {
  return skipped.length > 0 ? { skipped: skipped.length } : {};
}
