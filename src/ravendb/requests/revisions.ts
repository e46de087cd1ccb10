/** Reading and deleting the revisions of documents. */
import type { RavenConnection } from '../connection/connection.ts';
import { DumpScanner } from '../dump/dump-scanner.ts';
import { databasePath } from './databases.ts';
import { buildVersion } from './server.ts';

const PAGE = 1024;
/** Revisions of a page that is held in memory. */
const HELD = 16;
const COMMA = Buffer.from(',');

/**
 * The revisions of a document, living or deleted, each as JSON byte for byte, the newest first. Those that only say
 * that the document was deleted are among them.
 * @throws RavenError
 */
export async function* revisionsOf(
  connection: RavenConnection,
  database: string,
  id: string,
): AsyncGenerator<Buffer> {
  for (let start = 0; ; start += PAGE) {
    let found = 0;
    for await (const json of page(connection, database, { id, start, size: PAGE })) {
      found++;
      yield json;
    }
    if (found < PAGE) return;
  }
}

async function* page(
  { http }: RavenConnection,
  database: string,
  { id, start, size }: { id: string; start: number; size: number },
): AsyncGenerator<Buffer> {
  const doing = 'Reading revisions';
  const query = new URLSearchParams({ id, start: `${start}`, pageSize: `${size}` });
  const answer = await http.open({ doing, database, path: databasePath(database, `revisions?${query}`) });
  const revisions: Buffer[] = [];
  const scanner = new DumpScanner({
    item: (list, json) => {
      if (list === 'Results') revisions.push(json);
    },
    blob: () => undefined,
  });
  try {
    for await (const chunk of answer) {
      scanner.push(chunk as Buffer);
      yield* revisions.splice(0);
    }
  } catch (error) {
    throw http.explain({ doing, database }, error);
  }
}

/**
 * The revisions of some documents as a dump, of each the oldest first, since an import lists them as they come.
 * @throws RavenError
 */
export async function* revisionDump(
  connection: RavenConnection,
  database: string,
  ids: readonly string[],
): AsyncGenerator<Buffer> {
  yield Buffer.from(`{"BuildVersion":${await buildVersion(connection.http)},"RevisionDocuments":[`);
  let first = true;
  for (const id of ids) {
    for (let end = await countRevisionsOf(connection, database, id); end > 0; end -= HELD) {
      const start = Math.max(0, end - HELD);
      const held: Buffer[] = [];
      for await (const json of page(connection, database, { id, start, size: end - start })) held.push(json);
      for (const json of held.reverse()) {
        yield first ? json : Buffer.concat([COMMA, json]);
        first = false;
      }
    }
  }
  yield Buffer.from(']}');
}

/** How many revisions a document has. @throws RavenError */
export async function countRevisionsOf(
  { http }: RavenConnection,
  database: string,
  id: string,
): Promise<number> {
  const { RevisionsCount } = await http.json<{ RevisionsCount: number }>({
    doing: 'Counting revisions',
    database,
    path: databasePath(database, `revisions/count?${new URLSearchParams({ id })}`),
  });
  return RevisionsCount;
}

/**
 * Deletes revisions of documents, living or deleted.
 * @param changeVectors which ones, of a single document; all of all documents unless told
 * @throws RavenError
 */
export async function deleteRevisions(
  { http }: RavenConnection,
  database: string,
  DocumentIds: readonly string[],
  changeVectors?: readonly string[],
): Promise<void> {
  await http.json({
    doing: 'Deleting revisions',
    database,
    method: 'DELETE',
    path: databasePath(database, 'admin/revisions'),
    json: {
      DocumentIds,
      RemoveForceCreatedRevisions: true,
      ...(changeVectors && { RevisionsChangeVectors: changeVectors }),
    },
  });
}
