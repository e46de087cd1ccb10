/** Which documents have changed since an etag, they themselves or what belongs to them. */

import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { documentId, ownerId, tombstoneId, tombstoneOwner } from '../../ravendb/dump/dump-items.ts';
import { DumpScanner, isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { type ItemType, startExport } from '../../ravendb/smuggler/smuggler.ts';

const CHANGES: readonly ItemType[] = [
  'Documents',
  'RevisionDocuments',
  'Tombstones',
  'CounterGroups',
  'TimeSeries',
  'TimeSeriesDeletedRanges',
];

/**
 * Ids of documents that have a later etag, some several times, some in lower case. Of deletions only those
 * that RavenDB still knows.
 * @throws RavenError
 */
export async function* changedIds(storage: Database, lastEtag: number): AsyncGenerator<string[]> {
  const running = await startExport(storage, { types: CHANGES, startEtag: lastEtag + 1 });
  let ids: string[] = [];
  const scanner = new DumpScanner({
    item: (list, json) => {
      const id = ownerOf(list, json);
      if (id !== undefined) ids.push(id);
    },
    blob: () => undefined,
  });
  for await (const chunk of decompressed(running.body)) {
    scanner.push(chunk);
    if (ids.length > 0) yield ids;
    ids = [];
  }
  await running.finished();
}

function ownerOf(list: string, json: Buffer): string | undefined {
  if (isAttachment(json)) return undefined;
  if (list === 'Docs' || list === 'RevisionDocuments') return documentId(json);
  if (list === 'Tombstones') return tombstoneId(json) ?? tombstoneOwner(json);
  return list === 'CounterGroups' || list.startsWith('TimeSeries') ? ownerId(json) : undefined;
}
