/**
 * The value of an entry in an incremental time series is the sum of what each database has added, and an import keeps
 * the larger value. So an entry that was deleted on the source and created again must be deleted on the target before
 * its new value arrives: RavenDB remembers the deletion for a few minutes only.
 */

import { createReadStream } from 'node:fs';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { scan } from '../../ravendb/dump/scan.ts';
import { deleteTimeSeries, isIncremental, type SeriesRange } from '../../ravendb/requests/time-series.ts';
import { differingEntries } from '../transfer/differing-entries.ts';

/** Entries that one request deletes. */
const BATCH = 1000;

/** A segment as a dump writes it. */
interface Segment {
  '@raven-data': { DocId: string; Name: string; Baseline: string };
}

/** Deletes the entries that differ in the incremental series of a delta, from the first segment that it holds. */
export async function clearIncrementalEntries(databases: Pair<Database>, file: string): Promise<void> {
  const series = new Map<string, SeriesRange & { first: string }>();
  const segments = scan(decompressed(createReadStream(file)), (list, json) =>
    list === 'TimeSeries' ? (JSON.parse(json.toString()) as Segment)['@raven-data'] : undefined,
  );
  for await (const some of segments) {
    for (const { DocId: id, Name: name, Baseline } of some) {
      if (!isIncremental(name)) continue;
      const key = JSON.stringify([id, name.toLowerCase()]);
      const known = series.get(key)?.first;
      series.set(key, { id, name, first: known !== undefined && known < Baseline ? known : Baseline });
    }
  }
  for (const each of series.values()) await clear(databases, each);
}

async function clear(databases: Pair<Database>, series: SeriesRange): Promise<void> {
  const { target } = databases;
  const { id, name } = series;
  let ranges: { From: string; To: string }[] = [];
  const remove = async () => {
    if (ranges.length > 0) await deleteTimeSeries(target, { id, name, ranges });
    ranges = [];
  };
  for await (const { key, right } of differingEntries(databases, series)) {
    if (!right) continue;
    ranges.push({ From: key, To: key });
    if (ranges.length >= BATCH) await remove();
  }
  await remove();
}
