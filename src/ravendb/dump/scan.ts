/** Walking a dump, item by item. */
import { DumpScanner } from './dump-scanner.ts';

/** As many keys as one request to RavenDB should hold. */
const BATCH = 500;

/**
 * Walks a dump to its end and gives what is picked of its items, in order: an array for each chunk that has any.
 * @param dump plain bytes, from their beginning
 * @param pick gives undefined for an item that is not wanted
 */
export async function* scan<T>(
  dump: AsyncIterable<Buffer>,
  pick: (list: string, json: Buffer) => T | undefined,
): AsyncGenerator<T[]> {
  let picked: T[] = [];
  const scanner = new DumpScanner({
    item: (list, json) => {
      const one = pick(list, json);
      if (one !== undefined) picked.push(one);
    },
    blob: () => undefined,
  });
  for await (const chunk of dump) {
    scanner.push(chunk);
    if (picked.length > 0) yield picked;
    picked = [];
  }
}

/**
 * Gives what is picked of a dump, in its order, in batches of at most 500 keys.
 * @param pick gives a key, which counts once in a batch, and what belongs to it; undefined for an item not wanted
 */
export async function* inBatches<T>(
  dump: AsyncIterable<Buffer>,
  pick: (list: string, json: Buffer) => readonly [string, T] | undefined,
): AsyncGenerator<Map<string, T>> {
  let batch = new Map<string, T>();
  for await (const picked of scan(dump, pick)) {
    for (const each of picked) {
      batch.set(...each);
      if (batch.size < BATCH) continue;
      yield batch;
      batch = new Map();
    }
  }
  if (batch.size > 0) yield batch;
}

/**
 * Gives the ids, in lower case, of what a dump lists as deleted, in batches.
 * @param idOf `tombstoneId` for deleted documents, `tombstoneOwner` for documents that have lost an attachment or a
 *   revision
 */
export async function* deletedInBatches(
  dump: AsyncIterable<Buffer>,
  idOf: (tombstone: Buffer) => string | undefined,
): AsyncGenerator<string[]> {
  const batches = inBatches(dump, (list, json) => {
    const id = list === 'Tombstones' ? idOf(json) : undefined;
    return id === undefined ? undefined : ([id, null] as const);
  });
  for await (const batch of batches) yield [...batch.keys()];
}
