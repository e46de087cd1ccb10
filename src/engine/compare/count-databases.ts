/** Comparing numbers of items. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Difference, MAX_DIFFERENCES, type Verification } from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { outputCollections } from '../../core/settings/indexes.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { compareExchange, identities } from '../../ravendb/requests/cluster-items.ts';
import { readIndexes } from '../../ravendb/requests/indexes.ts';
import {
  bytesByShard,
  countRevisions,
  databaseCounts,
  documentsByCollection,
  documentsByShard,
} from '../../ravendb/requests/statistics.ts';
import { openPair, type Work } from '../work/work.ts';
import { confirmDifferences } from './confirm-differences.ts';

/** Two databases whose numbers are compared. */
export interface CountDatabasesInput extends Pair<DatabaseRef> {
  allowExtra: boolean;
}

/** Compares how many items of each kind there are, and how many documents of each collection. Reads no content. */
export async function countDatabases(work: Work, input: CountDatabasesInput): Promise<Verification> {
  const databases = openPair(work, input);
  let counts: Record<string, Pair<number>> = {};
  const { damage, laggards } = await confirmDifferences({
    look: async (among) => {
      counts = await countsOf(databases);
      const found = differencesOf(counts, input.allowExtra);
      const wanted = among && new Set(among.map(({ id }) => id));
      return wanted ? found.filter(({ id }) => wanted.has(id)) : found;
    },
    // the numbers are part of each difference
    between: async () => {
      await sleep(work.tuning.compare.settleMs, undefined, { signal: work.signal });
      return () => false;
    },
  });
  const { documents = { source: 0, target: 0 }, ...others } = counts;
  return {
    at: new Date().toISOString(),
    depth: 'counts',
    mismatches: damage.length,
    differences: damage.slice(0, MAX_DIFFERENCES),
    lagging: laggards.length,
    laggards: laggards.slice(0, MAX_DIFFERENCES),
    documents,
    counts: others,
    itemsCompared: false,
    shards: await documentsByShard(databases.target),
    ...(await bytesByShard(databases.target)),
  };
}

function differencesOf(counts: Record<string, Pair<number>>, extraAllowed: boolean): Difference[] {
  return Object.entries(counts)
    .filter(([, { source, target }]) => (extraAllowed ? target < source : target !== source))
    .map(([id, { source, target }]) => ({
      kind: 'number of items',
      id,
      what: `is ${source} on the source, ${target} on the target`,
    }));
}

/**
 * Counts documents on both sides, in total and per collection. Collections that an index writes are left out: they are
 * not copied.
 * @param writtenByIndexes others that are known to be, of a storage that is open without its indexes
 * @throws RavenError
 */
export async function countDocuments(
  { source, target }: Pair<Database>,
  writtenByIndexes: readonly string[] = [],
): Promise<{ all: Pair<number>; collections: Record<string, Pair<number>> }> {
  const [ours, theirs] = await Promise.all([collectionsOf(source), collectionsOf(target)]);
  const written = new Set([...ours.written, ...theirs.written, ...writtenByIndexes]);
  const names = new Set([...Object.keys(ours.documents), ...Object.keys(theirs.documents)]);
  const all = { source: 0, target: 0 };
  const collections: Record<string, Pair<number>> = {};
  for (const name of [...names].filter((each) => !written.has(each))) {
    const both = { source: ours.documents[name] ?? 0, target: theirs.documents[name] ?? 0 };
    collections[name] = both;
    all.source += both.source;
    all.target += both.target;
  }
  return { all, collections };
}

async function collectionsOf(database: Database) {
  const [documents, written] = await Promise.all([
    documentsByCollection(database),
    writtenCollections(database),
  ]);
  return { documents, written };
}

/** The collections that the indexes of a database write. @throws RavenError */
export async function writtenCollections(database: Database): Promise<string[]> {
  const indexes = await readIndexes(database);
  return (indexes?.definitions ?? []).flatMap(outputCollections).map(({ collection }) => collection);
}

async function countsOf(databases: Pair<Database>): Promise<Record<string, Pair<number>>> {
  const [documents, ours, theirs] = await Promise.all([
    countDocuments(databases),
    numbersOf(databases.source),
    numbersOf(databases.target),
  ]);
  const counts: Record<string, Pair<number>> = { documents: documents.all };
  for (const [name, both] of Object.entries(documents.collections)) counts[`documents in ${name}`] = both;
  for (const [kind, source] of Object.entries(ours)) {
    const target = theirs[kind as keyof typeof ours];
    if (source !== undefined && target !== undefined) counts[kind] = { source, target };
  }
  return counts;
}

/** Numbers that mean the same on any database: how RavenDB groups counters and cuts time series varies. */
async function numbersOf(database: Database) {
  const [{ attachments }, revisions, ids] = await Promise.all([
    databaseCounts(database),
    countRevisions(database),
    identities(database),
  ]);
  let keys = 0;
  for await (const _ of compareExchange(database)) keys++;
  return { attachments, revisions, compareExchange: keys, identities: ids.size };
}
