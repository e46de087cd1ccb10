/** Repairs the revisions of documents, so that they match the source. */

import { randomBytes } from 'node:crypto';
import { lowerCase } from '../../core/sharding/buckets.ts';
import { changeVectorOf, withChangeVector } from '../../ravendb/dump/dump-items.ts';
import { countRevisionsOf, deleteRevisions, revisionDump } from '../../ravendb/requests/revisions.ts';
import { cleanTombstones } from '../../ravendb/requests/tombstones.ts';
import { surplusRevisions } from '../compare/compare-revisions.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { chunks } from '../work/chunks.ts';
import type { Repair } from './open-repair.ts';

const BATCH = 500;

/**
 * Deletes the revisions that only the target has: the source has deleted and forgotten them. The source may be written
 * to meanwhile.
 * @throws RavenError
 */
export async function removeSurplusRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const storage = repair.target.storageOf(id);
    // RavenDB needs the id in the same case as in the revision
    const surplus = Map.groupBy(await surplusRevisions(repair, id), (each) => each.id);
    for (const [named, revisions] of surplus) {
      const changeVectors = revisions.map(({ changeVector }) => changeVector);
      await deleteRevisions(storage, [named], changeVectors);
    }
  }
}

/**
 * Makes the revisions of these documents, existing or deleted, match the source. All revisions are imported again,
 * because RavenDB lists them in order of arrival. If the target may have some of its own, the source's are added.
 * @throws RavenError
 */
export async function repairRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  const mixed = ids.filter((id) => repair.own.has(lowerCase(id)));
  await forgetDeletions(repair, mixed);
  await importRevisions(repair, mixed);
  const anew = ids.filter((id) => !repair.own.has(lowerCase(id)));
  for (const some of chunks(anew, BATCH)) await replaceRevisions(repair, some);
}

async function replaceRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  const { source, target } = repair;
  await deleteRevisions(target.database, ids);
  await forgetDeletions(repair, ids);
  await importRevisions(repair, ids);
  const refused: string[] = [];
  for (const id of ids) {
    // count only now: a revision that arrived in the meantime must not make up for one that was refused
    const wanted = await countRevisionsOf(source.storageOf(id), id);
    if ((await countRevisionsOf(target.storageOf(id), id)) < wanted) refused.push(id);
  }
  if (refused.length === 0) return;
  // something, perhaps a disabled index, makes RavenDB remember the deletions; it accepts other change vectors
  await deleteRevisions(target.database, refused);
  await importRevisions(repair, refused, withNewChangeVector);
}

/** Makes RavenDB forget deleted revisions: while it remembers a deletion, it does not import that revision. */
async function forgetDeletions({ target }: Repair, ids: readonly string[]): Promise<void> {
  for (const storage of ids.length > 0 ? target.storagesOf(ids) : []) await cleanTombstones(storage);
}

async function importRevisions(
  { work, databases }: Repair,
  ids: readonly string[],
  rewrite?: (list: string, json: Buffer) => Buffer,
): Promise<void> {
  if (ids.length === 0) return;
  await routeDump(work, databases, { dump: revisionDump(databases.source, ids), rewrite });
}

/** Adds an entry of a database that does not exist to the change vector, and keeps the revision's own entries. */
function withNewChangeVector(_list: string, json: Buffer): Buffer {
  const nobody = randomBytes(16).toString('base64').replace('==', '');
  return withChangeVector(json, `${changeVectorOf(json)}, R:1-${nobody}`);
}
