/** Reading time series. */
import type { RavenConnection } from './connection.ts';
import { databasePath } from './database.ts';
import { RavenError } from './errors.ts';
import type { RavenHttp, RavenRequest } from './http.ts';

const PAGE = 4096;

/** Entries of each time series of a document, by its name in lower case. @throws RavenError */
export async function timeSeriesCounts(
  { http }: RavenConnection,
  database: string,
  id: string,
): Promise<Map<string, number>> {
  const counts = await ifThere<{ TimeSeries: { Name: string; NumberOfEntries: number }[] }>(http, {
    doing: 'Counting time-series entries',
    database,
    path: databasePath(database, `timeseries/stats?docId=${encodeURIComponent(id)}`),
  });
  return new Map(
    counts?.TimeSeries.map(({ Name, NumberOfEntries }) => [Name.toLowerCase(), NumberOfEntries]),
  );
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
    const found = await ifThere<{ Entries: { Timestamp: string }[] }>(http, {
      doing: 'Reading time-series entries',
      database,
      path: databasePath(database, `timeseries?${query}`),
    });
    const Entries = found?.Entries ?? [];
    // a page begins with the last entry of the one before
    const page = Entries.map(({ Timestamp }) => Timestamp).filter((each) => each !== from || each === first);
    if (page.length > 0) yield page;
    if (Entries.length < PAGE) return;
    from = page.at(-1);
  }
}

/** A document or a series that is not there is answered by 404. */
async function ifThere<T>(http: RavenHttp, request: Omit<RavenRequest, 'body'>): Promise<T | undefined> {
  try {
    return await http.json<T>(request);
  } catch (error) {
    if (error instanceof RavenError && error.status === 404) return undefined;
    throw error;
  }
}
