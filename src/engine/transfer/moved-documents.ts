/** Documents that are in another collection now: RavenDB refuses a whole import for one of them. */
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId, metadataOf } from '../../ravendb/dump/dump-items.ts';
import { isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { inBatches } from '../../ravendb/dump/scan.ts';
import { deleteDocuments, readMetadata } from '../../ravendb/requests/documents.ts';

/**
 * Deletes those that are in another collection on the target than in a dump, with which they come back.
 * @throws RavenError
 */
export async function deleteMovedDocuments(target: Database, dump: AsyncIterable<Buffer>): Promise<void> {
  const collections = inBatches(dump, (list, json) => {
    if (list !== 'Docs' || isAttachment(json)) return undefined;
    return [documentId(json).toLowerCase(), metadataOf(json)['@collection'] ?? '@empty'];
  });
  for await (const batch of collections) {
    const found = await readMetadata(target, [...batch.keys()]);
    const moved = found
      .filter(({ '@id': id, '@collection': there = '@empty' }) => batch.get(id.toLowerCase()) !== there)
      .map(({ '@id': id }) => id);
    if (moved.length > 0) await deleteDocuments(target, moved);
  }
}
