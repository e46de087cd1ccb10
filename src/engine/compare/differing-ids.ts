import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import { FINE_RANGES, RANGES, RangeSums, rangeOf } from '../../core/compare/range-sums.ts';
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
    for (const isWanted of await passesOver(work, search, kind, { keyOf, wanted: new Set(ranges) })) {
      const keys = await differingKeys(work, search, kind, { keyOf, isWanted });
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

type IsWanted = (key: bigint) => boolean;

interface WantedItems {
  keyOf: (id: string) => bigint;
  isWanted: IsWanted;
}

/**
 * Which ids to hold in memory at a time. Where they are too many for once, one pass narrows them down to fine ranges
 * first: few of these differ where little does.
 */
async function passesOver(
  work: Work,
  search: Search,
  kind: PieceKind,
  { keyOf, wanted }: Wanted<number>,
): Promise<IsWanted[]> {
  const { idsAtATime } = work.tuning.compare;
  const isWanted: IsWanted = (key) => wanted.has(rangeOf(key));
  if (search.documents * (wanted.size / RANGES) <= idsAtATime) return [isWanted];
  const sums = { source: new RangeSums(FINE_RANGES), target: new RangeSums(FINE_RANGES) };
  await readAll(work, search, kind, { keyOf, isWanted }, (side, key, hash) => sums[side].add(key, hash));
  const atATime = Math.max(1, Math.floor(FINE_RANGES * (idsAtATime / search.documents)));
  return [...chunks(sums.source.differing(sums.target), atATime)].map((some) => {
    const chosen = new Set(some);
    return (key) => chosen.has(rangeOf(key, FINE_RANGES));
  });
}

async function differingKeys(
  work: Work,
  search: Search,
  kind: PieceKind,
  wanted: WantedItems,
): Promise<Set<bigint>> {
  const table = new DifferenceTable();
  await readAll(work, search, kind, wanted, (side, key, hash) => table.add(side, key, hash));
  return new Set(table.differing(search.mayHaveMore));
}

/** Reads both sides once. */
async function readAll(
  work: Work,
  { storages, depth }: Search,
  kind: PieceKind,
  { keyOf, isWanted }: WantedItems,
  take: (side: ComparedStorage['side'], key: bigint, hash: bigint) => void,
): Promise<void> {
  const digest = await itemDigester(kind, depth);
  for (const storage of storages) {
    for await (const items of itemsOf(work.database(storage), kind, 0)) {
      for (const { json, blob } of items) {
        const item = digest(json, blob);
        if (!item) continue;
        const key = keyOf(item.id);
        if (isWanted(key)) take(storage.side, key, item.hash);
      }
    }
  }
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
