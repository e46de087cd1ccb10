/**
 * Deleting counters so that the target stays whole. When RavenDB cleans the tombstones of deleted counters, every few minutes
 * by itself, and finds such of several collections, it breaks the index of the counters of all but one: their documents cannot
 * be deleted any more ("Invalid index CollectionCounterGroupsEtags"). Seen on 5.4.207, 6.2.4, 7.0.2 and 7.1.5; not where they
 * are cleaned between two collections, nor for a counter that is created again. The cleaning also writes their documents anew,
 * with ids in lower case.
 */
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseRecord, storageHandles } from '../../ravendb/requests/databases.ts';
import { readIds } from '../../ravendb/requests/documents.ts';
import { deleteCounters } from '../../ravendb/requests/extensions.ts';
import { cleanTombstones } from '../../ravendb/requests/tombstones.ts';
import { chunks } from '../work/chunks.ts';
import { Mutex } from '../work/one-at-a-time.ts';
import type { Work } from '../work/work.ts';
import { restoreIds } from './restore-ids.ts';

const BATCH = 500;

/** Counters of a document, by name. */
export interface CountersOf {
  id: string;
  collection: string;
  names: readonly string[];
}

/** One target at a time: pieces of a copy are worked on side by side. */
const turns = new Map<string, Mutex>();

/** Deletes counters, one collection after another. Those that are not there are fine. @throws RavenError */
export async function deleteCountersOf(
  work: Work,
  target: Database,
  counters: readonly CountersOf[],
): Promise<void> {
  const collections = Map.groupBy(counters, ({ collection }) => collection.toLowerCase());
  for (const some of collections.values()) {
    const ids = some.map(({ id }) => id);
    await deletingInOneCollection(work, target, ids, () => deleteCounters(target, some));
  }
}

/**
 * Does what deletes counters of one collection, between two cleanings: before it, an attempt that has died may have left
 * tombstones of another collection.
 * @param ids of the documents, as they are to be
 * @throws RavenError
 */
export async function deletingInOneCollection(
  work: Work,
  target: Database,
  ids: readonly string[],
  remove: () => Promise<void>,
): Promise<void> {
  const key = JSON.stringify([target.connection.name, target.name]);
  const turn = turns.get(key) ?? new Mutex();
  turns.set(key, turn);
  await turn.take(work.signal, async () => {
    const storages = storageHandles(target, (await databaseRecord(target)) ?? {});
    const clean = () => askEach(target.http.tuning, storages, ({ storage }) => cleanTombstones(storage));
    await clean();
    await remove();
    await clean();
    for (const some of chunks(ids, BATCH)) await restoreLowered(work, target, some);
  });
}

async function restoreLowered(work: Work, target: Database, ids: readonly string[]): Promise<void> {
  const here = await readIds(target, ids);
  const wrong = ids.filter((id) => (here.get(id.toLowerCase()) ?? id) !== id);
  if (wrong.length > 0) await restoreIds(work, target, wrong);
}
