import { createReadStream } from 'node:fs';
import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { plainDump } from '../../../src/ravendb/dump/dump-bytes.ts';
import {
  type DumpInspection,
  inspectDump,
  newerThanServer,
} from '../../../src/ravendb/dump/dump-inspection.ts';
import { encrypted } from '../../../src/ravendb/dump/encryption.ts';
import type { ItemCounts } from '../../../src/ravendb/dump/item-kinds.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { serverInfo } from '../../../src/ravendb/requests/server.ts';
import { type ExportOptions, importDump, startExport } from '../../../src/ravendb/smuggler/smuggler.ts';
import type { SmugglerResult } from '../../../src/ravendb/smuggler/smuggler-result.ts';
import { putAttachment, putItems } from '../../support/data/databases.ts';
import { bytes } from '../../support/data/everything-attachments.ts';
import { SHARED_PLAIN, sharedEverything } from '../../support/data/shared-everything.ts';
import { differences } from '../../support/oracle/compare.ts';
import { type Dump, exportAll, importAll } from '../../support/oracle/plain-copy.ts';
import { Stack } from '../../support/servers/stack.ts';

const KEY = bytes(32, 1);
const OTHER_KEY = bytes(32, 2);
const CONTENT = [
  'Documents',
  'Attachments',
  'RevisionDocuments',
  'CounterGroups',
  'TimeSeries',
  'CompareExchange',
  'Identities',
  'Indexes',
] as const;

let stack: Stack;
let source: string;

beforeAll(async () => {
  stack = await Stack.open();
  source = await sharedEverything(stack.raven);
});
afterAll(() => stack.close());

/** Exports a database into a file. */
async function write(
  database: string,
  name: string,
  options: Partial<ExportOptions> = {},
): Promise<{ file: string; sent: SmugglerResult }> {
  const running = await startExport(new Database(stack.raven, database), { types: CONTENT, ...options });
  const file = join(stack.directory, name);
  await writeFile(file, running.body);
  return { file, sent: await running.finished() };
}

function plainOf(file: string, key?: Buffer): AsyncGenerator<Buffer> {
  return plainDump(createReadStream(file), { name: file, key });
}

async function inspect(file: string, key?: Buffer): Promise<DumpInspection> {
  return await inspectDump(plainOf(file, key), file);
}

/** Writes another file. */
async function rewrite(name: string, content: AsyncIterable<Buffer>): Promise<string> {
  const file = join(stack.directory, name);
  await writeFile(file, content);
  return file;
}

async function sealed(content: Buffer): Promise<Buffer> {
  return await buffer(Readable.from(encrypted(Readable.from([content]), KEY)));
}

async function emptyTarget(): Promise<string> {
  const target = stack.databaseName('target');
  await createShardedDatabase(new Database(stack.raven, target), { shards: 1, replicationFactor: 1 });
  return target;
}

/** Of the kinds that a dump and the server count alike. */
function comparable({ counts }: { counts: ItemCounts | DumpInspection['counts'] }) {
  const { documents, revisions, counterGroups, compareExchange, identities, indexes } = counts;
  return { documents, revisions, counterGroups, compareExchange, identities, indexes };
}

async function failure(doing: Promise<unknown>): Promise<RavenError> {
  const error = await doing.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RavenError);
  return error as RavenError;
}

describe('a dump that RavenDB has written', () => {
  test.each(['Zstd', 'Gzip'] as const)('by %s holds what the server says', async (compression) => {
    const { file, sent } = await write(source, `${compression}.dump`, { compression });
    const found = await inspect(file);
    expect(comparable(found)).toEqual(comparable(sent));
    expect(found.counts.documents).toBeGreaterThan(SHARED_PLAIN);
    expect(found.counts.attachments).toBeGreaterThan(50);
    expect(found.attachmentBytes).toBeGreaterThan(6_000_000);
    expect(found.counts.timeSeriesSegments).toBeGreaterThan(0);
    const { version } = await serverInfo(stack.raven);
    expect(newerThanServer(found.buildVersion, version)).toBeUndefined();
    expect(newerThanServer(found.buildVersion, '6.2.4')).toContain('newer');

    const cut = await open(file, 'r+');
    await cut.truncate((await stat(file)).size - 5000);
    await cut.close();
    const error = await failure(inspect(file));
    expect(error).toMatchObject({ kind: 'EndOfStreamException', retryable: false });
    expect(error.message).toMatch(/ends too early, after \d,\d+ documents/);
  });

  test('is the same plain, by gzip, and encrypted, and RavenDB takes it', async () => {
    const { file } = await write(source, 'whole.dump');
    const found = await inspect(file);
    const plain = await rewrite('whole.json', plainOf(file));
    expect((await stat(plain)).size).toBe(found.plainBytes);
    const gzip = await rewrite('whole.json.gz', createReadStream(plain).pipe(createGzip()));
    const secret = await rewrite('secret.dump', encrypted(createReadStream(file), KEY));
    const secretPlain = await rewrite('secret.json', encrypted(createReadStream(plain), KEY));
    for (const [same, key] of [[plain], [gzip], [secret, KEY], [secretPlain, KEY]] as const) {
      expect(await inspect(same, key)).toEqual(found);
    }
    const target = new Database(stack.raven, await emptyTarget());
    for (const dump of [createReadStream(gzip), Readable.from(plainOf(secret, KEY))]) {
      const imported = await importDump(target, dump, { types: CONTENT });
      expect(comparable(imported)).toEqual(comparable(found));
    }
  });
});

describe('a dump that we have encrypted', () => {
  let dumps: Dump[];

  beforeAll(async () => {
    dumps = await exportAll(stack.raven, source);
  });

  /** The same dumps encrypted, and imported by RavenDB with a key. */
  async function importSealed(target: string, key: Buffer): Promise<void> {
    const secret = await Promise.all(
      dumps.map(async ({ options, content }) => ({
        options: JSON.stringify({ ...JSON.parse(options), EncryptionKey: key.toString('base64') }),
        content: await sealed(content),
      })),
    );
    await importAll(stack.raven, target, secret);
  }

  test('is decrypted by RavenDB itself, to the last byte', async () => {
    const target = await emptyTarget();
    await importSealed(target, KEY);
    // RavenDB's import forgets the states of indexes
    expect(await differences(stack.raven, source, target, { without: ['indexes'] })).toEqual([]);
  });

  test('is refused with another key, by RavenDB and by us', async () => {
    const theirs = await failure(importSealed(await emptyTarget(), OTHER_KEY));
    expect(theirs).toMatchObject({ kind: 'CryptographicException', retryable: false });
    const file = await rewrite('other.dump', encrypted(Readable.from([dumps[0]?.content]), KEY));
    const ours = await failure(inspect(file, OTHER_KEY));
    expect(ours).toMatchObject({ kind: 'CryptographicException', retryable: false });
    expect(ours.message).toContain('does not decrypt with this key');
    expect((await failure(inspect(file))).message).toContain('is not a RavenDB dump, or is encrypted');
  });
});

describe('an export', () => {
  test('of some collections, changed by a script, tells what it left out', async () => {
    const database = stack.databaseName('some');
    await createShardedDatabase(new Database(stack.raven, database), { shards: 1, replicationFactor: 1 });
    await putItems(stack.raven, database, 1000);
    await importDump(
      new Database(stack.raven, database),
      createReadStream((await write(source, 'x.dump')).file),
      {
        types: ['Documents'],
        collections: ['Odd'],
        transformScript: "this.seen = true; if (id(this) == 'odd/large') throw 'skip'",
      },
    );
    const { file, sent } = await write(database, 'some.dump', {
      types: ['Documents'],
      collections: ['Items'],
      transformScript: "if (this.number % 4 == 0) throw 'skip'; this.half = this.number / 2",
    });
    expect(sent).toMatchObject({ counts: { documents: 750 }, skipped: { documents: 250 } });
    expect((await inspect(file)).counts).toEqual({ documents: 750 });
    const text = (await buffer(plainOf(file))).toString();
    expect(text).toContain('"half":0.5');
    expect(text).not.toContain('"seen"');
    const odd = await write(database, 'odd.dump', { types: ['Documents'], collections: ['Odd'] });
    const oddText = (await buffer(plainOf(odd.file))).toString();
    expect(oddText.match(/"seen":true/g)).toHaveLength(odd.sent.counts.documents ?? 0);
    expect(oddText).not.toContain('"@id":"odd/large"');
  });

  test.each([
    ['is no JavaScript', 'this is no script', /^Checking the transform script failed .* not JavaScript/],
    ['throws', "throw 'boom'", /^Export failed .* JavaScriptException\. .*boom/],
  ])('whose script %s is not tried again', async (_case, transformScript, message) => {
    const error = await failure(write(source, 'wrong.dump', { transformScript }));
    expect(error.retryable).toBe(false);
    expect(error.message).toMatch(message);
  });

  test('of a sharded database has the items of all shards', async () => {
    const database = stack.databaseName('sharded');
    await createShardedDatabase(new Database(stack.raven, database), { shards: 3, replicationFactor: 1 });
    await importDump(
      new Database(stack.raven, database),
      createReadStream((await write(source, 'y.dump')).file),
      {
        types: CONTENT.filter((type) => type !== 'Attachments'),
      },
    );
    for (let n = 0; n < 9; n++)
      await putAttachment(stack.raven, database, `plain/${n}`, 'shared', 'the same');
    const { file, sent } = await write(database, 'sharded.dump', {
      transformScript: "if (id(this) == 'plain/5') throw 'skip'",
    });
    const found = await inspect(file);
    expect(comparable(found)).toEqual(comparable(sent));
    expect(sent.counts.documents).toBeGreaterThan(SHARED_PLAIN);
    expect(sent.counts.identities).toBeGreaterThan(0);
    expect(sent.skipped).toEqual({ documents: 1 });
    // each shard has the bytes of its own
    expect(found.counts.attachments).toBeGreaterThan(1);
  });
});
