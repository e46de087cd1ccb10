import { createReadStream, createWriteStream } from 'node:fs';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../../../src/core/run/report.ts';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { encrypted } from '../../../src/ravendb/dump/encryption.ts';
import { Application } from '../../support/data/application.ts';
import {
  type BackupChain,
  backupFolder,
  everyKindChain,
  grow,
  named,
  smallChain,
} from '../../support/data/backup-chain.ts';
import { fullBackup } from '../../support/data/backups.ts';
import { createDatabase, deleteDocument, putItems } from '../../support/data/databases.ts';
import { differencesFromFile } from '../../support/oracle/compare.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

const INCREMENTAL_FILES = 5;

const KEY = Buffer.alloc(32, 7);

/** The time in the name of a file, as a time with the offset of the server. */
function stampOf(file: string): string {
  const [, day, hours, minutes, seconds] =
    /(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)\.ravendb-[a-z-]+$/.exec(file) ?? [];
  return `${day}T${hours}:${minutes}:${seconds}Z`;
}

describe('backups, by the Temporal CLI alone', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker({
      SHARDLIFT_HOST: 'one',
      SHARDLIFT_ENCRYPTION_KEY_VAULT: KEY.toString('base64'),
    });
  });
  afterAll(() => stack.close());

  function target(shards = 3) {
    return { connection: 'local', database: stack.databaseName('target'), shards };
  }

  function importing(backup: object, into: object, input: object = {}) {
    return startByCli<ImportResult>(stack, 'importBackup', { backup, target: into, ...input });
  }

  describe('a full and five incremental files', () => {
    let path: string;
    let chain: BackupChain;

    beforeAll(async () => {
      path = await backupFolder(stack);
      chain = await everyKindChain(stack, path, { plain: 200, incrementals: INCREMENTAL_FILES });
    });

    test('carry every kind of item into three shards, once', async () => {
      const source = chain.database;
      const into = target();
      const result = await (await importing({ path, host: 'one' }, into)).result();
      expect(result.files).toEqual(chain.names);
      expect(result.standsAt).toBe(result.files.at(-1));
      expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
      const again = await (await importing({ path, host: 'one' }, into)).result();
      // Temporal's command line prints an empty list as null
      expect(again.files ?? []).toEqual([]);
      expect(again.standsAt).toBe(result.standsAt);
      expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
    });
  });

  test('of a folder that grows, each run imports what is new, once; a failed run is made good', async () => {
    const path = await backupFolder(stack);
    const chain = await smallChain(stack, path, 1);
    const into = target();
    const first = await (await importing({ path }, into)).result();
    expect(first.files).toEqual(chain.names);

    const broken = await grow(stack, chain, 2);
    const { file } = chain.last;
    const bytes = await readFile(file);
    await truncate(file, bytes.length - 30);
    const failure = await (await importing({ path }, into)).failure();
    expect(failure.message).toMatch(/ends too early/);
    await writeFile(file, bytes);
    const next = await grow(stack, chain, 3);
    const made = await (await importing({ path }, into)).result();
    expect(made.files).toEqual([broken, next]);
    expect(await differencesFromFile(stack.raven, chain.database, into.database)).toEqual([]);
  });

  test('up to a time, the files until then; of those that are encrypted, with the key', async () => {
    const path = await backupFolder(stack);
    const { files } = await smallChain(stack, path, 2);
    for (const file of files) {
      const [, kind] = /ravendb-(full|incremental)-backup$/.exec(file) ?? [];
      const copy = file.replace(/ravendb-(full|incremental)-backup$/, `ravendb-encrypted-${kind}-backup`);
      await pipeline(encrypted(createReadStream(file), KEY), createWriteStream(copy));
      await rm(file);
    }
    const into = target();
    const upTo = stampOf(files[1] ?? '');
    expect((await (await importing({ path, upTo }, into)).failure()).message).toMatch(/encryptionKey/);
    const result = await (await importing({ path, upTo }, into, { encryptionKey: 'vault' })).result();
    expect(result.files).toHaveLength(2);
    expect(result.items).toMatchObject({ documents: 2 });
    const rest = await (await importing({ path }, into, { encryptionKey: 'vault' })).result();
    expect(rest.files).toHaveLength(1);
  });

  test('what cannot be told is left to the person: whether a file between two others is missing', async () => {
    const path = await backupFolder(stack);
    const { files } = await smallChain(stack, path, 3);
    await rm(files[2] ?? '');
    const run = await importing({ path }, target());
    await run.result();
    const { findings } = await run.handle.query<RunReport>('report');
    expect(findings).toContainEqual(expect.stringMatching(/are in neither.*or a file in between is missing/));
  });

  test('the same file twice, in two folders, is imported once', async () => {
    const path = await backupFolder(stack);
    const { files } = await smallChain(stack, path, 1);
    const copy = join(path, 'again', basename(dirname(files[0] ?? '')));
    await cp(dirname(files[0] ?? ''), copy, { recursive: true });
    const run = await importing({ path }, target());
    expect((await run.result()).files).toHaveLength(2);
    const { checks } = await run.handle.query<RunReport>('report');
    expect(checks).toContainEqual(
      expect.objectContaining({
        status: 'warning',
        message: expect.stringMatching(/copies of other files/),
      }),
    );
  });

  test('a new full backup goes on where the old ones ended', async () => {
    const path = await backupFolder(stack);
    const { database: source } = await smallChain(stack, path, 2);
    const into = target();
    await (await importing({ path }, into)).result();
    await deleteDocument(stack.raven, source, 'items/1');
    await putItems(stack.raven, source, 1, 9);
    // the made-up files bear times that are still to come
    await sleep(3_000);
    const full = await fullBackup(stack.raven, source, path);
    const result = await (await importing({ path }, into)).result();
    expect(result.files).toEqual([named(full.file)]);
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });

  test('a run that was aborted within the first file is completed by the same import', async () => {
    const path = await backupFolder(stack);
    const source = stack.databaseName('source');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, 3000);
    await fullBackup(stack.raven, source, path);
    const into = target();
    const first = await importing({ path }, into, { maxItemsPerSecond: 200 });
    await until('some of it is there', async () => {
      const { phase, transferred } = await first.handle.query<{
        phase: string;
        transferred: { items: number } | null;
      }>('progress');
      return phase === 'importing' && (transferred?.items ?? 0) > 0;
    });
    await first.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    expect((await first.failure()).message).toMatch(/holds a part of .* run the same import again/);
    expect((await (await importing({ path }, into)).result()).phase).toBe('completed');
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });

  test('two runs for one target never overlap: the second is refused and says which is at work', async () => {
    const path = await backupFolder(stack);
    const source = stack.databaseName('source');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, 2000);
    await fullBackup(stack.raven, source, path);
    const into = target();
    const slow = await importing({ path }, into, { maxItemsPerSecond: 300 });
    await until('it imports', async () => {
      const { phase } = await slow.handle.query<{ phase: string }>('progress');
      return phase === 'importing';
    });
    const second = await importing({ path }, { ...into, allowExistingData: true });
    const { type, message } = await second.failure();
    expect(type).toBe('TargetBusy');
    expect(message).toContain(slow.id);
    expect((await slow.result()).phase).toBe('completed');
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });

  test.each<[string, (files: string[]) => Promise<void>, RegExp]>([
    ['no full backup', async ([full]) => rm(full ?? ''), /full backup/],
    ['an empty file', async ([, second]) => writeFile(second ?? '', ''), /empty|0 bytes/],
    [
      'a snapshot alone',
      async ([full]) => {
        await cp(full ?? '', (full ?? '').replace('.ravendb-full-backup', '.ravendb-snapshot'));
        await rm(full ?? '');
      },
      /snapshot/,
    ],
    [
      'a file of another database in the chain',
      async ([, second]) => {
        const path = await backupFolder(stack);
        const other = await smallChain(stack, path, 1);
        await cp(other.files[1] ?? '', second ?? '');
      },
      /not from the same database/,
    ],
  ])('say before they start: %s', async (_what, spoil, sentence) => {
    const path = await backupFolder(stack);
    const { files } = await smallChain(stack, path, 2);
    await spoil(files);
    const { message } = await (await importing({ path }, target())).failure();
    expect(message).toMatch(sentence);
    expect(message).toContain('was not touched');
  });

  test('say that a newer RavenDB wrote them, and import them all the same', async () => {
    const path = await backupFolder(stack);
    const { files } = await smallChain(stack, path, 1);
    await writeFile(files[0] ?? '', '{"BuildVersion":99000,"Docs":[{"a":1,"@metadata":{"@id":"a/1"}}]}');
    const into = target();
    const run = await importing({ path }, into);
    expect((await run.result()).phase).toBe('completed');
    const { Results } = JSON.parse(
      await new Application(stack.raven, into.database).send('GET', 'docs?id=a/1'),
    );
    expect(Results).toMatchObject([{ a: 1 }]);
    const { notes } = await stack.report(run.id);
    expect(notes.map(({ text }) => text).join()).toMatch(/RavenDB 9\.9, which is newer than the target/);
  });

  test.each([
    [
      'folder',
      { path: '/of/nobody' },
      /^The folder \/of\/nobody does not exist on this worker: check the path/,
    ],
    ['bucket', { path: 'shop', bucket: 'nowhere' }, /^The worker's configuration has no bucket "nowhere", /],
  ])('say before they start that there is no such %s', async (_what, backup, sentence) => {
    const { message } = await (await importing(backup, target())).failure();
    expect(message).toMatch(sentence);
    expect(message).toContain('was not touched');
  });

  test('a folder of one backup is taken as well as its parent', async () => {
    const path = await backupFolder(stack);
    const { database: source, files } = await smallChain(stack, path, 1);
    expect(await readdir(path)).toHaveLength(1);
    const into = target();
    await (await importing({ path: dirname(files[0] ?? '') }, into)).result();
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });
});
