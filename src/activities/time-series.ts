/**
 * Entries of time series that the target has although the source has deleted them: RavenDB forgets a deleted range
 * after minutes, and then no delta tells of it.
 */

import type { RavenConnection } from '../ravendb/connection.ts';
import { shardName } from '../ravendb/database.ts';
import { decompressed } from '../ravendb/dump-bytes.ts';
import { ownerId, seriesName } from '../ravendb/dump-items.ts';
import { DumpScanner } from '../ravendb/dump-scanner.ts';
import { deleteTimeSeries } from '../ravendb/extensions.ts';
import { startExport } from '../ravendb/smuggler.ts';
import { timeSeriesCounts, timestamps } from '../ravendb/time-series.ts';
import type { Sides } from './compare-items.ts';

/** Takes away entries that only the target has. Reads the series whose numbers differ, the others only by number. */
export async function mendTimeSeries(sides: Sides): Promise<void> {
  const { from, into, source, target, shards } = sides;
  for (const shard of shards) {
    for await (const { id, name } of seriesOf(into, shardName(target, shard))) {
      const [there, here] = await Promise.all([
        timeSeriesCounts(from, source, id),
        timeSeriesCounts(into, target, id),
      ]);
      const key = name.toLowerCase();
      if (there.get(key) !== here.get(key)) await mendSeries(sides, id, name);
    }
  }
}

async function mendSeries({ from, into, source, target }: Sides, id: string, name: string): Promise<void> {
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

/** The series of one shard; one of several segments may come more than once. */
async function* seriesOf(
  { http }: RavenConnection,
  database: string,
): AsyncGenerator<{ id: string; name: string }> {
  const running = await startExport(http, database, { types: ['TimeSeries'] });
  const found = new Map<string, { id: string; name: string }>();
  const scanner = new DumpScanner({
    item: (_list, json) => {
      const series = { id: ownerId(json), name: seriesName(json) };
      found.set(JSON.stringify([series.id, series.name.toLowerCase()]), series);
    },
    blob: () => undefined,
  });
  for await (const chunk of decompressed(running.body)) {
    scanner.push(chunk as Buffer);
    yield* found.values();
    found.clear();
  }
  await running.finished();
}
