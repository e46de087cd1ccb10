import type { PieceKind } from '../../core/copy/pieces.ts';
import { idHasher } from '../../core/digest/item-digest.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Work } from '../work/work.ts';
import { changedIds } from './changed-ids.ts';
import { differingKeys, names, passesOver, type Search } from './differing-keys.ts';

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

/** Finds the ids in the ranges that differ. @throws RavenError */
export async function differingIds(work: Work, search: Search): Promise<DifferingIds> {
  const hash = await idHasher();
  const keyOf = (id: string) => hash(lowerCase(id));
  const found: DifferingIds = { ids: [], changed: new Set(), more: 0 };
  const named = new Set<bigint>();
  for (const [kind, ranges] of Object.entries(search.differing) as [PieceKind, number[]][]) {
    for (const isWanted of await passesOver(work, search, kind, { keyOf, ranges })) {
      const keys = await differingKeys(work, search, kind, { keyOf, isWanted });
      for (const key of named) keys.delete(key);
      if (keys.size === 0) continue;
      const changed = await changedKeys(work, search, keyOf);
      const room = (search.most ?? MAX_IDS) - found.ids.length;
      const still = [...keys.keys()].filter((key) => !changed.has(key));
      const moving = [...keys.keys()].filter((key) => changed.has(key));
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
