/** Deletes documents that are in another collection now: one of them makes RavenDB refuse a whole import. */
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId, metadataOf } from '../../ravendb/dump/dump-items.ts';
import { isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { inBatches } from '../../ravendb/dump/scan.ts';
import { deleteDocuments, readMetadata } from '../../ravendb/requests/documents.ts';

/**
 * Deletes the documents that are in another collection on the target than in a dump. The dump brings them back.
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
