/** Reading and deleting the revisions of documents. */

import type { Database } from '../connection/database.ts';
import { ifFound } from '../connection/errors.ts';
import { scan } from '../dump/scan.ts';
import { buildVersion } from './server.ts';

const PAGE = 1024;
/** Revisions of a page that is held in memory. */
const HELD_PAGE = 16;
const COMMA = Buffer.from(',');

/**
 * The revisions of a document, living or deleted, each as JSON byte for byte, the newest first. Those that only mark
 * a deletion are among them.
 * @throws RavenError
 */
export async function* revisionsOf(database: Database, id: string): AsyncGenerator<Buffer> {
  for (let start = 0; ; start += PAGE) {
    let found = 0;
    for await (const json of page(database, { id, start, size: PAGE })) {
      found++;
      yield json;
    }
    if (found < PAGE) return;
  }
}

async function* page(
  database: Database,
  { id, start, size }: { id: string; start: number; size: number },
): AsyncGenerator<Buffer> {
  const doing = 'Reading revisions';
  const query = new URLSearchParams({ id, start: `${start}`, pageSize: `${size}` });
  const answer = await database.open({ doing, path: `revisions?${query}` });
  const revisions = scan(database.bytes(doing, answer), (list, json) =>
    list === 'Results' ? json : undefined,
  );
  for await (const some of revisions) yield* some;
}

/**
 * The revisions of some documents as a dump. Those of a document come oldest first: an import keeps the order in which
 * they come.
 * @throws RavenError
 */
export async function* revisionDump(database: Database, ids: readonly string[]): AsyncGenerator<Buffer> {
  yield Buffer.from(`{"BuildVersion":${await buildVersion(database.connection)},"RevisionDocuments":[`);
  let first = true;
  for (const id of ids) {
    for (let end = await countRevisionsOf(database, id); end > 0; end -= HELD_PAGE) {
      const start = Math.max(0, end - HELD_PAGE);
      const held: Buffer[] = [];
      for await (const json of page(database, { id, start, size: end - start })) held.push(json);
      for (const json of held.reverse()) {
        yield first ? json : Buffer.concat([COMMA, json]);
        first = false;
      }
    }
  }
  yield Buffer.from(']}');
}

/** How many revisions a document has. @throws RavenError */
export async function countRevisionsOf(database: Database, id: string): Promise<number> {
  const { RevisionsCount } = await database.json<{ RevisionsCount: number }>({
    doing: 'Counting revisions',
    path: `revisions/count?${new URLSearchParams({ id })}`,
  });
  return RevisionsCount;
}

/**
 * The documents of revisions, by change vector; without those that the storage does not have.
 * @param storage a database that is not sharded, or a shard
 * @throws RavenError
 */
export async function ownersOfRevisions(
  storage: Database,
  changeVectors: readonly string[],
): Promise<Map<string, string>> {
  const query = new URLSearchParams({ metadataOnly: 'true' });
  for (const each of changeVectors) query.append('changeVector', each);
  // where it has none of them, it answers that it has found nothing
  const answer = await ifFound(
    storage.json<{ Results: ({ '@metadata': { '@id': string; '@change-vector': string } } | null)[] }>({
      doing: 'Reading revisions',
      path: `revisions?${query}`,
    }),
  );
  return new Map(
    (answer?.Results ?? []).flatMap((found) =>
      found ? [[found['@metadata']['@change-vector'], found['@metadata']['@id']] as const] : [],
    ),
  );
}

/**
 * Deletes revisions of documents, living or deleted.
 * @param changeVectors which ones, of a single document; by default all of all the documents. Only for a sharded target: 5.4
 *   ignores them and deletes all (tried with 5.4.207)
 * @throws RavenError
 */
export async function deleteRevisions(
  database: Database,
  DocumentIds: readonly string[],
  changeVectors?: readonly string[],
): Promise<void> {
  await database.json({
    doing: 'Deleting revisions',
    method: 'DELETE',
    path: 'admin/revisions',
    json: {
      DocumentIds,
      RemoveForceCreatedRevisions: true,
      ...(changeVectors && { RevisionsChangeVectors: changeVectors }),
    },
  });
}
