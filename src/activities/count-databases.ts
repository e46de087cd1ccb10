import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceRef } from '../core/contract.ts';
import { outputCollections } from '../core/indexes.ts';
import {
  type Difference,
  MAX_DIFFERENCES,
  type SideBySide,
  type Verification,
} from '../core/verification.ts';
import { compareExchange, countRevisions, identities } from '../ravendb/cluster-items.ts';
import { readIndexes } from '../ravendb/indexes.ts';
import { databaseCounts, documentsByCollection } from '../ravendb/statistics.ts';
import { type Environment, perform, type Run } from './environment.ts';
import { type BothSides, placesOf } from './read-sides.ts';
import { settle } from './settle.ts';

const PAUSE_MS = 5_000;

/** Two databases whose numbers are compared. */
export interface Counting extends BothSides {
  allowExtra: boolean;
}

/** Comparing numbers. */
export function countingActivities(environment: Environment) {
  return {
    /** Compares how many items of each kind there are, and how many documents of each collection. Reads no content. */
    countDatabases: (input: Counting): Promise<Verification> =>
      perform(environment, (run) => countDatabases(run, input)),
  };
}

async function countDatabases(run: Run, input: Counting): Promise<Verification> {
  let counts: Record<string, SideBySide> = {};
  const { damage, laggards } = await settle({
    look: async (among) => {
      counts = await countsOf(run, input);
      const found = differencesOf(counts, input.allowExtra);
      const wanted = among && new Set(among.map(({ id }) => id));
      return wanted ? found.filter(({ id }) => wanted.has(id)) : found;
    },
    // the numbers are in what is said of them
    between: async () => {
      await sleep(PAUSE_MS, undefined, { signal: run.signal });
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
    shards: await documentsByShard(run, input.target),
  };
}

/** Documents of each shard, none for a database that is not sharded. @throws RavenError */
export async function documentsByShard(run: Run, target: SourceRef): Promise<Record<string, number>> {
  const places = await placesOf(run, 'target', target);
  const shards = places.filter(({ shard }) => shard !== null);
  const counts = await Promise.all(
    shards.map(({ connection, database }) => databaseCounts(run.connection(connection), database)),
  );
  return Object.fromEntries(shards.map(({ shard }, index) => [shard, counts[index]?.documents ?? 0]));
}

function differencesOf(counts: Record<string, SideBySide>, extraAllowed: boolean): Difference[] {
  return Object.entries(counts)
    .filter(([, { source, target }]) => (extraAllowed ? target < source : target !== source))
    .map(([id, { source, target }]) => ({
      kind: 'number of items',
      id,
      what: `is ${source} on the source, ${target} on the target`,
    }));
}

async function countsOf(run: Run, { source, target }: BothSides): Promise<Record<string, SideBySide>> {
  const [ours, theirs] = await Promise.all([numbersOf(run, source), numbersOf(run, target)]);
  // what an index of one side writes is on the other by copy, or not at all
  const written = new Set([...ours.written, ...theirs.written]);
  const counts: Record<string, SideBySide> = { documents: { source: 0, target: 0 } };
  const collections = new Set([...Object.keys(ours.collections), ...Object.keys(theirs.collections)]);
  for (const name of [...collections].filter((each) => !written.has(each))) {
    const both = { source: ours.collections[name] ?? 0, target: theirs.collections[name] ?? 0 };
    counts[`documents in ${name}`] = both;
    const { source: there, target: here } = counts.documents as SideBySide;
    counts.documents = { source: there + both.source, target: here + both.target };
  }
  for (const [kind, number] of Object.entries(ours.numbers))
    counts[kind] = { source: number, target: theirs.numbers[kind as keyof typeof ours.numbers] };
  return counts;
}

/** Numbers that mean the same on both kinds of database: RavenDB groups counters and cuts time series as it likes. */
async function numbersOf(run: Run, { connection: name, database }: SourceRef) {
  const connection = run.connection(name);
  const [counts, collections, revisions, ids, indexes] = await Promise.all([
    databaseCounts(connection, database),
    documentsByCollection(connection, database),
    countRevisions(connection, database),
    identities(connection, database),
    readIndexes(connection, database),
  ]);
  let keys = 0;
  for await (const _ of compareExchange(connection, database)) keys++;
  const definitions = indexes?.definitions ?? [];
  return {
    collections,
    written: definitions.flatMap(outputCollections).map(({ collection }) => collection),
    numbers: {
      attachments: counts.attachments,
      revisions,
      compareExchange: keys,
      identities: ids.size,
    },
  };
}
