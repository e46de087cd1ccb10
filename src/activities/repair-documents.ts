/** Copying single documents and revisions anew, over what is on the target. */
import { randomBytes } from 'node:crypto';
import { lowerCase } from '../core/buckets.ts';
import { deleteAttachment, deleteDocuments, documentDump } from '../ravendb/documents.ts';
import { changeVectorOf, withChangeVector } from '../ravendb/dump-items.ts';
import { countRevisionsOf, deleteRevisions, revisionDump } from '../ravendb/revisions.ts';
import { forgetTombstones } from '../ravendb/tombstones.ts';
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
  const wanted = copied.map(({ id }) => id);
  if (wanted.length > 0) {
    const dump = documentDump(source.connection, source.database, wanted);
    await routeDump(environment, run, sink, { dump });
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
  { target: { connection, database } }: Repair,
  ours: ReadDocument,
  theirs: ReadDocument,
): Promise<void> {
  const known = new Set(ours.attachments.map((each) => JSON.stringify(each)));
  for (const each of theirs.attachments) {
    if (each.Size >= 0 && !known.has(JSON.stringify(each)))
      await deleteAttachment(connection, database, { id: theirs.id, name: each.Name });
  }
}

/**
 * Makes the revisions of these documents, living or deleted, as they are on the source: all anew, for RavenDB lists
 * them in the order in which they come. Where the target may have some of its own, the source's are added to them.
 * @throws RavenError
 */
export async function repairRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  const mixed = ids.filter((id) => repair.own.has(lowerCase(id)));
  await forgetDeletions(repair, mixed);
  await importRevisions(repair, mixed);
  const anew = ids.filter((id) => !repair.own.has(lowerCase(id)));
  for (let start = 0; start < anew.length; start += BATCH) {
    await replaceRevisions(repair, anew.slice(start, start + BATCH));
  }
}

async function replaceRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  const { source, target } = repair;
  await deleteRevisions(target.connection, target.database, ids);
  await forgetDeletions(repair, ids);
  await importRevisions(repair, ids);
  const refused: string[] = [];
  for (const id of ids) {
    // counted now: a revision that has come meanwhile must not stand for one that was refused
    const wanted = await countRevisionsOf(source.connection, source.placeOf(id), id);
    if ((await countRevisionsOf(target.connection, target.placeOf(id), id)) < wanted) refused.push(id);
  }
  if (refused.length === 0) return;
  // something, a disabled index perhaps, makes it remember: as revisions of another change vector it takes them
  await deleteRevisions(target.connection, target.database, refused);
  await importRevisions(repair, refused, withNewChangeVector);
}

/** While RavenDB remembers that a revision was deleted it takes no import of it. */
async function forgetDeletions({ target }: Repair, ids: readonly string[]): Promise<void> {
  for (const storage of ids.length > 0 ? target.storagesOf(ids) : [])
    await forgetTombstones(target.connection, storage);
}

async function importRevisions(
  { environment, run, source, sink }: Repair,
  ids: readonly string[],
  rewrite?: (list: string, json: Buffer) => Buffer,
): Promise<void> {
  if (ids.length === 0) return;
  await routeDump(environment, run, sink, {
    dump: revisionDump(source.connection, source.database, ids),
    rewrite,
  });
}

/** With an entry of a database that nobody has: it stands beside those that say what the revision knows of. */
function withNewChangeVector(_list: string, json: Buffer): Buffer {
  const nobody = randomBytes(16).toString('base64').replace('==', '');
  return withChangeVector(json, `${changeVectorOf(json)}, R:1-${nobody}`);
}
