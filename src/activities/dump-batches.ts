/** Walking a dump, some of its items at a time: for what must be asked of a database. */
import { tombstoneOwner } from '../ravendb/dump-items.ts';
import { DumpScanner } from '../ravendb/dump-scanner.ts';

/** As many as one question to RavenDB should hold. */
const BATCH = 500;

/**
 * Gives what is wanted of a dump, in its order, in batches of at most 500 keys.
 * @param dump plain bytes, from their beginning
 * @param pick gives a key, which counts once in a batch, and what belongs to it; undefined for an item not wanted
 */
export async function* inBatches<T>(
  dump: AsyncIterable<Buffer>,
  pick: (list: string, json: Buffer) => readonly [string, T] | undefined,
): AsyncGenerator<Map<string, T>> {
  let batch = new Map<string, T>();
  let full: Map<string, T>[] = [];
  const scanner = new DumpScanner({
    item: (list, json) => {
      const picked = pick(list, json);
      if (!picked) return;
      batch.set(...picked);
      if (batch.size < BATCH) return;
      full.push(batch);
      batch = new Map();
    },
    blob: () => undefined,
  });
  for await (const chunk of dump) {
    scanner.push(chunk);
    yield* full;
    full = [];
  }
  if (batch.size > 0) yield batch;
}

/** Gives the ids of documents, in lower case, of whose attachments or revisions a dump lists some as deleted. */
export async function* ownersInBatches(dump: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const batches = inBatches(dump, (list, json) => {
    const owner = list === 'Tombstones' ? tombstoneOwner(json) : undefined;
    return owner === undefined ? undefined : ([owner, null] as const);
  });
  for await (const batch of batches) yield [...batch.keys()];
}
