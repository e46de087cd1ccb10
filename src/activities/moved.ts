/** Documents that are in another collection now: RavenDB refuses a whole import for one of them. */
import type { RavenConnection } from '../ravendb/connection.ts';
import { deleteDocuments, readMetadata } from '../ravendb/documents.ts';
import { documentId, metadataOf } from '../ravendb/dump-items.ts';
import { DumpScanner, isAttachment } from '../ravendb/dump-scanner.ts';

const BATCH = 500;

/**
 * Deletes those that are in another collection on the target than in a dump, with which they come back.
 * @throws RavenError
 */
export async function clearMoved(
  { connection, database }: { connection: RavenConnection; database: string },
  dump: AsyncIterable<Buffer>,
): Promise<void> {
  let batch = new Map<string, string>();
  const clear = async () => {
    const found = await readMetadata(connection, database, [...batch.keys()]);
    const moved = found.filter(
      ({ '@id': id, '@collection': there = '@empty' }) => batch.get(id.toLowerCase()) !== there,
    );
    if (moved.length > 0)
      await deleteDocuments(
        connection,
        database,
        moved.map(({ '@id': id }) => id),
      );
    batch = new Map();
  };
  const scanner = new DumpScanner({
    item: (list, json) => {
      if (list !== 'Docs' || isAttachment(json)) return;
      batch.set(documentId(json).toLowerCase(), metadataOf(json)['@collection'] ?? '@empty');
    },
    blob: () => undefined,
  });
  for await (const chunk of dump) {
    scanner.push(chunk);
    if (batch.size >= BATCH) await clear();
  }
  if (batch.size > 0) await clear();
}
