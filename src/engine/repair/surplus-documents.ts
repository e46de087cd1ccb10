/**
 * Brings the target in line when deltas cannot be trusted: after the source moved to another node, or after tombstones
 * may have been cleaned. Compares both sides and deletes what the source no longer has.
 */

import { deletesOnTarget, type Transfer } from '../../core/copy/transfer.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { decompressed } from '../../ravendb/dump/dump-bytes.ts';
import { documentId } from '../../ravendb/dump/dump-items.ts';
import { scan } from '../../ravendb/dump/scan.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { collectionsOf, deleteDocuments } from '../../ravendb/requests/documents.ts';
import { startExport } from '../../ravendb/smuggler/smuggler.ts';
import { differingIds } from '../compare/differing-ids.ts';
import { readSides } from '../compare/read-parts.ts';
import { chunks } from '../work/chunks.ts';
import { openPair, type Work } from '../work/work.ts';

const BATCH = 500;

/**
 * Deletes documents on the target that the source no longer has, or now has in another collection; the next round or
 * copy brings the latter back. Before a new copy of everything (`anew`) it deletes all documents, because RavenDB
 * removes no counters and attachments from existing ones. Changes nothing on a target that may hold documents of its
 * own.
 * @returns what was or was not done, in words
 */
export async function deleteSurplusDocuments(
  work: Work,
  transfer: Transfer & { anew?: boolean },
): Promise<string> {
  const { target } = transfer;
  if (target.allowExistingData) {
    return 'Documents that the source has deleted in the meantime may be left on the target, which may hold others.';
  }
  if (!deletesOnTarget(transfer)) {
    return 'RavenDB replicates what the source holds now; Shardlift deleted nothing on the target.';
  }
  if (transfer.anew) {
    return `${await removeAll(work.database(target))} documents were deleted on the target, to be copied again.`;
  }
  let removed = 0;
  for (let more = true; more; ) {
    const now = await removeSome(work, transfer);
    removed += now.removed;
    // later deletions on the source arrive with the rounds; a busy source always has some
    more = now.more > 0 && now.removed > 0;
  }
  return `${removed} documents that the source no longer has were deleted on the target.`;
}

/** Deletes the documents of all shards. @returns how many it deleted */
async function removeAll(target: Database): Promise<number> {
  const record = await databaseRecord(target);
  let removed = 0;
  for (const shard of shardNumbers(record ?? {})) {
    const running = await startExport(target.shard(shard), { types: ['Documents'] });
    for await (const ids of scan(decompressed(running.body), (_list, json) => documentId(json))) {
      for (const some of chunks(ids, BATCH)) await deleteDocuments(target, some);
      removed += ids.length;
    }
    await running.finished();
  }
  return removed;
}

/** Deletes a bounded number of documents. @returns how many it deleted, and how many more there may be */
async function removeSome(work: Work, transfer: Transfer): Promise<{ removed: number; more: number }> {
  const { source, target } = openPair(work, transfer);
  const { storages, ...compared } = await readSides(work, transfer, 'collection');
  const { ids, more } = await differingIds(work, {
    ...compared,
    storages,
    documents: Math.max(compared.documents.source, compared.documents.target),
    // the next round or copy brings what the target lacks
    mayHaveMore: 'source',
    live: [],
    depth: 'collection',
  });
  let removed = 0;
  for (const batch of chunks(ids, BATCH)) {
    // read again: a document that was written in the meantime must stay
    const [ours, theirs] = await Promise.all([collectionsOf(source, batch), collectionsOf(target, batch)]);
    const surplus = batch.filter((id) => {
      const key = id.toLowerCase();
      return theirs.has(key) && ours.get(key) !== theirs.get(key);
    });
    if (surplus.length > 0) await deleteDocuments(target, surplus);
    removed += surplus.length;
  }
  return { removed, more };
}
