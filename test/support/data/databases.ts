/** Source databases for tests. */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateDatabaseOperation, DeleteDatabasesOperation } from 'ravendb';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import { cleanTombstones } from '../../../src/ravendb/requests/tombstones.ts';

/** Makes an empty database that is not sharded. */
export async function createDatabase(
  raven: RavenConnection,
  database: string,
  settings: Record<string, string> = {},
): Promise<void> {
  const operation = new CreateDatabaseOperation({ databaseName: database, settings });
  await raven.withClient('Creating', database, (store) => store.maintenance.server.send(operation));
}

/** The record of a database without the numbers of its changes, which go up whatever is done and undone. */
export async function lastingRecord(
  raven: RavenConnection,
  database: string,
): Promise<Record<string, unknown>> {
  const record: Record<string, unknown> = { ...(await databaseRecord(new Database(raven, database))) };
  const { Etag: _, EtagForBackup: __, ...lasting } = record;
  return lasting;
}

/**
 * Deletes databases, whether they exist or not, and their files itself: before RavenDB deletes files it looks at the
 * paths of every database, which takes it seconds of processor time for a sharded one among fifty (7.1.5).
 * @param directory where the server keeps its databases
 */
export async function deleteDatabases(
  raven: RavenConnection,
  databaseNames: string[],
  directory: string,
): Promise<void> {
  const operation = new DeleteDatabasesOperation({
    databaseNames,
    hardDelete: false,
    timeToWaitForConfirmation: 30_000,
  });
  await raven.withClient('Deleting', 'databases of a test', (store) =>
    store.maintenance.server.send(operation),
  );
  const names = new Set(databaseNames);
  const folders = (await readdir(directory)).filter((folder) => names.has(folder.replace(/\$\d+$/, '')));
  const options = { recursive: true, force: true, maxRetries: 5 };
  await Promise.all(folders.map((folder) => rm(join(directory, folder), options)));
}

/** Makes a database that holds RavenDB's sample data. */
export async function createNorthwind(raven: RavenConnection, database: string): Promise<void> {
  await createDatabase(raven, database);
  await new Database(raven, database).json({
    doing: 'Loading the sample data',
    method: 'POST',
    path: 'studio/sample-data',
  });
}

/** A database that holds documents `items/0` ... alone: where the way counts, and not what travels. */
export async function createItems(raven: RavenConnection, database: string, count = 1_200): Promise<void> {
  await createDatabase(raven, database);
  await putItems(raven, database, count);
}

/** Writes documents `items/<from>` ... in batches. */
export async function putItems(
  raven: RavenConnection,
  database: string,
  count: number,
  from = 0,
): Promise<void> {
  const payload = 'x'.repeat(400);
  for (let start = from; start < from + count; start += 1000) {
    const size = Math.min(1000, from + count - start);
    const Commands = Array.from({ length: size }, (_, index) => ({
      Type: 'PUT',
      Id: `items/${start + index}`,
      Document: { number: start + index, payload, '@metadata': { '@collection': 'Items' } },
    }));
    await new Database(raven, database).json({
      doing: 'Writing',
      method: 'POST',
      path: 'bulk_docs',
      json: { Commands },
    });
  }
}

/** Writes one document, its JSON byte for byte. */
export async function putDocument(raven: RavenConnection, database: string, id: string, json: string) {
  const answer = await new Database(raven, database).open({
    doing: 'Writing',
    method: 'PUT',
    path: `docs?id=${encodeURIComponent(id)}`,
    body: json,
    headers: { 'Content-Type': 'application/json' },
  });
  answer.resume();
}

export async function deleteDocument(raven: RavenConnection, database: string, id: string): Promise<void> {
  await new Database(raven, database).json({
    doing: 'Deleting',
    method: 'DELETE',
    path: `docs?id=${encodeURIComponent(id)}`,
  });
}

export async function putAttachment(
  raven: RavenConnection,
  database: string,
  id: string,
  name: string,
  content: string,
): Promise<void> {
  const query = `id=${encodeURIComponent(id)}&name=${encodeURIComponent(name)}&contentType=text/plain`;
  const request = { doing: 'Attaching', method: 'PUT', path: `attachments?${query}`, body: content };
  const answer = await new Database(raven, database).open(request);
  answer.resume();
}

/**
 * Has a database forget what was deleted, as it does every few minutes: all but what a disabled index has still to see.
 * What the other indexes have to see they see meanwhile.
 */
export async function forgetDeletions(raven: RavenConnection, database: string): Promise<void> {
  for (let time = 0; time < 5; time++) {
    await sleep(300);
    await cleanTombstones(new Database(raven, database));
  }
}

/** A custom analyzer that compiles. */
export function analyzer(Name: string): { Name: string; Code: string } {
  const base = `public ${Name}() : base(Lucene.Net.Util.Version.LUCENE_30) { }`;
  const type = `public class ${Name} : StandardAnalyzer { ${base} }`;
  return { Name, Code: `using Lucene.Net.Analysis.Standard; namespace Own { ${type} }` };
}
