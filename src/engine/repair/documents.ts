/** Repairs single documents: copies them again, over what is on the target. */

import { deleteAttachment, deleteDocuments } from '../../ravendb/requests/documents.ts';
import type { DocumentOutline } from '../compare/document-reader.ts';
import { resendDocuments } from '../transfer/resend-documents.ts';
import { chunks } from '../work/chunks.ts';
import type { Repair } from './open-repair.ts';
import { repairRevisions } from './revisions.ts';

const BATCH = 500;

/** Copies these documents with their attachments again, so that they match the source. @throws RavenError */
export async function repairDocuments(repair: Repair, ids: readonly string[]): Promise<void> {
  for (const some of chunks(ids, BATCH)) await repairBatch(repair, some);
}

async function repairBatch(repair: Repair, ids: readonly string[]): Promise<void> {
  const { work, databases } = repair;
  const { wanted, conflicts } = await clearTheWay(repair, ids);
  await resendDocuments(work, databases, wanted);
  if (conflicts.length > 0) await repairRevisions(repair, conflicts);
}

/** What is left to do for documents that can be imported now. */
interface Cleared {
  /** To be sent. */
  wanted: string[];
  /** Of which RavenDB keeps the conflicting versions as revisions, to be repaired then. */
  conflicts: string[];
}

/** Takes away what an import of these documents would not. @param ids at most about a thousand @throws RavenError */
export async function clearTheWay(repair: Repair, ids: readonly string[]): Promise<Cleared> {
  const { source, target } = repair;
  const [ours, theirs] = await Promise.all([source.outline(ids), target.outline(ids)]);
  const copied = [...ours.values()].filter(({ inConflict }) => !inConflict);
  const removed: string[] = [];
  for (const [key, there] of theirs) {
    const here = ours.get(key);
    if (here?.inConflict) continue;
    if (!here || mustGo(here, there)) removed.push(there.id);
    else await removeAttachments(repair, here, there);
  }
  if (removed.length > 0) await deleteDocuments(target.database, removed);
  const conflicts = [...theirs.values()].filter(({ inConflict }) => inConflict);
  return { wanted: copied.map(({ id }) => id), conflicts: conflicts.map(({ id }) => id) };
}

/** RavenDB cannot import over a document that is in conflict or in another collection. */
function mustGo(ours: DocumentOutline, theirs: DocumentOutline): boolean {
  return theirs.inConflict || ours.collection !== theirs.collection;
}

/** An import deletes no attachments. One that has lost its bytes cannot be deleted, but the import restores them. */
async function removeAttachments(
  { databases: { target } }: Repair,
  ours: DocumentOutline,
  theirs: DocumentOutline,
): Promise<void> {
  const known = new Set(ours.attachments.map((each) => JSON.stringify(each)));
  for (const each of theirs.attachments) {
    if (each.Size >= 0 && !known.has(JSON.stringify(each)))
      await deleteAttachment(target, { id: theirs.id, name: each.Name });
  }
}
