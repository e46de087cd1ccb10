import { mkdir, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pMap from 'p-map';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import type { BucketSettings } from '../../../src/config/s3-buckets.ts';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { backupChain, chainFiles } from '../../../src/core/files/backup-files.ts';
import type { FileError } from '../../../src/stores/errors.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import { bucketStore } from '../../../src/stores/s3-store.ts';
import { bytes } from '../../support/data/everything-attachments.ts';
import { GoToolMissing } from '../../support/servers/go-tool.ts';
import { S3Server } from '../../support/servers/s3-server.ts';

const MEGABYTE = 1_000_000;
const BIG = 50 * MEGABYTE;

const started = await S3Server.start().catch((error) => {
  if (error instanceof GoToolMissing) return error;
  throw error;
});
const skipped = started instanceof GoToolMissing ? started.message : undefined;
const server = started as S3Server;

afterAll(async () => {
  if (!skipped) await server.stop();
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in buffers that somebody still holds. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** The bucket as a worker sees it, with some of its settings changed. */
function open(folder = '', changed: Partial<BucketSettings> = {}, signal?: AbortSignal) {
  return bucketStore('archive', { ...server.settings, ...changed }, folder, defaultTuning.bucket, signal);
}

async function refusal(promise: Promise<unknown>): Promise<FileError> {
  const error = await promise.then(
    () => new Error('it was taken'),
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ name: 'FileError' });
  expect(error.message).toMatch(/^\S.*[.?]$/);
  expect(error.message).toContain('archive');
  const { settings, url } = server;
  for (const secret of [settings.secretAccessKey, settings.accessKeyId, 'wrong key', url, '127.0.0.1']) {
    expect(error.message).not.toContain(secret);
  }
  return error;
}

describe('a bucket', () => {
  beforeEach(({ skip }) => skip(skipped !== undefined, skipped));

  test('lists more files than one answer holds, below a folder alone', async () => {
    const names = Array.from({ length: 2_345 }, (_, n) => `many/${n % 7}/file-${n}`);
    await pMap(names, (name) => server.put(name, name), { concurrency: 8 });
    await server.put('many-more/a', 'a');
    await server.put('a', 'a');
    const files = await open('many').list();
    expect(new Set(files.map(({ path }) => `many/${path}`))).toEqual(new Set(names));
    expect(files).toHaveLength(names.length);
    expect(files.find(({ path }) => path === '3/file-3')).toMatchObject({ bytes: 'many/3/file-3'.length });
    const age = Date.now() - Date.parse(files[0]?.modifiedAt ?? '');
    expect(age).toBeGreaterThan(-60_000);
    expect(age).toBeLessThan(600_000);
    expect((await open('many').list('3')).every(({ path }) => path.startsWith('3/file-'))).toBe(true);
    expect(await open('/many/3/').list()).toHaveLength(335);
    expect((await open().list()).map(({ path }) => path)).toContain('a');
  });

  test('is found by the name in the configuration, and its backup is understood', async () => {
    const folder = '2026-01-02-10-00-00.ravendb-shop-A-backup';
    await server.put(`nightly/${folder}/2026-01-02-10-00-00.ravendb-full-backup`, 'full');
    await server.put(`nightly/${folder}/2026-01-02-11-00-00.ravendb-incremental-backup`, 'incremental');
    const config = loadConfig(server.environment('old-backups'), server.folder);
    for (const path of ['nightly', `nightly/${folder}`]) {
      const store = await openStore(config, { path, bucket: 'old-backups' });
      const chain = backupChain(await store.list(), { root: store.root });
      expect(chain).toMatchObject({ database: 'shop', problems: [], warnings: [] });
      const [full, incremental] = chainFiles(chain).map((file) => file.path);
      expect(await text(await store.open(full ?? ''))).toBe('full');
      expect(await store.size(incremental ?? '')).toBe('incremental'.length);
      store.close();
    }
  });

  test('takes names that an address would have to quote', async () => {
    const name = '2026-01-02-10-00-00.ravendb-Größe & 100% + "a"?#-A-backup/x y';
    await server.put(`odd/${name}`, 'odd');
    expect((await open('odd').list()).map(({ path }) => path)).toEqual([name]);
    expect(await text(await open('odd').open(name))).toBe('odd');
  });

  test('does not show the folders that programs put into it as objects', async () => {
    await server.put('shown/a', 'a');
    await mkdir(join(server.folder, 'shown/empty'));
    expect((await open('shown').list()).map(({ path }) => path)).toEqual(['a']);
  });

  test('gives an empty file', async () => {
    await server.put('empty', '');
    expect(await open().size('empty')).toBe(0);
    expect(await text(await open().open('empty'))).toBe('');
  });

  test('gives a large file to a slow reader without holding it', async () => {
    const content = bytes(BIG, 1);
    await server.put('large', content);
    const store = open();
    expect(await store.size('large')).toBe(BIG);
    const before = heldBytes();
    const held: number[] = [];
    let got = 0;
    for await (const chunk of await store.open('large')) {
      if (!content.subarray(got, got + chunk.length).equals(chunk)) throw new Error(`it differs at ${got}`);
      got += chunk.length;
      if (got < (held.length + 1) * 5 * MEGABYTE) continue;
      // time in which more could come than is asked for
      await sleep(50);
      held.push(heldBytes() - before);
    }
    expect(got).toBe(BIG);
    // now and then the collector is late with its count; half of the file is still to come then
    const usual = held.sort((a, b) => a - b)[held.length / 2];
    expect(held).toHaveLength(10);
    expect(usual).toBeLessThan(BIG / 6);
  });

  test('gives nothing any more to a reader that has left, or that shall end', async () => {
    await server.put('left', bytes(10 * MEGABYTE, 1));
    const left = await open().open('left');
    left.once('data', () => left.destroy());
    await new Promise((resolve) => left.once('close', resolve));
    const abort = new AbortController();
    const body = await open('', {}, abort.signal).open('left');
    abort.abort(new Error('enough'));
    await expect(buffer(body)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    await expect(open('', {}, abort.signal).list()).rejects.toThrow('enough');
  });
});

describe('a bucket that cannot be read is told in one sentence', () => {
  beforeEach(({ skip }) => skip(skipped !== undefined, skipped));

  test.each<[string, Partial<BucketSettings>, RegExp]>([
    ['an unknown key', { accessKeyId: 'wrong key' }, /The access key is unknown, or/],
    ['a wrong secret', { secretAccessKey: 'wrong key' }, /, or its secret is wrong: check both/],
  ])('%s', async (_case, changed, sentence) => {
    await server.put('a', 'a');
    const store = open('', changed);
    for (const ask of [() => store.list(), () => store.open('a')]) {
      const error = await refusal(ask());
      expect(error).toMatchObject({ kind: 'BucketDenied', retryable: false });
      expect(error.message).toMatch(sentence);
    }
  });

  test('a wrong secret, by an answer that has nothing but its status', async () => {
    await server.put('a', 'a');
    const error = await refusal(open('', { secretAccessKey: 'wrong key' }).size('a'));
    expect(error).toMatchObject({ kind: 'BucketDenied', retryable: false });
  });

  test('no such bucket', async () => {
    const store = open('', { bucket: 'none' });
    for (const ask of [() => store.list(), () => store.open('a')]) {
      expect(await refusal(ask())).toMatchObject({ kind: 'BucketNotFound', retryable: false });
    }
  });

  test('no such folder', async () => {
    const error = await refusal(open('none/at/all').list());
    expect(error).toMatchObject({ kind: 'FolderNotFound', retryable: false });
    expect(error.message).toContain('below none/at/all/');
  });

  test('a file that is not there, or no longer', async () => {
    const file = await server.put('gone', 'gone');
    expect(await open().list()).toContainEqual(expect.objectContaining({ path: 'gone' }));
    await rm(file);
    for (const ask of [() => open().open('gone'), () => open().size('gone')]) {
      const error = await refusal(ask());
      expect(error).toMatchObject({ kind: 'FileNotFound', retryable: false });
      expect(error.message).toContain('gone');
    }
  });

  test('a way out of the folder', async () => {
    expect(
      await open('x')
        .open('../a')
        .catch((error) => error),
    ).toMatchObject({ kind: 'FileOutside' });
  });

  test('nothing listens', async () => {
    const error = await refusal(open('', { endpoint: 'http://127.0.0.1:9' }).list());
    expect(error).toMatchObject({ kind: 'BucketUnreachable', retryable: true });
  });

  test('an unknown host', async () => {
    const error = await refusal(open('', { endpoint: 'http://nowhere.invalid:9000' }).list());
    expect(error).toMatchObject({ kind: 'BucketUnreachable', retryable: true });
    expect(error.message).not.toContain('nowhere');
  });

  test('a server of something else', async () => {
    const other = createServer((_, answer) => answer.end('<html><body>Welcome</body>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const error = await refusal(open('', { endpoint: `http://127.0.0.1:${port}` }).list());
    expect(error).toMatchObject({ kind: 'BucketRefused', retryable: false });
    other.close();
  });

  test('TLS where there is none', async () => {
    const error = await refusal(open('', { endpoint: server.url.replace('http', 'https') }).list());
    expect(error).toMatchObject({ kind: 'BucketTls', retryable: false });
  });
});

describe('a transfer that does not come to its end is an error', () => {
  beforeEach(({ skip }) => skip(skipped !== undefined, skipped));

  test('when the server dies, and another try reads all of it', async () => {
    const content = bytes(BIG, 2);
    await server.put('cut', content);
    const store = open();
    const body = await store.open('cut');
    await new Promise((resolve) => body.once('readable', resolve));
    await server.kill();
    const error = await refusal(buffer(body));
    expect(error).toMatchObject({ kind: 'FileCutOff', retryable: true });
    expect(error.message).toMatch(
      new RegExp(`^Reading cut of bucket "archive" was cut off: .* of ${BIG} bytes\\.$`),
    );
    expect(await refusal(store.list())).toMatchObject({ kind: 'BucketUnreachable', retryable: true });
    await server.restart();
    expect(content.equals(await buffer(await store.open('cut')))).toBe(true);
  });

  test('when the object becomes shorter', async () => {
    const file = await server.put('shrinks', bytes(BIG, 3));
    const body = await open().open('shrinks');
    await new Promise((resolve) => body.once('readable', resolve));
    await truncate(file, MEGABYTE);
    expect(await refusal(buffer(body))).toMatchObject({ kind: 'FileCutOff', retryable: true });
  });
});
