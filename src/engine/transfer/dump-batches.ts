/** Walking a dump, some of its items at a time: for what must be asked of a database. */
import { DumpScanner } from '../../ravendb/dump/dump-scanner.ts';

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

/**
 * Gives the ids, in lower case, that are read from what a dump lists as deleted.
 * @param idOf `tombstoneId` for deleted documents, `tombstoneOwner` for those of whose attachments or revisions some are
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
