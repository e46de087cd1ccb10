/** How comparisons under a schedule went, run by run. */
import { formatCount } from '../text/format.ts';
import type { Verification } from './verification.ts';

/** One run. */
export type TrendPoint = Pick<Verification, 'at' | 'mismatches' | 'documents' | 'lagging'>;

const KEPT = 30;

/**
 * The last runs, this one included.
 * @param last what the run before returned, which Temporal hands to the runs of a schedule; anything else begins anew
 */
export function trendAfter(last: unknown, { at, mismatches, documents, lagging }: TrendPoint): TrendPoint[] {
  const { trend } = (last ?? {}) as { trend?: TrendPoint[] };
  const before = Array.isArray(trend) ? trend : [];
  return [...before, { at, mismatches, documents, lagging }].slice(-KEPT);
}

/** A line for each run, the last one first. */
export function trendLines(trend: readonly TrendPoint[]): string[] {
  return trend.toReversed().map(({ at, mismatches, documents, lagging }) => {
    const found = mismatches === 0 ? 'no difference' : `${formatCount(mismatches)} differ`;
    const lag = lagging > 0 ? `, ${formatCount(lagging)} lagging` : '';
    return `${at}: ${formatCount(documents.source)} documents, ${found}${lag}`;
  });
}
