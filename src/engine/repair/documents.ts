/** Copying single documents anew, over what is on the target. */

import { deleteAttachment, deleteDocuments, documentDump } from '../../ravendb/requests/documents.ts';
import type { ReadDocument } from '../compare/document-reader.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { chunks } from '../work/chunks.ts';
import type { Repair } from './open-repair.ts';
import { repairRevisions } from './revisions.ts';

const BATCH = 500;

/** Makes the documents of these ids, with their attachments, as they are on the source. @throws RavenError */
export async function repairDocuments(repair: Repair, ids: readonly string[]): Promise<void> {
  for (const some of chunks(ids, BATCH)) await repairBatch(repair, some);
}

async function repairBatch(repair: Repair, ids: readonly string[]): Promise<void> {
  const { work, source, target, databases } = repair;
  const [ours, theirs] = await Promise.all([source.read(ids), target.read(ids)]);
  const copied = [...ours.values()].filter(({ inConflict }) => !inConflict);
  const removed: string[] = [];
  for (const [key, there] of theirs) {
    const here = ours.get(key);
    if (here?.inConflict) continue;
    if (!here || mustGo(here, there)) removed.push(there.id);
    else await removeAttachments(repair, here, there);
  }
  if (removed.length > 0) await deleteDocuments(target.database, removed);
  const wanted = copied.map(({ id }) => id);
  if (wanted.length > 0) {
    const dump = documentDump(source.database, wanted);
    await routeDump(work, databases, { dump });
  }
  // RavenDB keeps the versions of a conflict as revisions
  const conflicts = [...theirs.values()].filter(({ inConflict }) => inConflict).map(({ id }) => id);
  if (conflicts.length > 0) await repairRevisions(repair, conflicts);
}

/** RavenDB imports nothing over a document in conflict or in another collection. */
function mustGo(ours: ReadDocument, theirs: ReadDocument): boolean {
  return theirs.inConflict || ours.collection !== theirs.collection;
}

/** An import adds attachments, and takes none away. One without its bytes cannot be deleted, but gets them. */
async function removeAttachments(
  { databases: { target } }: Repair,
  ours: ReadDocument,
  theirs: ReadDocument,
): Promise<void> {
  const known = new Set(ours.attachments.map((each) => JSON.stringify(each)));
  for (const each of theirs.attachments) {
    if (each.Size >= 0 && !known.has(JSON.stringify(each)))
      await deleteAttachment(target, { id: theirs.id, name: each.Name });
  }
}
