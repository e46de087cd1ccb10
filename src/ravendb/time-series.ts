/** Reading time series. */
import type { RavenConnection } from './connection.ts';
import { databasePath } from './database.ts';

const PAGE = 4096;

/** Entries of each time series of a document, by its name in lower case. @throws RavenError */
export async function timeSeriesCounts(
  { http }: RavenConnection,
  database: string,
  id: string,
): Promise<Map<string, number>> {
  const { TimeSeries } = await http.json<{ TimeSeries: { Name: string; NumberOfEntries: number }[] }>({
    doing: 'Counting time-series entries',
    database,
    path: databasePath(database, `timeseries/stats?docId=${encodeURIComponent(id)}`),
  });
  return new Map(TimeSeries.map(({ Name, NumberOfEntries }) => [Name.toLowerCase(), NumberOfEntries]));
}

/** The times of a series' entries, ascending, a page at a time; within two times, both inclusive. @throws RavenError */
export async function* timestamps(
  { http }: RavenConnection,
  database: string,
  series: { id: string; name: string; first?: string; last?: string },
): AsyncGenerator<string[]> {
  const { id, name, first, last } = series;
  for (let from = first; ; ) {
    const query = new URLSearchParams({ docId: id, name, pageSize: String(PAGE) });
    if (from !== undefined) query.set('from', from);
    if (last !== undefined) query.set('to', last);
    const { Entries } = await http.json<{ Entries: { Timestamp: string }[] }>({
      doing: 'Reading time-series entries',
      database,
      path: databasePath(database, `timeseries?${query}`),
    });
    // a page begins with the last entry of the one before
    const page = Entries.map(({ Timestamp }) => Timestamp).filter((each) => each !== from || each === first);
    if (page.length > 0) yield page;
    if (Entries.length < PAGE) return;
    from = page.at(-1);
  }
}
