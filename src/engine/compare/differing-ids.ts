import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import { RANGES, rangeOf } from '../../core/compare/range-sums.ts';
import type { PieceKind } from '../../core/copy/pieces.ts';
import { DifferenceTable } from '../../core/digest/difference-table.ts';
import type { DigestDepth } from '../../core/digest/document-digest.ts';
import { idHasher, itemDigester } from '../../core/digest/item-digest.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import { documentId, ownerId } from '../../ravendb/dump/dump-items.ts';
import { itemsOf } from '../../ravendb/smuggler/item-stream.ts';
import { chunks } from '../work/chunks.ts';
import type { Work } from '../work/work.ts';
import { changedIds } from './changed-ids.ts';

/** Ids of a side that are held in memory at a time, as hashes: some 50 MB. */
const IDS_AT_A_TIME = 1_000_000;
/** Beyond so many differing ids a new copy is better than a repair; the rest is only counted. */
const MAX_IDS = 1_000;
/** Ids of changed documents that are kept in memory. */
const MAX_CHANGED = 500_000;

export interface DifferingIds {
  /** Ids of documents, each once, in the case in which they were found. */
  ids: string[];
  /** Those that have changed since the sides were read, so that a difference is expected. */
  changed: Set<string>;
  /** How many more differ that have not changed. */
  more: number;
}

export interface Search {
  storages: readonly ComparedStorage[];
  differing: Compared['differing'];
  /** Documents of the larger side: decides how much is read at a time. */
  documents: number;
  /** A side that may have documents that the other does not have. */
  mayHaveMore?: ComparedStorage['side'] | undefined;
  /** Sides that may be written to. */
  live: readonly ComparedStorage['side'][];
  depth?: DigestDepth;
  /** How many ids to name; the rest is only counted. */
  most?: number;
}

/** Finds the ids in the ranges that differ. @throws RavenError */
export async function differingIds(work: Work, search: Search): Promise<DifferingIds> {
  const hash = await idHasher();
  const keyOf = (id: string) => hash(lowerCase(id));
  const found: DifferingIds = { ids: [], changed: new Set(), more: 0 };
  const named = new Set<bigint>();
  for (const [kind, ranges] of Object.entries(search.differing) as [PieceKind, number[]][]) {
    const share = IDS_AT_A_TIME / Math.max(1, search.documents);
    const atATime = Math.max(1, Math.floor(RANGES * share));
    for (const some of chunks(ranges, atATime)) {
      const wanted = new Set(some);
      const keys = await differingKeys(work, search, kind, { keyOf, wanted });
      for (const key of named) keys.delete(key);
      if (keys.size === 0) continue;
      const changed = await changedKeys(work, search, keyOf);
      const room = (search.most ?? MAX_IDS) - found.ids.length;
      const still = [...keys].filter((key) => !changed.has(key));
      const moving = [...keys].filter((key) => changed.has(key));
      found.more += Math.max(0, still.length - room);
      const chosen = new Set([...still, ...moving].slice(0, Math.max(0, room)));
      for (const [key, id] of await names(work, search, kind, { keyOf, wanted: chosen })) {
        named.add(key);
        found.ids.push(id);
        if (changed.has(key)) found.changed.add(id);
      }
    }
  }
  return found;
}

interface Wanted<T> {
  keyOf: (id: string) => bigint;
  wanted: ReadonlySet<T>;
}

async function differingKeys(
  work: Work,
  search: Search,
  kind: PieceKind,
  { keyOf, wanted }: Wanted<number>,
): Promise<Set<bigint>> {
  const table = new DifferenceTable();
  const digest = await itemDigester(kind, search.depth);
  for (const storage of search.storages) {
    for await (const items of itemsOf(work.database(storage), kind, 0)) {
      for (const { json, blob } of items) {
        const item = digest(json, blob);
        if (!item) continue;
        const key = keyOf(item.id);
        if (wanted.has(rangeOf(key))) table.add(storage.side, key, item.hash);
      }
    }
  }
  return new Set(table.differing(search.mayHaveMore));
}

/** The ids of hashed keys. A second pass, since very few of all the ids are wanted. */
async function names(
  work: Work,
  search: Search,
  kind: PieceKind,
  { keyOf, wanted }: Wanted<bigint>,
): Promise<Map<bigint, string>> {
  const named = new Map<bigint, string>();
  if (wanted.size === 0) return named;
  const isDocument = kind === 'Documents' || kind === 'RevisionDocuments';
  const idOf = isDocument ? documentId : ownerId;
  for (const storage of search.storages) {
    for await (const items of itemsOf(work.database(storage), kind, 0)) {
      for (const { json } of items) {
        const id = idOf(json);
        const key = keyOf(id);
        if (wanted.has(key) && !named.has(key)) named.set(key, id);
      }
      if (named.size === wanted.size) return named;
    }
  }
  return named;
}

/** What has changed since the sides were read; deletions as long as RavenDB keeps their tombstones. */
async function changedKeys(
  work: Work,
  { storages, live }: Search,
  keyOf: (id: string) => bigint,
): Promise<Set<bigint>> {
  const changed = new Set<bigint>();
  for (const storage of storages.filter(({ side }) => live.includes(side))) {
    for await (const ids of changedIds(work.database(storage), storage.lastEtag)) {
      for (const id of ids) if (changed.size < MAX_CHANGED) changed.add(keyOf(id));
    }
  }
  return changed;
}
