/** The first pass over a delta: applies its deletions. */

import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { tombstoneId } from '../../ravendb/dump/dump-items.ts';
import { deletedInBatches } from '../../ravendb/dump/scan.ts';
import { readIds } from '../../ravendb/requests/documents.ts';
import { DELETION_LISTS } from '../../ravendb/smuggler/item-types.ts';
import type { Work } from '../work/work.ts';
import { type Destination, routeDump } from './dump-to-shards.ts';
import { UnnamedRevisions } from './unnamed-revisions.ts';

/**
 * Deletes on the target what a dump lists as deleted.
 * @param open gives the dump's plain bytes; each call starts at the beginning
 * @param counts which deletions count; all of them by default
 * @throws RavenError
 */
export async function routeDeletions(
  work: Work,
  { target, source }: Destination,
  open: () => Promise<AsyncIterable<Buffer>>,
  counts: (list: string, json: Buffer) => boolean = () => true,
): Promise<void> {
  let unnamed = new UnnamedRevisions();
  const route = async (dump: AsyncIterable<Buffer>, accepts: (list: string, json: Buffer) => boolean) => {
    unnamed = new UnnamedRevisions();
    await routeDump(
      work,
      { target, source },
      {
        dump,
        takes: (list) => DELETION_LISTS.has(list),
        accepts: (list, json) => accepts(list, json) && !unnamed.take(json),
      },
    );
  };
  try {
    await route(await open(), counts);
  } catch (error) {
    if (!isTakenForTombstone(error)) throw error;
    const gone = await absentOn(target, await open());
    await route(await open(), (list, json) => {
      if (!counts(list, json)) return false;
      const id = tombstoneId(json);
      if (id === undefined) return true;
      if (gone.has(id)) return false;
      // a document that was in several collections has a tombstone in each of them
      gone.add(id);
      return true;
    });
  }
  if (!unnamed.isEmpty) await route(unnamed.named(target), () => true);
}

/**
 * To delete a document that does not exist, RavenDB 7.1.5 looks for its newest tombstone. It may take that of one of
 * the document's attachments, which has no collection (`DocumentsStorage.GetDocumentOrTombstone`), and fails. So it
 * must not be asked to delete such documents.
 */
function isTakenForTombstone(error: unknown): boolean {
  return error instanceof RavenError && error.kind === 'ArgumentNullException';
}

/** Ids, in lower case, of deleted documents that the target does not have. */
async function absentOn(target: Database, dump: AsyncIterable<Buffer>): Promise<Set<string>> {
  const absent = new Set<string>();
  for await (const ids of deletedInBatches(dump, tombstoneId)) {
    const present = await readIds(target, ids);
    const keys = new Set([...present.values()].map(lowerCase));
    for (const id of ids) if (!keys.has(id)) absent.add(id);
  }
  return absent;
}
