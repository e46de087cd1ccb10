/** Damage that an application cannot do to a database, but a server, a migration or an administrator can. */

import { Readable } from 'node:stream';
import pMap from 'p-map';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseRecord, shardNumbers } from '../../../src/ravendb/requests/databases.ts';
import { cleanTombstones } from '../../../src/ravendb/requests/tombstones.ts';
import { type ItemType, importDump } from '../../../src/ravendb/smuggler/smuggler.ts';
import { elements, member } from '../oracle/json-text.ts';
import { exportAll, importAll } from '../oracle/plain-copy.ts';
import { Application } from './application.ts';
import { createDatabase } from './databases.ts';

/** Puts two versions of a document into a database, which then gives neither. */
export async function putIntoConflict(raven: RavenConnection, database: string, id: string): Promise<void> {
  const versions = ['B:1-aaaaaaaaaaaaaaaaaaaaaa', 'C:1-bbbbbbbbbbbbbbbbbbbbbb'].map((ChangeVector, at) => ({
    Id: id,
    Collection: 'Plain',
    Flags: 'None',
    ChangeVector,
    Etag: at + 1,
    LastModified: '2026-01-02T03:04:05.0000000Z',
    Doc: { version: at, '@metadata': { '@collection': 'Plain' } },
  }));
  const dump = JSON.stringify({ BuildVersion: 71028, Conflicts: versions });
  const types = ['Documents', 'Conflicts'] as ItemType[];
  await importDump(new Database(raven, database), Readable.from([Buffer.from(dump)]), { types });
}

/** Replaces the revisions of a document by others. */
export async function replaceRevisions(
  raven: RavenConnection,
  database: string,
  id: string,
  change: (newestFirst: string[]) => string[],
): Promise<void> {
  const application = new Application(raven, database);
  const answer = await application.send('GET', `revisions?id=${encodeURIComponent(id)}&pageSize=1000`);
  const revisions = change(elements(member(answer, 'Results')));
  await application.deleteRevisions(id);
  const record = await databaseRecord(new Database(raven, database));
  for (const shard of record ? shardNumbers(record) : [])
    await cleanTombstones(new Database(raven, database).shard(shard));
  const dump = `{"BuildVersion":71028,"RevisionDocuments":[${revisions.toReversed().join(',')}]}`;
  await importDump(new Database(raven, database), Readable.from([Buffer.from(dump)]), {
    types: ['Documents', 'RevisionDocuments', 'Attachments'],
  });
}

/** Does something while the buckets of a sharded database belong to other shards. */
export async function withBucketsMoved(
  raven: RavenConnection,
  database: string,
  run: () => Promise<void>,
): Promise<void> {
  const path = `/admin/databases?name=${encodeURIComponent(database)}`;
  const setRanges = async (change: (shards: number[]) => number[]) => {
    const record = await raven.http.json<{ Etag: number; Sharding: { BucketRanges: Range[] } }>({
      doing: 'Reading the record',
      path,
    });
    const ranges = record.Sharding.BucketRanges;
    const shards = change(ranges.map(({ ShardNumber }) => ShardNumber));
    for (const [at, range] of ranges.entries()) range.ShardNumber = shards[at] ?? 0;
    await raven.http.open({
      doing: 'Writing the record',
      method: 'PUT',
      path: `${path}&replicationFactor=1`,
      body: JSON.stringify(record),
      headers: { 'Content-Type': 'application/json', ETag: `"${record.Etag}"` },
    });
  };
  await setRanges((shards) => [...shards.slice(1), ...shards.slice(0, 1)]);
  await run();
  await setRanges((shards) => [...shards.slice(-1), ...shards.slice(0, -1)]);
}

interface Range {
  BucketRangeStart: number;
  ShardNumber: number;
}

/**
 * Makes a database of documents `lost/0` ... that share an attachment and own one each, and has RavenDB itself import
 * it into a sharded one, where it loses bytes of the attachment that they share.
 */
export async function loseAttachments(
  raven: RavenConnection,
  source: string,
  target: string,
): Promise<string[]> {
  await createDatabase(raven, source);
  const application = new Application(raven, source);
  const ids = Array.from({ length: 20 }, (_, n) => `lost/${n}`);
  await application.putAll(ids.map((id) => [id, '{"a":1.50,"@metadata":{"@collection":"Lost"}}']));
  await pMap(
    ids,
    async (id) => {
      await application.attach(id, '1', 'shared by all');
      await application.attach(id, '2', `own of ${id}`);
    },
    { concurrency: 8 },
  );
  await importAll(raven, target, await exportAll(raven, source)).catch(() => undefined);
  return ids;
}

/** Whether RavenDB can give an attachment. */
export async function readable(raven: RavenConnection, database: string, id: string, name: string) {
  const query = new URLSearchParams({ id, name });
  const answer = await new Database(raven, database).ask({
    doing: 'Reading an attachment',
    path: `attachments?${query}`,
  });
  answer.resume();
  return answer.statusCode === 200;
}
