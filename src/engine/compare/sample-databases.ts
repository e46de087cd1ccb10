import { randomInt } from 'node:crypto';
import type { ComparedStorage } from '../../core/compare/comparison.ts';
import { type Drawn, sampleStatement, shuffled, windowWidth } from '../../core/compare/sampling.ts';
import {
  type Difference,
  type Laggard,
  MAX_DIFFERENCES,
  type Verification,
} from '../../core/compare/verification.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { itemDigester } from '../../core/digest/item-digest.ts';
import { distinctIds } from '../../core/sharding/buckets.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId } from '../../ravendb/dump/dump-items.ts';
import {
  bytesByShard,
  databaseCounts,
  documentsByShard,
  storagesOf,
} from '../../ravendb/requests/statistics.ts';
import { itemsOf } from '../../ravendb/smuggler/item-stream.ts';
import { chunks } from '../work/chunks.ts';
import { openPair, type Work } from '../work/work.ts';
import { confirmDifferences, lookById } from './confirm-differences.ts';
import { detectWrites } from './detect-writes.ts';

/** Two databases of which a part is compared. */
export interface SampleDatabasesInput extends Pair<DatabaseRef> {
  /** How many documents of each side, about: windows are taken as a whole. */
  sampleSize: number;
  allowExtra: boolean;
}

/** Windows to look into at most, where nearly all etags belong to something other than documents. */
const MOST_WINDOWS = 50_000;
/** Documents that are compared at a time. */
const AT_A_TIME = 1_000;

/**
 * Draws documents of both sides at random and compares them with everything that belongs to them. The next attempt draws
 * others. Writes nothing.
 */
export async function sampleDatabases(work: Work, input: SampleDatabasesInput): Promise<Verification> {
  const databases = openPair(work, input);
  const source = await draw(work, 'source', databases.source, input.sampleSize);
  // where extra documents are allowed, the source alone decides what is compared
  const target = input.allowExtra
    ? undefined
    : await draw(work, 'target', databases.target, input.sampleSize);
  const ids = distinctIds([...source.ids, ...(target?.ids ?? [])]);
  const damage: Difference[] = [];
  const laggards: Laggard[] = [];
  let items = 0;
  for (const some of chunks(ids, AT_A_TIME)) {
    const confirmed = await confirmDifferences({
      look: lookById(databases, some, input.allowExtra),
      between: detectWrites(work, databases),
    });
    damage.push(...confirmed.damage);
    laggards.push(...confirmed.laggards);
    items += some.length;
    work.report({ transferred: { doing: 'comparing', items, totalItems: ids.length } });
  }
  const found = { mismatches: damage.length, lagging: laggards.length };
  const count = async (database: Database) => (await databaseCounts(database)).documents;
  return {
    at: new Date().toISOString(),
    depth: 'sample',
    ...found,
    differences: damage.slice(0, MAX_DIFFERENCES),
    laggards: laggards.slice(0, MAX_DIFFERENCES),
    documents: { source: await count(databases.source), target: await count(databases.target) },
    counts: {},
    itemsCompared: false,
    shards: await documentsByShard(databases.target),
    ...(await bytesByShard(databases.target)),
    sample: { documents: ids.length, statement: sampleStatement({ source, target }, found) },
  };
}

interface DrawnIds extends Drawn {
  ids: string[];
}

/**
 * Draws windows of etags, each equally likely, and takes all documents of each. So every document is equally likely,
 * whatever other items have etags in between.
 */
async function draw(
  work: Work,
  side: ComparedStorage['side'],
  database: Database,
  size: number,
): Promise<DrawnIds> {
  const storages = await storagesOf(database);
  const counts = await askEach(work.tuning.connection, storages, (storage) =>
    databaseCounts(work.database(storage)),
  );
  const of = counts.reduce((sum, { documents }) => sum + documents, 0);
  const etags = storages.reduce((sum, { lastEtag }) => sum + lastEtag, 0);
  const width = windowWidth(etags, of);
  const windows = storages.map(({ lastEtag }) => Math.ceil((lastEtag + 1) / width));
  const all = windows.reduce((sum, count) => sum + count, 0);
  const isCompared = await itemDigester('Documents', 'collection');
  const ids: string[] = [];
  let looked = 0;
  for (const number of shuffled(all, randomInt)) {
    if (ids.length >= size || looked++ >= MOST_WINDOWS) break;
    let [at, window] = [0, number];
    for (; window >= (windows[at] ?? 0); at++) window -= windows[at] ?? 0;
    const storage = storages[at];
    if (storage) ids.push(...(await documentsIn(work.database(storage), window * width, width, isCompared)));
    work.report({ transferred: { doing: `drawing from the ${side}`, items: ids.length, totalItems: size } });
  }
  return { ids, documents: ids.length, of };
}

/**
 * Ids of the documents in a window of etags. The first document of the next window marks the end: the change vector of a
 * document that came from another database does not contain its etag.
 */
async function documentsIn(
  storage: Database,
  from: number,
  width: number,
  isCompared: Awaited<ReturnType<typeof itemDigester>>,
): Promise<string[]> {
  const read = async (etag: number, most: number) => {
    const found: { id: string; counts: boolean }[] = [];
    for await (const items of itemsOf(storage, 'Documents', etag, most))
      for (const { json, blob } of items)
        found.push({ id: documentId(json), counts: isCompared(json, blob) !== undefined });
    return found;
  };
  const found = await read(from, width);
  const [next] = found.length === 0 ? [] : await read(from + width, 1);
  const end = next ? found.findIndex(({ id }) => id === next.id) : -1;
  const inside = end < 0 ? found : found.slice(0, end);
  return inside.filter(({ counts }) => counts).map(({ id }) => id);
}
