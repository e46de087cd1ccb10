import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultTuning } from '../../src/core/contract/tuning.ts';
import { backupChain, chainFiles } from '../../src/core/files/backup-files.ts';
import { FileError } from '../../src/stores/errors.ts';
import { localStore } from '../../src/stores/folder-store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { bytes } from '../support/data/everything-attachments.ts';

const MEGABYTE = 1_000_000;

let outer: string;
let folder: string;

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'shardlift-files-'));
  folder = join(outer, 'backups');
  await mkdir(folder);
});

afterEach(async () => {
  await rm(outer, { recursive: true, force: true });
});

async function write(path: string, content: string | Buffer = 'content'): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** The paths of a listing, in order. */
async function paths(prefix?: string): Promise<string[]> {
  const files = await localStore(folder).list(prefix);
  return files.map(({ path }) => path).sort((a, b) => (a < b ? -1 : 1));
}

async function refusal(promise: Promise<unknown>): Promise<FileError> {
  const error = await promise.then(
    () => new Error('it was taken'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(FileError);
  expect(error.message).toMatch(/^\S.*\.$/);
  return error;
}

describe('a listing', () => {
  test('has every file in any depth, with bytes and time', async () => {
    const when = new Date('2026-01-02T03:04:05.000Z');
    await utimes(await write('a.ravendb-full-backup', 'four'), when, when);
    await write('x/y/z/b');
    await write('x/c d, ü.txt', '');
    await mkdir(join(folder, 'empty'));
    const files = await localStore(folder).list();
    expect(files).toHaveLength(3);
    expect(files).toContainEqual({
      path: 'a.ravendb-full-backup',
      bytes: 4,
      modifiedAt: '2026-01-02T03:04:05.000Z',
    });
    expect(await paths()).toEqual(['a.ravendb-full-backup', 'x/c d, ü.txt', 'x/y/z/b']);
    expect(files.find(({ path }) => path.startsWith('x/c'))?.bytes).toBe(0);
  });

  test('may be of one folder in it; its paths are still those of the whole', async () => {
    await write('x/a');
    await write('xy/b');
    expect(await paths('x')).toEqual(['x/a']);
    expect(await paths('x/')).toEqual(['x/a']);
    expect(await paths('')).toEqual(['x/a', 'xy/b']);
  });

  test('of nothing is empty', async () => {
    expect(await paths()).toEqual([]);
  });

  test('is of what a link means that stands for the folder, and shows links in it as such', async () => {
    await write('x/a');
    await writeFile(join(outer, 'secret'), 'secret');
    await symlink(join(outer, 'secret'), join(folder, 'out'));
    await symlink(join(folder, 'x'), join(folder, 'in'));
    await symlink('nowhere', join(folder, 'dangling'));
    await symlink('..', join(folder, 'x/up'));
    await symlink(folder, join(outer, 'elsewhere'));
    const files = await localStore(join(outer, 'elsewhere')).list();
    const links = files.filter(({ link }) => link);
    expect(files.filter(({ link }) => !link).map(({ path }) => path)).toEqual(['x/a']);
    expect(links.map(({ path }) => path).sort((a, b) => (a < b ? -1 : 1))).toEqual([
      'dangling',
      'in',
      'out',
      'x/up',
    ]);
    expect(links.every(({ bytes }) => bytes === 0)).toBe(true);
  });

  test('leaves out what is no file', async () => {
    await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
    await write('lost+found/a');
    await write('b');
    expect(await paths()).toEqual(['b']);
  });

  test('is understood as a backup, also when it is that of the very folder of one', async () => {
    const name = '2026-01-02-10-00-00.ravendb-shop-A-backup';
    await write(`nightly/${name}/2026-01-02-10-00-00.ravendb-full-backup`);
    await write(`nightly/${name}/2026-01-02-11-00-00.ravendb-incremental-backup`);
    for (const root of [folder, join(folder, 'nightly'), join(folder, 'nightly', name)]) {
      const store = localStore(root);
      const chain = backupChain(await store.list(), { root: store.root });
      expect(chain).toMatchObject({ database: 'shop', problems: [], warnings: [] });
      expect(chainFiles(chain)).toHaveLength(2);
      for (const { path } of chainFiles(chain)) expect(await text(await store.open(path))).toBe('content');
    }
  });

  test('ends when it shall', async () => {
    const store = localStore(folder, AbortSignal.abort(new Error('enough')));
    await expect(store.list()).rejects.toThrow('enough');
  });
});

describe('a file', () => {
  test('is read to its end', async () => {
    const content = bytes(3 * MEGABYTE, 1);
    await write('x/a', content);
    const store = localStore(folder);
    expect(await store.size('x/a')).toBe(content.length);
    expect(content.equals(await buffer(await store.open('x/a')))).toBe(true);
  });

  test('may be empty', async () => {
    await write('a', '');
    expect(await localStore(folder).size('a')).toBe(0);
    expect(await text(await localStore(folder).open('a'))).toBe('');
  });

  test('is what it was when it was opened, though it grows', async () => {
    const file = await write('a', bytes(2 * MEGABYTE, 1));
    const body = await localStore(folder).open('a');
    await appendFile(file, 'more');
    expect((await buffer(body)).length).toBe(2 * MEGABYTE);
  });

  test('that becomes shorter while it is read is an error', async () => {
    const file = await write('a', bytes(5 * MEGABYTE, 1));
    const body = await localStore(folder).open('a');
    await truncate(file, MEGABYTE);
    const error = await refusal(buffer(body));
    expect(error).toMatchObject({ kind: 'FileCutOff', retryable: true });
    expect(error.message).toContain('of 5000000 bytes');
  });

  test('that is deleted while it is read is read to its end', async () => {
    const file = await write('a', bytes(2 * MEGABYTE, 1));
    const body = await localStore(folder).open('a');
    await rm(file);
    expect((await buffer(body)).length).toBe(2 * MEGABYTE);
  });

  test('is no longer read when nobody wants it or when it shall end', async () => {
    await write('a', bytes(5 * MEGABYTE, 1));
    const left: Readable = await localStore(folder).open('a');
    left.resume().destroy();
    await once(left, 'close');
    const abort = new AbortController();
    const body = await localStore(folder, abort.signal).open('a');
    abort.abort();
    await expect(buffer(body)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});

describe('what cannot be read is named, with the way out', () => {
  test('no such folder', async () => {
    const error = await refusal(localStore(join(folder, 'none')).list());
    expect(error).toMatchObject({ kind: 'FolderNotFound', retryable: false });
    expect(error.message).toContain(
      `The folder ${join(folder, 'none')} does not exist on this worker: check`,
    );
    expect(await refusal(localStore(folder).list('none'))).toMatchObject({ kind: 'FolderNotFound' });
  });

  test('a file in place of the folder', async () => {
    const file = await write('a');
    const error = await refusal(localStore(file).list());
    expect(error).toMatchObject({ kind: 'NotAFolder', retryable: false });
    expect(error.message).toContain('name the folder');
    expect(await refusal(localStore(join(file, 'b')).list())).toMatchObject({ kind: 'FolderNotFound' });
  });

  test.each(['open', 'size'] as const)('no such file (%s)', async (verb) => {
    const error = await refusal(localStore(folder)[verb]('none'));
    expect(error).toMatchObject({ kind: 'FileNotFound', retryable: false });
    expect(error.message).toContain(join(folder, 'none'));
  });

  test.each(['open', 'size'] as const)('a folder in place of a file (%s)', async (verb) => {
    await write('x/a');
    expect(await refusal(localStore(folder)[verb]('x'))).toMatchObject({ kind: 'FileDenied' });
  });

  test('something that would never end', async () => {
    await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
    expect(await refusal(localStore(folder).open('pipe'))).toMatchObject({ kind: 'FileDenied' });
  });

  test.each(['../secret', '/etc/passwd', 'x/../../secret', 'out', 'up/secret', 'a\0b'])(
    'a way out of the folder: %j',
    async (path) => {
      await write('x/a');
      await writeFile(join(outer, 'secret'), 'secret');
      await symlink(join(outer, 'secret'), join(folder, 'out'));
      await symlink(outer, join(folder, 'up'));
      const error = await refusal(localStore(folder).open(path));
      expect(error).toMatchObject({ kind: 'FileOutside', retryable: false });
      expect(await refusal(localStore(folder).size(path))).toMatchObject(error);
    },
  );

  test('a folder beside it whose name begins in the same way', async () => {
    await mkdir(join(outer, 'backups2'));
    await writeFile(join(outer, 'backups2/a'), 'a');
    expect(await refusal(localStore(folder).open('../backups2/a'))).toMatchObject({ kind: 'FileOutside' });
    expect(await refusal(localStore(folder).list('../backups2'))).toMatchObject({ kind: 'FileOutside' });
  });

  test('a link that leads to itself', async () => {
    await symlink('loop', join(folder, 'loop'));
    expect(await refusal(localStore(folder).open('loop'))).toMatchObject({ kind: 'FileDenied' });
  });

  const asRoot = process.getuid?.() === 0;
  test('what the worker has no right to', async ({ skip }) => {
    skip(asRoot, 'root may read everything');
    await chmod(await write('a'), 0);
    await write('x/b');
    const error = await refusal(localStore(folder).open('a'));
    expect(error).toMatchObject({ kind: 'FileDenied', retryable: false });
    expect(error.message).toContain('give it the right');
    await chmod(join(folder, 'x'), 0);
    expect(await refusal(localStore(folder).list())).toMatchObject({ kind: 'FileDenied' });
    await chmod(join(folder, 'x'), 0o700);
  });
});

describe('the folder of an input', () => {
  const config = () => ({
    dumpDirectory: folder,
    buckets: { archive: { bucket: 'b', endpoint: 'http://127.0.0.1:9' } },
    tuning: defaultTuning,
  });

  test.each(['x', './x', 'y/../x'])('is meant from the directory of dumps: %s', async (path) => {
    await write('x/a');
    const store = await openStore(config(), { path, bucket: null });
    expect(store.root).toBe('x');
    expect((await store.list()).map((file) => file.path)).toEqual(['a']);
  });

  test('may be absolute', async () => {
    await write('x/a');
    expect(await (await openStore(config(), { path: join(folder, 'x') })).list()).toHaveLength(1);
  });

  test('may lie in a bucket, whose last folder may be that of a backup', async () => {
    expect((await openStore(config(), { path: '/a//b/', bucket: 'archive' })).root).toBe('b');
    expect((await openStore(config(), { path: '.', bucket: 'archive' })).root).toBe('');
  });

  test('may not lie in a bucket that nobody knows', async () => {
    const open = async () => openStore(config(), { path: 'a', bucket: 'none' });
    const error = await refusal(open());
    expect(error).toMatchObject({ kind: 'BucketUnknown', retryable: false });
    expect(error.message).toContain('only archive');
  });
});
