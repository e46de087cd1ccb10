import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId, metadataOf } from '../../ravendb/dump/dump-items.ts';
import { collectionsOf, documentDump } from '../../ravendb/requests/documents.ts';
import type { Work } from '../work/work.ts';
import { routeDump } from './dump-to-shards.ts';

/**
 * Sends documents with their attachments as they are on the source now. One that is in another collection there by now is left
 * out, for RavenDB would refuse the whole import: the next round brings it, after the deletion.
 * @param ids at most about a thousand
 * @throws RavenError
 */
export async function resendDocuments(
  work: Work,
  databases: Pair<Database>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const there = await collectionsOf(databases.target, ids);
  const isMoved = (json: Buffer) => {
    const collection = there.get(documentId(json).toLowerCase());
    return collection !== undefined && collection !== (metadataOf(json)['@collection'] ?? '@empty');
  };
  await routeDump(work, databases, {
    dump: documentDump(databases.source, ids),
    accepts: (list, json) => list !== 'Docs' || !isMoved(json),
  });
}
