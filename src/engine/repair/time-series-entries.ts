/**
 * Entries of time series that the target has although the source has deleted them: RavenDB forgets a deleted range
 * after minutes, and then no delta tells of it.
 */

import type { Difference } from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { deleteTimeSeries, timeSeriesCounts, timestamps } from '../../ravendb/requests/time-series.ts';
import type { ClusterSides } from '../database-wide/cluster-items.ts';
import type { Work } from '../work/work.ts';

/** Takes away entries that only the target has, in the series of the documents where some differ. */
export async function mendTimeSeries(
  work: Work,
  { source, target }: Pair<DatabaseRef>,
  differences: readonly Difference[],
): Promise<void> {
  const sides = {
    from: work.connection(source.connection),
    into: work.connection(target.connection),
    source: source.database,
    target: target.database,
  };
  const ids = new Set(differences.filter(({ kind }) => kind === 'time series').map(({ id }) => id));
  for (const id of ids) {
    for (const name of (await timeSeriesCounts(sides.into, sides.target, id)).keys()) {
      await mendSeries(sides, id, name);
    }
  }
}

async function mendSeries(
  { from, into, source, target }: ClusterSides,
  id: string,
  name: string,
): Promise<void> {
  for await (const page of timestamps(into, target, { id, name })) {
    const [first, last] = [page[0], page.at(-1)];
    const kept = new Set<string>();
    for await (const part of timestamps(from, source, {
      id,
      name,
      ...(first && { first }),
      ...(last && { last }),
    })) {
      for (const each of part) kept.add(each);
    }
    const ranges = page.filter((each) => !kept.has(each)).map((each) => ({ From: each, To: each }));
    if (ranges.length > 0) await deleteTimeSeries(into, target, { id, name, ranges });
  }
}
