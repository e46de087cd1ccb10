/**
 * Copying counters and time series of single documents anew. An import merges: of a counter it takes what another
 * database has added, of a series the larger value. So what differs goes first. Increments would be no repair: they
 * count as the target's own, on top of what the source's next change brings.
 */
import { lowerCase } from '../core/buckets.ts';
import { decompressed } from '../ravendb/dump-bytes.ts';
import { ownerId, seriesName } from '../ravendb/dump-items.ts';
import { deleteCounters, deleteTimeSeries, readCounters } from '../ravendb/extensions.ts';
import { type ItemType, startExport } from '../ravendb/smuggler.ts';
import { differingSeries } from './compare-extensions-by-id.ts';
import type { DocumentSide } from './document-side.ts';
import { forget } from './repair-documents.ts';
import type { Repair } from './repair-environment.ts';
import { routeDump } from './route.ts';

/** Documents whose counters are deleted by one request. */
const BATCH = 200;

/** Makes the counters of these documents as they are on the source. @throws RavenError */
export async function repairCounters(repair: Repair, ids: readonly string[]): Promise<void> {
  const { source, target } = repair;
  for (let start = 0; start < ids.length; start += BATCH) {
    const surplus: { id: string; names: string[] }[] = [];
    for (const id of ids.slice(start, start + BATCH)) {
      const [ours, theirs] = await Promise.all([
        readCounters(source.connection, source.placeOf(id), id),
        readCounters(target.connection, target.placeOf(id), id),
      ]);
      const right = new Map(ours.map(({ name, value }) => [name, value]));
      const names = theirs.filter(({ name, value }) => right.get(name) !== value).map(({ name }) => name);
      if (names.length > 0) surplus.push({ id, names });
    }
    if (surplus.length > 0) await deleteCounters(target.connection, target.database, surplus);
  }
  // while it remembers that a counter was deleted it takes no older value of it
  await forget(repair, ids);
  await importItems(repair, 'CounterGroups', ids, () => true);
}

/** Makes the time series of these documents as they are on the source. @throws RavenError */
export async function repairTimeSeries(repair: Repair, ids: readonly string[]): Promise<void> {
  const { source, target } = repair;
  const wanted = new Set<string>();
  const keyOf = (id: string, name: string) => JSON.stringify([lowerCase(id), name.toLowerCase()]);
  for (const id of ids) {
    for await (const { name } of differingSeries(source, target, id)) {
      await deleteTimeSeries(target.connection, target.database, { id, name, ranges: [{}] });
      wanted.add(keyOf(id, name));
    }
  }
  await importItems(repair, 'TimeSeries', ids, (json) => wanted.has(keyOf(ownerId(json), seriesName(json))));
}

/** Imports items of one kind that belong to these documents; an export cannot be asked for less than collections. */
async function importItems(
  { environment, run, source, sink }: Repair,
  kind: ItemType & ('CounterGroups' | 'TimeSeries'),
  ids: readonly string[],
  accepts: (json: Buffer) => boolean,
): Promise<void> {
  const wanted = new Set(ids.map(lowerCase));
  const collections = await collectionsOf(source, ids);
  if (collections.length === 0) return;
  const running = await startExport(source.connection.http, source.database, { types: [kind], collections });
  await routeDump(environment, run, sink, {
    dump: decompressed(running.body),
    accepts: (_list, json) => wanted.has(lowerCase(ownerId(json))) && accepts(json),
  });
  await running.finished();
}

async function collectionsOf(source: DocumentSide, ids: readonly string[]): Promise<string[]> {
  const collections = new Set<string>();
  for (let start = 0; start < ids.length; start += BATCH) {
    const documents = await source.read(ids.slice(start, start + BATCH));
    for (const { collection } of documents.values()) collections.add(collection);
  }
  return [...collections];
}
