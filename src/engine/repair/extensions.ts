/**
 * Repairs counters and time series of single documents: copies them again. An import merges: of a counter it takes what
 * another database has added, of a time series the larger value. So what differs is deleted first. An increment by the
 * difference would not repair a counter: it counts as the target's own, in addition to the source's next change.
 */

import pMap from 'p-map';
import { lowerCase } from '../../core/sharding/buckets.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { ownerId, seriesName } from '../../ravendb/dump/dump-items.ts';
import { type Counter, readCounters, recreateCounters } from '../../ravendb/requests/extensions.ts';
import { deleteTimeSeries } from '../../ravendb/requests/time-series.ts';
import { type ItemType, startExport } from '../../ravendb/smuggler/smuggler.ts';
import { differingSeries } from '../compare/compare-extensions.ts';
import type { DocumentReader } from '../compare/document-reader.ts';
import { deletingInOneCollection } from '../transfer/counter-deletions.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { chunks } from '../work/chunks.ts';
import { sideBySide } from '../work/side-by-side.ts';
import type { Repair } from './open-repair.ts';

/** Number of documents whose counters one request changes. */
const BATCH = 200;
/** Documents whose counters or series are looked at side by side. */
const AT_ONCE = 6;

/** The counters of one document to delete and to create. */
interface CounterChange {
  id: string;
  deleted: string[];
  created: string[];
}

/** Copies the counters of these documents again, so that they match the source. @throws RavenError */
export async function repairCounters(repair: Repair, ids: readonly string[]): Promise<void> {
  const { work, source, target } = repair;
  for (const members of (await byCollection(source, ids)).values()) {
    await deletingInOneCollection(work, target.database, members, async () => {
      for (const some of chunks(members, BATCH)) {
        const changes = await pMap(some, (id) => counterChange(repair, id), { concurrency: AT_ONCE });
        await recreateCounters(target.database, changes);
      }
    });
  }
  await importItems(repair, 'CounterGroups', ids, () => true);
}

async function counterChange({ source, target }: Repair, id: string): Promise<CounterChange> {
  const [ours, theirs] = await Promise.all([
    readCounters(source.storageOf(id), id),
    readCounters(target.storageOf(id), id),
  ]);
  const keyOf = ({ name, value }: Counter) => JSON.stringify([name, value]);
  const [there, here] = [new Set(ours.map(keyOf)), new Set(theirs.map(keyOf))];
  return {
    id,
    deleted: theirs.filter((counter) => !there.has(keyOf(counter))).map(({ name }) => name),
    created: ours.filter((counter) => !here.has(keyOf(counter))).map(({ name }) => name),
  };
}

/** Copies the time series of these documents again, so that they match the source. @throws RavenError */
export async function repairTimeSeries(repair: Repair, ids: readonly string[]): Promise<void> {
  const { target } = repair.databases;
  const wanted = new Set<string>();
  const keyOf = (id: string, name: string) => JSON.stringify([lowerCase(id), name.toLowerCase()]);
  const remove = async (id: string) => {
    for await (const { name } of differingSeries(repair, id)) {
      await deleteTimeSeries(target, { id, name, ranges: [{}] });
      wanted.add(keyOf(id, name));
    }
  };
  await sideBySide(ids, AT_ONCE, remove);
  await importItems(repair, 'TimeSeries', ids, (json) => wanted.has(keyOf(ownerId(json), seriesName(json))));
}

/** Imports items of one kind that belong to these documents. An export cannot select less than a collection. */
async function importItems(
  { work, source, databases }: Repair,
  kind: ItemType & ('CounterGroups' | 'TimeSeries'),
  ids: readonly string[],
  accepts: (json: Buffer) => boolean,
): Promise<void> {
  const wanted = new Set(ids.map(lowerCase));
  const collections = [...(await byCollection(source, ids)).keys()];
  if (collections.length === 0) return;
  const running = await startExport(source.database, { types: [kind], collections });
  await routeDump(work, databases, {
    dump: decompressed(running.body),
    accepts: (_list, json) => wanted.has(lowerCase(ownerId(json))) && accepts(json),
  });
  await running.finished();
}

/** Groups ids by the collections of the documents on the source. */
async function byCollection(source: DocumentReader, ids: readonly string[]): Promise<Map<string, string[]>> {
  const collections = new Map<string, string[]>();
  for (const some of chunks(ids, BATCH)) {
    const documents = await source.outline(some);
    for (const { id, collection } of documents.values()) {
      const members = collections.get(collection) ?? [];
      members.push(id);
      collections.set(collection, members);
    }
  }
  return collections;
}
