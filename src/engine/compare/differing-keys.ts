/** Which ids differ, as hashes, so that very many of them fit into memory; and what these ids are. */

import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import { RANGES, rangeOf } from '../../core/compare/range-sums.ts';
import type { PieceKind } from '../../core/copy/pieces.ts';
import { DifferenceTable, type FoundOn } from '../../core/digest/difference-table.ts';
import type { DigestDepth } from '../../core/digest/document-digest.ts';
import { itemDigester } from '../../core/digest/item-digest.ts';
import { documentId, ownerId } from '../../ravendb/dump/dump-items.ts';
import { itemsOf } from '../../ravendb/smuggler/item-stream.ts';
import type { Work } from '../work/work.ts';

/** Ids of a side that are held in memory at a time, as hashes: some 50 MB. */
const IDS_AT_A_TIME = 1_000_000;

/** What to search. */
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

/** How many ranges are searched at a time. */
export function atATime({ documents }: Pick<Search, 'documents'>): number {
  return Math.max(1, Math.floor(RANGES * (IDS_AT_A_TIME / Math.max(1, documents))));
}

/** Keys to look for. @template T a range, or a key */
export interface Wanted<T> {
  keyOf: (id: string) => bigint;
  wanted: ReadonlySet<T>;
}

/** What else is to be made of the items that are read. */
export interface Reading {
  /** Gets each item that is digested. */
  onItem?: ((side: 'source' | 'target', key: bigint, json: Buffer) => void) | undefined;
  /** Gets ids of documents on the source that are missing or differ on the target, up to a number of them. */
  remembered?: { most: number; ids: Map<bigint, string> } | undefined;
  /** Takes, while they are read, the documents that the target lacks. Their memory is reused. */
  takeMissing?: ((documents: AsyncIterable<Buffer>) => Promise<void>) | undefined;
}

/** The keys whose items differ, and which side has them. Reads all items of a kind on both sides. @throws RavenError */
export async function differingKeys(
  work: Work,
  search: Search,
  kind: PieceKind,
  { keyOf, wanted, onItem, remembered, takeMissing }: Wanted<number> & Reading,
): Promise<Map<bigint, FoundOn>> {
  const table = new DifferenceTable();
  const digest = await itemDigester(kind, search.depth);
  const isDocument = kind === 'Documents';
  async function* read(side: ComparedStorage['side']): AsyncGenerator<Buffer> {
    for (const storage of search.storages.filter((each) => each.side === side)) {
      for await (const items of itemsOf(work.database(storage), kind, 0)) {
        for (const { json, blob } of items) {
          const item = digest(json, blob);
          if (!item) continue;
          const key = keyOf(item.id);
          if (!wanted.has(rangeOf(key))) continue;
          const differs = table.add(side, key, item.hash);
          onItem?.(side, key, json);
          if (!isDocument || side === 'target' || !differs) continue;
          if (takeMissing && table.isMissing(key)) yield json;
          else if (remembered && remembered.ids.size < remembered.most) remembered.ids.set(key, item.id);
        }
      }
    }
  }
  // the target first: then each document of the source shows at once whether it differs
  await drained(read('target'));
  await (isDocument && takeMissing ? takeMissing(read('source')) : drained(read('source')));
  return new Map(table.differing(search.mayHaveMore));
}

async function drained(documents: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of documents);
}

/** The ids of hashed keys. A second pass, since very few of all the ids are wanted. @throws RavenError */
export async function names(
  work: Work,
  search: Pick<Search, 'storages'>,
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
