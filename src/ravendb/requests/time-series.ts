/** Reading and deleting time series. */
import type { Database } from '../connection/database.ts';
import { ifFound } from '../connection/errors.ts';

const PAGE = 4096;

/** Whether a time series is incremental: RavenDB tells by the name. */
export function isIncremental(name: string): boolean {
  return /^INC:/i.test(name);
}

/** A time series of a document, and how many entries it has. */
export interface SeriesCount {
  Name: string;
  /** 0 for one that has lost them all: RavenDB keeps its name. */
  NumberOfEntries: number;
}

/** The time series of a document; none for a document that does not exist. @throws RavenError */
export async function seriesCounts(database: Database, id: string): Promise<SeriesCount[]> {
  const counts = await ifFound(
    database.json<{ TimeSeries: SeriesCount[] }>({
      doing: 'Counting time-series entries',
      path: `timeseries/stats?docId=${encodeURIComponent(id)}`,
    }),
  );
  return counts?.TimeSeries ?? [];
}

/** Entries of each time series of a document, by its name in lower case. @throws RavenError */
export async function timeSeriesCounts(database: Database, id: string): Promise<Map<string, number>> {
  const counts = await seriesCounts(database, id);
  return new Map(counts.map(({ Name, NumberOfEntries }) => [Name.toLowerCase(), NumberOfEntries]));
}

/** A series, as a whole or between two times, both inclusive. */
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
  database: Database,
  { id, name, first, last }: SeriesRange,
): AsyncGenerator<SeriesEntry[]> {
  for (let from = first; ; ) {
    const query = new URLSearchParams({ docId: id, name, pageSize: String(PAGE) });
    if (from !== undefined) query.set('from', from);
    if (last !== undefined) query.set('to', last);
    const found = await ifFound(
      database.json<{ Entries: SeriesEntry[] }>({
        doing: 'Reading time-series entries',
        path: `timeseries?${query}`,
      }),
    );
    const Entries = found?.Entries ?? [];
    // a page begins with the last entry of the one before
    const page = Entries.filter(({ Timestamp }) => Timestamp !== from || Timestamp === first);
    if (page.length > 0) yield page;
    if (Entries.length < PAGE) return;
    from = page.at(-1)?.Timestamp;
  }
}

/** The times of a series' entries, ascending, a page at a time. @throws RavenError */
export async function* timestamps(database: Database, series: SeriesRange): AsyncGenerator<string[]> {
  for await (const page of seriesEntries(database, series)) {
    yield page.map(({ Timestamp }) => Timestamp);
  }
}

/** Entries of a time series to delete: from one time to another, both inclusive; without times all of it. */
export interface TimeSeriesRange {
  From?: string;
  To?: string;
}

/** Deletes entries of a time series. @throws RavenError */
export async function deleteTimeSeries(
  database: Database,
  { id, name, ranges }: { id: string; name: string; ranges: readonly TimeSeriesRange[] },
): Promise<void> {
  await database.json({
    doing: 'Deleting time-series entries',
    method: 'POST',
    path: `timeseries?docId=${encodeURIComponent(id)}`,
    json: { Name: name, Deletes: ranges },
  });
}

/** Adds to entries of an incremental time series. @throws RavenError */
export async function incrementTimeSeries(
  database: Database,
  {
    id,
    name,
    increments,
  }: { id: string; name: string; increments: readonly Pick<SeriesEntry, 'Timestamp' | 'Values'>[] },
): Promise<void> {
  await database.json({
    doing: 'Adding to a time series',
    method: 'POST',
    path: `timeseries?docId=${encodeURIComponent(id)}`,
    json: { Name: name, Increments: increments },
  });
}
