import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AttachmentStore } from '../../../src/engine/transfer/attachment-store.ts';

let directory: string;
let store: AttachmentStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shardlift-attachments-'));
  store = await AttachmentStore.in(directory);
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
  const kept = store.read(hash);
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
    expect(existsSync(directory)).toBe(true);
  });
});
