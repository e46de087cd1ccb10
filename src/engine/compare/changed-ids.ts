/** Which documents have changed since an etag, or have items that have. */

import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { documentId, ownerId, tombstoneId, tombstoneOwner } from '../../ravendb/dump/dump-items.ts';
import { isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { scan } from '../../ravendb/dump/scan.ts';
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
 * Ids of documents with a later etag; some several times, some in lower case. Deletions are included as long as RavenDB
 * keeps their tombstones.
 * @throws RavenError
 */
export async function* changedIds(storage: Database, lastEtag: number): AsyncGenerator<string[]> {
  const running = await startExport(storage, { types: CHANGES, startEtag: lastEtag + 1 });
  yield* scan(decompressed(running.body), ownerOf);
  await running.finished();
}

function ownerOf(list: string, json: Buffer): string | undefined {
  if (isAttachment(json)) return undefined;
  if (list === 'Docs' || list === 'RevisionDocuments') return documentId(json);
  if (list === 'Tombstones') return tombstoneId(json) ?? tombstoneOwner(json);
  return list === 'CounterGroups' || list.startsWith('TimeSeries') ? ownerId(json) : undefined;
}
