import { type Matched, mergeByKey } from '../../core/compare/merge-by-key.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { type SeriesEntry, type SeriesRange, seriesEntries } from '../../ravendb/requests/time-series.ts';

/** The entries of a time series, by time, that only one side has, or that have other values there. @throws RavenError */
export async function* differingEntries(
  { source, target }: Pair<Database>,
  series: SeriesRange,
): AsyncGenerator<Matched<SeriesEntry & { key: string }>> {
  for await (const pair of mergeByKey(keyed(source, series), keyed(target, series))) {
    if (pair.left?.Values.join() !== pair.right?.Values.join()) yield pair;
  }
}

async function* keyed(
  database: Database,
  series: SeriesRange,
): AsyncGenerator<SeriesEntry & { key: string }> {
  for await (const page of seriesEntries(database, series)) {
    for (const entry of page) yield { ...entry, key: entry.Timestamp };
  }
}
