import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AttachmentStore } from '../../../src/engine/transfer/attachment-store.ts';

const LEFTOVER_MS = 40;

let directory: string;
let store: AttachmentStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shardlift-attachments-'));
  store = await AttachmentStore.in(directory, 'some', LEFTOVER_MS);
});
afterEach(async () => {
  await store.close();
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
});

function keep(hash: string, content: Buffer): void {
  store.begin(hash, content.length);
  for (let at = 0; at < content.length; at += 100_000) store.append(content.subarray(at, at + 100_000));
}

async function bytes(hash: string): Promise<Buffer | undefined> {
  const kept = store.inMemory(hash) ?? (await store.onDisk(hash));
  if (!kept) return undefined;
  const parts: Buffer[] = [];
  for await (const part of kept) parts.push(part);
  return Buffer.concat(parts);
}

describe('attachments on their way', () => {
  test.each([0, 1, 300, 256 * 1024, 256 * 1024 + 1, 3_000_000])(
    'of %i bytes come back as they are',
    async (size) => {
      const content = Buffer.alloc(size, 'content of an attachment ');
      keep('hash', content);
      keep('another', Buffer.from('x'));
      expect((await bytes('hash'))?.equals(content)).toBe(true);
      expect(await bytes('unknown')).toBeUndefined();
    },
  );

  test('a large one can be read while it is the last that came', async () => {
    const content = Buffer.alloc(1_000_000, 7);
    keep('large', content);
    expect((await bytes('large'))?.equals(content)).toBe(true);
  });

  test('the oldest are dropped when there are too many for the memory', async () => {
    const size = 200 * 1024;
    for (let n = 0; n < 400; n++) keep(`hash ${n}`, Buffer.alloc(size, n));
    expect(await bytes('hash 0')).toBeUndefined();
    expect((await bytes('hash 399'))?.equals(Buffer.alloc(size, 399))).toBe(true);
  });

  test('one that comes again is kept once', async () => {
    keep('same', Buffer.from('first'));
    keep('same', Buffer.from('first'));
    expect((await bytes('same'))?.toString()).toBe('first');
    const large = Buffer.alloc(1_000_000, 7);
    keep('large', large);
    keep('large', large);
    expect((await bytes('large'))?.equals(large)).toBe(true);
    expect(readdirSync(join(directory, ...readdirSync(directory)))).toHaveLength(1);
  });

  test('none is lost where all are to be kept, however many there are, and however often one comes', async () => {
    await store.close();
    store = await AttachmentStore.in(directory, 'all', LEFTOVER_MS);
    const hash = (n: number) => Buffer.from(`hash ${n}`).toString('base64');
    const content = (n: number) => Buffer.alloc((n % 2 === 0 ? 200 : 300) * 1024, n);
    for (const _time of [1, 2]) for (let n = 0; n < 200; n++) keep(hash(n), content(n));
    for (let n = 0; n < 200; n++) expect((await bytes(hash(n)))?.equals(content(n))).toBe(true);
    expect(await bytes(hash(200))).toBeUndefined();
  });

  test('a disk that cannot be written to fails whoever waits for it', async () => {
    const [own = ''] = readdirSync(directory);
    rmSync(join(directory, own), { recursive: true });
    keep('large', Buffer.alloc(1_000_000));
    await expect(store.written()).rejects.toThrow('ENOENT');
    await expect(bytes('large')).rejects.toThrow('ENOENT');
  });

  test('their folder is not taken for what a killed worker has left as long as they are needed', async () => {
    const [own = ''] = readdirSync(directory);
    const path = join(directory, own);
    utimesSync(path, new Date(0), new Date(0));
    await vi.waitFor(() => expect(statSync(path).mtimeMs).toBeGreaterThan(0));
  });
});
