/** Reading time series. */
import type { RavenConnection } from '../connection/connection.ts';
import { RavenError } from '../connection/errors.ts';
import type { RavenHttp, RavenRequest } from '../connection/http.ts';
import { databasePath } from './databases.ts';

const PAGE = 4096;

/** A time series of a document, and how many entries it has. */
export interface SeriesCount {
  Name: string;
  /** 0 for one that has lost them all: RavenDB keeps its name. */
  NumberOfEntries: number;
}

/** The time series of a document; none of one that does not exist. @throws RavenError */
export async function seriesCounts(
  { http }: RavenConnection,
  database: string,
  id: string,
): Promise<SeriesCount[]> {
  const counts = await ifThere<{ TimeSeries: SeriesCount[] }>(http, {
    doing: 'Counting time-series entries',
    database,
    path: databasePath(database, `timeseries/stats?docId=${encodeURIComponent(id)}`),
  });
  return counts?.TimeSeries ?? [];
}

/** Entries of each time series of a document, by its name in lower case. @throws RavenError */
export async function timeSeriesCounts(
  connection: RavenConnection,
  database: string,
  id: string,
): Promise<Map<string, number>> {
  const counts = await seriesCounts(connection, database, id);
  return new Map(counts.map(({ Name, NumberOfEntries }) => [Name.toLowerCase(), NumberOfEntries]));
}

/** A series, as a whole or within two times, both inclusive. */
export interface SeriesRange {
  id: string;
  name: string;
  first?: string;
  last?: string;
}

/** An entry of a series; of an incremental one its values are the sums. */
export interface SeriesEntry {
  Timestamp: string;
  Values: number[];
  /** Null where there is none; an incremental series has the ids of databases here. */
  Tag: string | null;
}

/** The entries of a series, ascending, a page at a time. @throws RavenError */
export async function* seriesEntries(
  { http }: RavenConnection,
  database: string,
  { id, name, first, last }: SeriesRange,
): AsyncGenerator<SeriesEntry[]> {
  for (let from = first; ; ) {
    const query = new URLSearchParams({ docId: id, name, pageSize: String(PAGE) });
    if (from !== undefined) query.set('from', from);
    if (last !== undefined) query.set('to', last);
    const found = await ifThere<{ Entries: SeriesEntry[] }>(http, {
      doing: 'Reading time-series entries',
      database,
      path: databasePath(database, `timeseries?${query}`),
    });
    const Entries = found?.Entries ?? [];
    // a page begins with the last entry of the one before
    const page = Entries.filter(({ Timestamp }) => Timestamp !== from || Timestamp === first);
    if (page.length > 0) yield page;
    if (Entries.length < PAGE) return;
    from = page.at(-1)?.Timestamp;
  }
}

/** The times of a series' entries, ascending, a page at a time. @throws RavenError */
export async function* timestamps(
  connection: RavenConnection,
  database: string,
  series: SeriesRange,
): AsyncGenerator<string[]> {
  for await (const page of seriesEntries(connection, database, series)) {
    yield page.map(({ Timestamp }) => Timestamp);
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

/** Whether a time series is an incremental one: RavenDB tells them by their names. */
export function isIncremental(name: string): boolean {
  return /^INC:/i.test(name);
}

/** Entries of a time series to take away: from one time to another, both inclusive; without times all of it. */
export interface TimeSeriesRange {
  From?: string;
  To?: string;
}

/** Deletes entries of a time series. @throws RavenError */
export async function deleteTimeSeries(
  { http }: RavenConnection,
  database: string,
  series: { id: string; name: string; ranges: readonly TimeSeriesRange[] },
): Promise<void> {
  const { id, name, ranges } = series;
  await http.json({
    doing: 'Deleting time-series entries',
    database,
    method: 'POST',
    path: databasePath(database, `timeseries?docId=${encodeURIComponent(id)}`),
    json: { Name: name, Deletes: ranges },
  });
}
