/** Making the revisions of documents on the target what they are on the source. */

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
 * Deletes those that the target alone has, which the source has deleted and forgotten. May be done while the source
 * is written to.
 * @throws RavenError
 */
export async function removeSurplusRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const storage = repair.target.storageOf(id);
    // RavenDB wants the id in the case in which the revision has it
    const surplus = Map.groupBy(await surplusRevisions(repair, id), (each) => each.id);
    for (const [named, revisions] of surplus) {
      const changeVectors = revisions.map(({ changeVector }) => changeVector);
      await deleteRevisions(storage, [named], changeVectors);
    }
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
  for (const some of chunks(anew, BATCH)) await replaceRevisions(repair, some);
}

async function replaceRevisions(repair: Repair, ids: readonly string[]): Promise<void> {
  const { source, target } = repair;
  await deleteRevisions(target.database, ids);
  await forgetDeletions(repair, ids);
  await importRevisions(repair, ids);
  const refused: string[] = [];
  for (const id of ids) {
    // counted now: a revision that has come meanwhile must not stand for one that was refused
    const wanted = await countRevisionsOf(source.storageOf(id), id);
    if ((await countRevisionsOf(target.storageOf(id), id)) < wanted) refused.push(id);
  }
  if (refused.length === 0) return;
  // something, a disabled index perhaps, makes it remember: as revisions of another change vector it takes them
  await deleteRevisions(target.database, refused);
  await importRevisions(repair, refused, withNewChangeVector);
}

/** While RavenDB remembers that a revision was deleted it takes no import of it. */
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

/** With an entry of a database that nobody has: it stands beside those that say what the revision knows of. */
function withNewChangeVector(_list: string, json: Buffer): Buffer {
  const nobody = randomBytes(16).toString('base64').replace('==', '');
  return withChangeVector(json, `${changeVectorOf(json)}, R:1-${nobody}`);
}
