/** Which ids differ, as hashes, so that very many of them fit into memory; and what these ids are. */

import type { Compared, ComparedStorage } from '../../core/compare/comparison.ts';
import { FINE_RANGES, RANGES, RangeSums, rangeOf } from '../../core/compare/range-sums.ts';
import type { PieceKind } from '../../core/copy/pieces.ts';
import { DifferenceTable, type FoundOn } from '../../core/digest/difference-table.ts';
import type { DigestDepth } from '../../core/digest/document-digest.ts';
import { itemDigester } from '../../core/digest/item-digest.ts';
import { documentId, ownerId } from '../../ravendb/dump/dump-items.ts';
import { itemsOf } from '../../ravendb/smuggler/item-stream.ts';
import { chunks } from '../work/chunks.ts';
import type { Work } from '../work/work.ts';

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

/** Which keys are searched for. */
export type IsWanted = (key: bigint) => boolean;

/** Keys to look for, of ids. */
export interface Sought {
  keyOf: (id: string) => bigint;
  isWanted: IsWanted;
}

/** What else is to be made of the items that are read. */
export interface Reading {
  /** Gets each item that is digested. */
  onItem?: ((side: 'source' | 'target', key: bigint, json: Buffer) => void) | undefined;
  /** Gets ids of documents on the source that are missing or differ on the target, up to a number of them. */
  remembered?: { most: number; ids: Map<bigint, string> } | undefined;
  /** Takes, while they are read, the documents that the target lacks. Their memory is reused. */
  takeMissing?: ((documents: AsyncIterable<readonly Buffer[]>) => Promise<void>) | undefined;
}

/**
 * Which ids to hold in memory at a time. Where they are too many for once, one pass narrows them down to fine ranges
 * first: few of these differ where little does.
 * @throws RavenError
 */
export async function passesOver(
  work: Work,
  search: Search,
  kind: PieceKind,
  { keyOf, ranges }: { keyOf: Sought['keyOf']; ranges: readonly number[] },
): Promise<IsWanted[]> {
  const { idsAtATime } = work.tuning.compare;
  const wanted = new Set(ranges);
  const isWanted: IsWanted = (key) => wanted.has(rangeOf(key));
  if (search.documents * (wanted.size / RANGES) <= idsAtATime) return [isWanted];
  const sums = { source: new RangeSums(FINE_RANGES), target: new RangeSums(FINE_RANGES) };
  for (const side of ['source', 'target'] as const) {
    for await (const items of wantedItems(work, search, kind, { keyOf, isWanted }, side))
      for (const { key, hash } of items) sums[side].add(key, hash);
  }
  const atATime = Math.max(1, Math.floor(FINE_RANGES * (idsAtATime / search.documents)));
  return [...chunks(sums.source.differing(sums.target), atATime)].map((some) => {
    const chosen = new Set(some);
    return (key) => chosen.has(rangeOf(key, FINE_RANGES));
  });
}

/** The keys whose items differ, and which side has them. Reads all items of a kind on both sides. @throws RavenError */
export async function differingKeys(
  work: Work,
  search: Search,
  kind: PieceKind,
  { onItem, remembered, takeMissing, ...sought }: Sought & Reading,
): Promise<Map<bigint, FoundOn>> {
  const table = new DifferenceTable();
  const isDocument = kind === 'Documents';
  async function* read(side: ComparedStorage['side']): AsyncGenerator<Buffer[]> {
    // what the target lacks differs, whatever it is
    const isKnown = takeMissing && side === 'source' ? (key: bigint) => table.has(key) : undefined;
    const wanted = wantedItems(work, search, kind, { ...sought, isKnown }, side);
    for await (const items of wanted) {
      const missing: Buffer[] = [];
      for (const { key, hash, id, json } of items) {
        const differs = table.add(side, key, hash);
        onItem?.(side, key, json);
        if (!isDocument || side === 'target' || !differs) continue;
        if (takeMissing && table.isMissing(key)) missing.push(json);
        else if (remembered && remembered.ids.size < remembered.most) remembered.ids.set(key, id);
      }
      yield missing;
    }
  }
  // the target first: then each document of the source shows at once whether it differs
  await drained(read('target'));
  await (isDocument && takeMissing ? takeMissing(read('source')) : drained(read('source')));
  return new Map(table.differing(search.mayHaveMore));
}

const ARTIFICIAL = 'Artificial';
/** In the place of a digest that nobody asks for. */
const UNDIGESTED = 1n;

/** An item that is searched for. */
interface WantedItem {
  key: bigint;
  hash: bigint;
  id: string;
  json: Buffer;
}

/**
 * The items of a side that are searched for, digested, as many together as have arrived. The memory of their JSON is
 * reused.
 * @param isKnown whether an item is to be digested; by default each is
 */
async function* wantedItems(
  work: Work,
  { storages, depth }: Search,
  kind: PieceKind,
  { keyOf, isWanted, isKnown }: Sought & { isKnown?: ((key: bigint) => boolean) | undefined },
  side: ComparedStorage['side'],
): AsyncGenerator<WantedItem[]> {
  const digest = await itemDigester(kind, depth);
  const idOf = idReader(kind);
  for (const storage of storages.filter((each) => each.side === side)) {
    for await (const items of itemsOf(work.database(storage), kind, 0)) {
      const wanted: WantedItem[] = [];
      for (const { json, blob } of items) {
        // a digest costs more than all else
        const id = idOf(json);
        const key = keyOf(id);
        if (!isWanted(key)) continue;
        if (isKnown && !isKnown(key) && !json.includes(ARTIFICIAL)) {
          wanted.push({ key, hash: UNDIGESTED, id, json });
          continue;
        }
        const item = digest(json, blob);
        if (item) wanted.push({ key, hash: item.hash, id, json });
      }
      yield wanted;
    }
  }
}

async function drained(documents: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of documents);
}

/** The ids of hashed keys. A second pass, since very few of all the ids are wanted. @throws RavenError */
export async function names(
  work: Work,
  search: Pick<Search, 'storages'>,
  kind: PieceKind,
  { keyOf, wanted }: { keyOf: Sought['keyOf']; wanted: ReadonlySet<bigint> },
): Promise<Map<bigint, string>> {
  const named = new Map<bigint, string>();
  if (wanted.size === 0) return named;
  const idOf = idReader(kind);
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

/** Reads the id of the document that an item is, or belongs to. */
function idReader(kind: PieceKind): (json: Buffer) => string {
  return kind === 'Documents' || kind === 'RevisionDocuments' ? documentId : ownerId;
}
