/** The results of comparisons under a schedule, run by run. */
import { formatCount } from '../text/format.ts';
import type { Verification } from './verification.ts';

export type TrendPoint = Pick<Verification, 'at' | 'mismatches' | 'documents' | 'lagging'>;

const MAX_RUNS = 30;

/**
 * The last runs, this one included.
 * @param last the last result of the schedule, which Temporal passes to the next run; anything else starts a new trend
 */
export function trendAfter(last: unknown, { at, mismatches, documents, lagging }: TrendPoint): TrendPoint[] {
  const { trend } = (last ?? {}) as { trend?: TrendPoint[] };
  const before = Array.isArray(trend) ? trend : [];
  return [...before, { at, mismatches, documents, lagging }].slice(-MAX_RUNS);
}

/** A line for each run, the last one first. */
export function trendLines(trend: readonly TrendPoint[]): string[] {
  return trend.toReversed().map(({ at, mismatches, documents, lagging }) => {
    const found = mismatches === 0 ? 'no difference' : `${formatCount(mismatches)} differ`;
    const lag = lagging > 0 ? `, ${formatCount(lagging)} lagging` : '';
    return `${at}: ${formatCount(documents.source)} documents, ${found}${lag}`;
  });
}
