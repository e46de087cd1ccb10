/** Telling a difference from a write that is still on its way: was the item written to between two looks? */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Difference } from '../../core/compare/verification.ts';
import { documentIds } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { compareExchangeItem } from '../../ravendb/requests/cluster-items.ts';
import { readMetadata } from '../../ravendb/requests/documents.ts';
import { chunks } from '../work/chunks.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';
import type { Work } from '../work/work.ts';
import type { Confirmation } from './confirm-differences.ts';
import { isConflict } from './document-reader.ts';

const BATCH = 500;

/** Waits between two looks, and tells for each difference whether its item was written to meanwhile, on either side. */
export function detectWrites(work: Work, databases: Pair<Database>): Confirmation['between'] {
  return async (differences) => {
    const before = await versionsOf(databases, differences);
    await sleep(work.tuning.compare.settleMs, undefined, { signal: work.signal });
    let after: Promise<Map<string, string>> | undefined;
    return async (difference) => {
      // only now: writes count up to the second look
      after ??= versionsOf(databases, differences);
      const key = versionKey(difference);
      return before.get(key) !== (await after).get(key);
    };
  };
}

/** What each write changes: change vectors of documents, raft indexes of compare exchange keys. */
async function versionsOf(
  { source, target }: Pair<Database>,
  differences: readonly Difference[],
): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  const note = (key: string, version: unknown) => versions.set(key, `${versions.get(key) ?? ''} ${version}`);
  const keys = documentIds(differences.filter(({ kind }) => kind === 'compare exchange'));
  const ids = documentIds(differences.filter(({ kind }) => !OF_THE_DATABASE.has(kind)));
  for (const database of [source, target]) {
    for (const key of keys) {
      const item = await compareExchangeItem(database, key);
      note(JSON.stringify(['key', key]), item?.index);
    }
    for (const some of chunks(ids, BATCH)) {
      const vectors = await changeVectors(database, some);
      for (const id of some) note(JSON.stringify(['id', id]), vectors.get(lowerCase(id)));
    }
  }
  return versions;
}

/** The text of such a difference holds its number or definition. */
const OF_THE_DATABASE: ReadonlySet<string> = new Set([
  'compare exchange',
  'identity',
  'index',
  'setting',
  'number of items',
]);

function versionKey({ kind, id }: Difference): string {
  return JSON.stringify([kind === 'compare exchange' ? 'key' : 'id', id]);
}

/** By id in lower case. A document in conflict has none, and fails a request for several. */
async function changeVectors(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, string | undefined>> {
  const vectors = new Map<string, string | undefined>();
  await allOrOneByOne(
    ids,
    async (some) => {
      for (const each of await readMetadata(database, some))
        vectors.set(lowerCase(each['@id']), each['@change-vector']);
    },
    isConflict,
  );
  return vectors;
}
