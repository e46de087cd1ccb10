import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { DecryptionError, decrypted, encrypted } from '../../../src/ravendb/dump/encryption.ts';
import { bytes } from '../../support/data/everything-attachments.ts';

const KEY_BYTES = 32;
const KEY = bytes(KEY_BYTES, 1);
const HEADER = 24;
const CHUNK = 4096;
const OVERHEAD = 17;

function inParts(whole: Buffer, size: number): Readable {
  const parts = Array.from({ length: Math.ceil(whole.length / size) }, (_, n) =>
    whole.subarray(n * size, (n + 1) * size),
  );
  return Readable.from(parts);
}

async function seal(plain: Buffer, partSize = 50_000): Promise<Buffer> {
  return await buffer(Readable.from(encrypted(inParts(plain, partSize), KEY)));
}

async function open(sealed: Buffer, { key = KEY, partSize = 50_000 } = {}): Promise<Buffer> {
  return await buffer(Readable.from(decrypted(inParts(sealed, partSize), key)));
}

async function refusal(sealed: Buffer, key = KEY): Promise<string> {
  const error = await open(sealed, { key }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DecryptionError);
  return (error as DecryptionError).reason;
}

describe('encrypted bytes', () => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 64 * CHUNK, 64 * CHUNK + 1, 1_000_003])(
    'are a header and chunks, and decrypt to the same: %i of them',
    async (length) => {
      const plain = bytes(length, 2);
      const sealed = await seal(plain);
      expect(sealed.length).toBe(HEADER + length + Math.ceil(length / CHUNK) * OVERHEAD);
      expect((await open(sealed)).equals(plain)).toBe(true);
    },
  );

  test.each([1, 7, 4112, 4113, 4114, 1_000_000])('may arrive in parts of %i', async (partSize) => {
    const plain = bytes(20_000, 3);
    const sealed = await seal(plain, partSize);
    expect((await open(sealed, { partSize })).equals(plain)).toBe(true);
  });

  test('are others each time', async () => {
    const plain = bytes(100, 4);
    expect((await seal(plain)).equals(await seal(plain))).toBe(false);
  });

  test('are handed on in large buffers', async () => {
    const sizes: number[] = [];
    for await (const part of decrypted(inParts(await seal(bytes(1_000_000, 5)), 100), KEY)) {
      sizes.push(part.length);
    }
    expect(sizes).toEqual([262_144, 262_144, 262_144, 213_568]);
  });
});

describe('bytes that do not decrypt', () => {
  const plain = bytes(100_000, 6);

  test('tell that the key is another one', async () => {
    expect(await refusal(await seal(plain), bytes(KEY_BYTES, 9))).toBe('key');
    expect(await refusal(await seal(bytes(10, 7)), bytes(KEY_BYTES, 9))).toBe('key');
    expect(await refusal(plain)).toBe('key');
  });

  test.each([1, HEADER - 1, HEADER + 1, HEADER + OVERHEAD])(
    'are too few to tell anything else: %i',
    async (length) => {
      expect(await refusal((await seal(plain)).subarray(0, length))).toBe('key');
    },
  );

  test.each([1, OVERHEAD, OVERHEAD + 1, 2000])('tell that they were cut: by %i', async (missing) => {
    expect(await refusal((await seal(plain)).subarray(0, -missing))).toBe('cut');
  });

  test('tell that they are damaged', async () => {
    const sealed = await seal(plain);
    const second = HEADER + CHUNK + OVERHEAD;
    for (const at of [second, second + 5000, second + 50_000]) {
      const flipped = Buffer.from(sealed);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(await refusal(flipped)).toBe('damaged');
    }
    const swapped = Buffer.concat([
      sealed.subarray(0, second),
      sealed.subarray(second + CHUNK + OVERHEAD, second + 2 * (CHUNK + OVERHEAD)),
      sealed.subarray(second),
    ]);
    expect(await refusal(swapped)).toBe('damaged');
  });

  test('that were cut between two chunks decrypt: what is in them must tell', async () => {
    const sealed = (await seal(plain)).subarray(0, HEADER + 3 * (CHUNK + OVERHEAD));
    expect((await open(sealed)).equals(plain.subarray(0, 3 * CHUNK))).toBe(true);
  });
});

test('the source is closed when nobody reads on', async () => {
  const source = inParts(await seal(bytes(1_000_000, 8)), 1000);
  for await (const _ of decrypted(source, KEY)) break;
  expect(source.destroyed).toBe(true);
});
