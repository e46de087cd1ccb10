/** Takes long: a dump of every kind of item is exported and imported in every way, and compared to the last byte. */
import { createReadStream, createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportResult, ImportResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { encrypted } from '../../../src/ravendb/dump/encryption.ts';
import { importDump } from '../../../src/ravendb/smuggler/smuggler.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { createHeavy } from '../../support/data/heavy.ts';
import { sharedEverything } from '../../support/data/shared-everything.ts';
import { differences, differencesFromFile } from '../../support/oracle/compare.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const PLAIN = 1_000;
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

/** Writes a copy that is encrypted with the key `vault`. */
async function encryptTo(file: string, copy: string): Promise<void> {
  const plain = createReadStream(file);
  await pipeline(encrypted(plain, Buffer.from(KEY, 'base64')), createWriteStream(copy));
}

describe('dumps, by the Temporal CLI alone', () => {
  let stack: Stack;
  let source: string;
  /** Plain documents, where every kind of item would show no more. */
  let plain: string;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker({
      SHARDLIFT_HOST: 'one',
      SHARDLIFT_ENCRYPTION_KEY_VAULT: KEY,
      SHARDLIFT_ENCRYPTION_KEY_OTHER: OTHER_KEY,
    });
    source = await sharedEverything(stack.raven);
    plain = stack.databaseName('plain');
    await createHeavy(stack.raven, plain, PLAIN, 0);
  });
  afterAll(() => stack.close());

  async function dumpOf(database: string, input: object = {}) {
    const run = await startByCli<ExportResult>(stack, 'exportDatabase', {
      source: { connection: 'local', database },
      directory: stack.databaseName('dumps'),
      ...input,
    });
    return (await run.result()).dump;
  }

  function target(shards = 2) {
    return { connection: 'local', database: stack.databaseName('target'), shards };
  }

  function importing(dump: object, into: object, input: object = {}) {
    return startByCli<ImportResult>(stack, 'importDump', { dump, target: into, ...input });
  }

  test('carry every kind of item into five shards, once more, and from there into two', async () => {
    const dump = await dumpOf(source);
    expect(dump).toMatchObject({ host: 'one' });
    const into = target(5);
    const first = await importing({ path: dump.directory, host: 'one' }, into);
    const result = await first.result();
    expect(result).toMatchObject({ phase: 'completed', files: [expect.stringMatching(/\.ravendbdump$/)] });
    expect(Object.keys(result.shards)).toHaveLength(5);
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
    const again = await importing({ path: dump.file, host: 'one' }, { ...into, allowExistingData: true });
    expect((await again.result()).phase).toBe('completed');
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);

    const ofShards = await dumpOf(into.database);
    const next = target();
    await (await importing({ path: ofShards.directory }, next)).result();
    expect(await differencesFromFile(stack.raven, source, next.database)).toEqual([]);
  });

  test('encrypted and compressed otherwise carry the same into a single shard', async () => {
    const into = target(1);
    const dump = await dumpOf(source, { compression: 'gzip', encryptionKey: 'vault' });
    const run = await importing({ path: dump.file }, into, { encryptionKey: 'vault' });
    expect(Object.keys((await run.result()).shards)).toHaveLength(1);
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });

  test('lie where a person finds them, with a manifest, and nothing half-written', async () => {
    const dump = await dumpOf(source);
    const names = await readdir(dump.directory);
    expect(names.toSorted()).toEqual([`${source}.manifest.json`, `${source}.ravendbdump`]);
    expect(dump.directory).toMatch(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/);
    const manifest = JSON.parse(await readFile(join(dump.directory, names.toSorted()[0] ?? ''), 'utf8'));
    expect(manifest).toMatchObject({
      source: { database: source, sharded: false },
      position: { etag: expect.any(Number) },
      sha256: dump.sha256,
      bytes: dump.bytes,
      counts: { documents: expect.any(Number) },
    });
  });

  test('may go into a database that holds other and overlapping documents, once that is allowed', async () => {
    const into = target();
    const older = stack.databaseName('older');
    await createDatabase(stack.raven, older);
    const application = new Application(stack.raven, older);
    await application.put('only/here', '{"kept":true,"@metadata":{"@collection":"Own"}}');
    await application.put('items/1', '{"other":1,"@metadata":{"@collection":"Elsewhere"}}');
    await (await importing({ path: (await dumpOf(older)).file }, into)).result();

    const dump = await dumpOf(plain);
    const refused = await (await importing({ path: dump.file }, into)).failure();
    expect(refused.message).toMatch(/would be overwritten.*target\.allowExistingData/);
    const allowed = await importing({ path: dump.file }, { ...into, allowExistingData: true });
    expect((await allowed.result()).phase).toBe('completed');
    const found = await differencesFromFile(stack.raven, plain, into.database);
    expect(found.filter((line) => !line.includes('only/here'))).toEqual([]);
    expect(found.some((line) => line.includes('only/here'))).toBe(true);
  });

  test('hold what was chosen: kinds, collections, and what a script makes of documents', async () => {
    const small = stack.databaseName('small');
    await createDatabase(stack.raven, small);
    const application = new Application(stack.raven, small);
    for (const n of [1, 2, 3]) {
      await application.put(`cats/${n}`, `{"n":${n},"@metadata":{"@collection":"Cats"}}`);
      await application.put(`dogs/${n}`, `{"n":${n},"@metadata":{"@collection":"Dogs"}}`);
    }
    const script = 'if (this.n === 2) throw "skip"; this.seen = true;';
    const byExport = target();
    const chosen = await dumpOf(small, { collections: ['Cats'], transformScript: script });
    expect(chosen.counts).toMatchObject({ documents: 2 });
    await (await importing({ path: chosen.file }, byExport)).result();

    const byImport = target();
    const whole = await dumpOf(small);
    const run = await importing({ path: whole.file }, byImport, {
      collections: ['Cats'],
      transformScript: script,
    });
    expect((await run.result()).items).toMatchObject({ documents: 2 });
    expect(await differences(stack.raven, byExport.database, byImport.database)).toEqual([]);
  });

  describe('that are spoilt', () => {
    let dump: ExportResult['dump'];
    let into: ReturnType<typeof target>;

    beforeAll(async () => {
      dump = await dumpOf(plain);
      into = target();
    });

    test.each<[string, (file: string, copy: string) => Promise<void>, RegExp, object?]>([
      [
        'one that was cut off',
        async (file, copy) => {
          await cp(file, copy);
          await truncate(copy, 40_000);
        },
        /ends too early/,
      ],
      [
        'one that is damaged',
        async (file, copy) => {
          const bytes = await readFile(file);
          // in many places: what lies within the bytes of an attachment alone, nothing tells
          for (let at = 1_000; at < bytes.length; at += 1_000)
            bytes.fill(0xff, at, Math.min(at + 40, bytes.length));
          await writeFile(copy, bytes);
        },
        /damaged|ends too early/,
      ],
      ['an empty one', (_file, copy) => writeFile(copy, ''), /empty/],
      ['something else', (_file, copy) => writeFile(copy, 'a text'), /is not a RavenDB dump/],
      ['a key for one that is not encrypted', cp, /not encrypted|key/, { encryptionKey: 'vault' }],
      ['no key for one that is encrypted', encryptTo, /encryptionKey/],
      ['another key', encryptTo, /key/, { encryptionKey: 'other' }],
      ['an unknown key', cp, /encryptionKey|"nowhere"/, { encryptionKey: 'nowhere' }],
    ])('leave the target alone and name the fault of %s', async (_what, spoil, sentence, input = {}) => {
      const directory = join(stack.directory, stack.databaseName('spoilt'));
      await mkdir(directory, { recursive: true });
      const copy = join(directory, 'spoilt.ravendbdump');
      await spoil(dump.file, copy);
      const { type, message } = await (await importing({ path: copy }, into, input)).failure();
      expect(message).toMatch(sentence);
      expect(message).toContain('was not touched');
      expect(type).toMatch(/PlanBlocked|InvalidInput|Key/);
      const names = await stack.raven.http.json<{ Databases: { Name: string }[] }>({
        doing: 'Reading names',
        path: '/databases?namesOnly=false',
      });
      expect(JSON.stringify(names)).not.toContain(into.database);
    });

    test('leave a target that the right one is imported into', async () => {
      await (await importing({ path: dump.file }, into)).result();
      expect(await differencesFromFile(stack.raven, plain, into.database)).toEqual([]);
    });
  });

  test('by other hands, with white space and an id twice, arrive as RavenDB imports them', async () => {
    const document = (id: string, n: number) => ({
      n,
      list: [1.5, { a: 'b  c' }],
      '@metadata': { '@collection': 'Odd', '@id': id },
    });
    const Docs = [
      document('odd/1', 1),
      document('odd/2', 2),
      document('odd/1', 3),
      document('ODD/2', 4),
      document('odd/3', 5),
    ];
    const file = join(stack.directory, 'by-hand.ravendbdump');
    await writeFile(file, JSON.stringify({ BuildVersion: 71028, Docs }, null, 2));
    const byRavenDb = stack.databaseName('by-ravendb');
    await createDatabase(stack.raven, byRavenDb);
    await importDump(new Database(stack.raven, byRavenDb), createReadStream(file), { types: ['Documents'] });
    const into = target();
    const result = await (await importing({ path: file }, into)).result();
    expect(result).toMatchObject({ phase: 'completed', items: { documents: 5 } });
    expect((await stack.report(result.workflowId)).mismatches).toBe(0);
    expect(await differences(stack.raven, byRavenDb, into.database)).toEqual([]);
  });

  test('that are not what their manifest says are refused', async () => {
    const dump = await dumpOf(plain);
    const bytes = await readFile(dump.file);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    await writeFile(dump.file, bytes);
    const { message } = await (await importing({ path: dirname(dump.file) }, target())).failure();
    expect(message).toMatch(/SHA-256/);
  });

  test('on a host that is gone are waited for, and the run can be aborted', async () => {
    const dump = await dumpOf(plain);
    const into = target();
    const run = await importing({ path: dump.file, host: 'nobody' }, into);
    await until('it says so', async () => {
      const { phase } = await run.handle.query<{ phase: string }>('progress');
      return phase === 'planning';
    });
    await run.handle.executeUpdate('abort', { args: [{ by: 'ann', note: 'lost' }] });
    const { type, message } = await run.failure();
    expect(type).toBe('Aborted');
    expect(message).toContain('was not touched');
  });

  test('of which an aborted run left a part are completed by the same import, and by no other', async () => {
    const dump = await dumpOf(plain);
    const into = target();
    const first = await importing({ path: dump.file }, into, { maxItemsPerSecond: 500 });
    await until('some of it is there', async () => {
      const { transferred, phase } = await first.handle.query<{
        phase: string;
        transferred: { items: number } | null;
      }>('progress');
      return phase === 'importing' && (transferred?.items ?? 0) > 0;
    });
    await first.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    expect((await first.failure()).message).toMatch(/holds a part of .* run the same import again/);
    const other = await dumpOf(plain, { compression: 'gzip' });
    expect((await (await importing({ path: other.file }, into)).failure()).message).toMatch(/overwritten/);
    expect((await (await importing({ path: dump.file }, into)).result()).phase).toBe('completed');
    expect(await differencesFromFile(stack.raven, plain, into.database)).toEqual([]);
    expect((await (await importing({ path: dump.file }, into)).failure()).message).toMatch(/overwritten/);
  });

  test('go on where they stood after the death of the worker', async () => {
    const dump = await dumpOf(source);
    const into = target();
    const worker = await stack.startWorker({ SHARDLIFT_HOST: 'two' });
    const run = await importing({ path: dump.file, host: 'two' }, into, { maxItemsPerSecond: 500 });
    await until('some of it is there', async () => {
      const { transferred, phase } = await run.handle.query<{
        phase: string;
        transferred: { items: number } | null;
      }>('progress');
      return phase === 'importing' && (transferred?.items ?? 0) > 0;
    });
    await worker.kill();
    await stack.startWorker({ SHARDLIFT_HOST: 'two' });
    await run.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
    expect((await run.result()).phase).toBe('completed');
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });
});
