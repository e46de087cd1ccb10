/** A copy by RavenDB alone, for tests that want one that is right: into one shard, where it loses nothing. */
import { randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';

const CONTENT =
  'Documents,RevisionDocuments,Indexes,Identities,CompareExchange,Attachments,CounterGroups,TimeSeries';
const SETTINGS = 'Revisions,Expiration,Refresh,TimeSeries';
const BOUNDARY = 'boundary-of-a-copy-in-a-test';

/** Makes a database of one shard and copies all into it, settings last. */
export async function copyIntoOneShard(
  raven: RavenConnection,
  source: string,
  target: string,
): Promise<void> {
  await createShardedDatabase(new Database(raven, target), { shards: 1, replicationFactor: 1 });
  await importAll(raven, target, await exportAll(raven, source));
}

/** What a database holds and, apart from it, its settings. */
export interface Dump {
  options: string;
  content: Buffer;
}

/** Exports a database: content first, settings last. */
export async function exportAll(raven: RavenConnection, source: string): Promise<Dump[]> {
  const dumps: Dump[] = [];
  for (const types of [CONTENT, 'DatabaseRecord']) {
    const options = JSON.stringify({
      OperateOnTypes: types,
      OperateOnDatabaseRecordTypes: SETTINGS,
      SkipRevisionCreation: true,
    });
    const exported = await new Database(raven, source).open({
      doing: 'Exporting',
      method: 'POST',
      path: `smuggler/export?operationId=${randomInt(1e9)}`,
      body: options,
      headers: { 'Content-Type': 'application/json' },
    });
    dumps.push({ options, content: await buffer(exported) });
  }
  return dumps;
}

/** Imports what was exported, one after the other. */
export async function importAll(raven: RavenConnection, target: string, dumps: Dump[]): Promise<void> {
  const part = (head: string) => `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`;
  for (const { options, content } of dumps) {
    const imported = await new Database(raven, target).open({
      doing: 'Importing',
      method: 'POST',
      path: `smuggler/import?operationId=${randomInt(1e9)}`,
      body: Readable.from([
        Buffer.from(`${part('name="importOptions"')}${options}\r\n${part('name="file"; filename="dump"')}`),
        content,
        Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
      ]),
      headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
    });
    await text(imported);
  }
}
