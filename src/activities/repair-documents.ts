/** Copying single documents and revisions anew, over what is on the target. */
import { lowerCase } from '../core/buckets.ts';
import type { Difference } from '../core/verification.ts';
import { forgetTombstones } from '../ravendb/database.ts';
import { deleteAttachment, deleteDocuments, documentDump } from '../ravendb/documents.ts';
import { deleteRevisions, revisionDump } from '../ravendb/revisions.ts';
import type { ReadDocument } from './document-side.ts';
import type { Repair } from './repair-environment.ts';
import { routeDump } from './route.ts';

const BATCH = 500;

/** Makes the documents of these ids, with their attachments, as they are on the source. @throws RavenError */
export async function repairDocuments(repair: Repair, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += BATCH) {
    await repairBatch(repair, ids.slice(start, start + BATCH));
  }
}

async function repairBatch(repair: Repair, ids: readonly string[]): Promise<void> {
  const { environment, run, source, target, sink } = repair;
  const [ours, theirs] = await Promise.all([source.read(ids), target.read(ids)]);
  const copied = [...ours.values()].filter(({ inConflict }) => !inConflict);
  const removed: string[] = [];
  for (const [key, there] of theirs) {
    const here = ours.get(key);
    if (here?.inConflict) continue;
    if (!here || mustGo(here, there)) removed.push(there.id);
    else await removeAttachments(repair, here, there);
  }
  if (removed.length > 0) await deleteDocuments(target.connection, target.database, removed);
  // RavenDB keeps the versions of a conflict as revisions
  const conflicts = [...theirs.values()].filter(({ inConflict }) => inConflict).map(({ id }) => id);
  if (conflicts.length > 0) await repairRevisions(repair, conflicts);
  if (copied.length === 0) return;
  const dump = documentDump(
    source.connection,
    source.database,
    copied.map(({ id }) => id),
  );
  await routeDump(environment, run, sink, { dump });
}

/** RavenDB imports nothing over a document in conflict or in another collection, and keeps an id as it is written. */
function mustGo(ours: ReadDocument, theirs: ReadDocument): boolean {
  return theirs.inConflict || ours.id !== theirs.id || ours.collection !== theirs.collection;
}

/** An import adds attachments, and takes none away. */
async function removeAttachments(
  { target: { connection, database } }: Repair,
  ours: ReadDocument,
  theirs: ReadDocument,
): Promise<void> {
  const known = new Set(ours.attachments.map((each) => JSON.stringify(each)));
  for (const each of theirs.attachments) {
    if (!known.has(JSON.stringify(each)))
      await deleteAttachment(connection, database, { id: theirs.id, name: each.Name });
  }
}

/** Deletes documents where nobody looks for them. @throws RavenError */
export async function removeMisplaced({ target }: Repair, misplaced: readonly Difference[]): Promise<void> {
  for (const { name, shard } of target.storages) {
    const ids = misplaced.filter((each) => each.shard === shard).map(({ id }) => id);
    for (let start = 0; start < ids.length; start += BATCH)
      await deleteDocuments(target.connection, name, ids.slice(start, start + BATCH));
  }
}

/**
 * Makes the revisions of these documents, living or deleted, as they are on the source: all anew, for RavenDB lists
 * them in the order in which they come.
 * @throws RavenError
 */
export async function repairRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  const { environment, run, source, target, sink } = repair;
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    await deleteRevisions(target.connection, target.database, batch);
    // what it remembers as deleted it does not take
    await forget(repair, batch);
    await routeDump(environment, run, sink, {
      dump: revisionDump(source.connection, source.database, batch),
    });
  }
}

/** Has the shards of these ids forget deletions. @throws RavenError */
export async function forget({ target }: Repair, ids: readonly string[]): Promise<void> {
  for (const storage of target.storagesOf(ids.map(lowerCase)))
    await forgetTombstones(target.connection, storage);
}
