import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { decompressed, plainDump } from '../../../src/ravendb/dump/dump-bytes.ts';
import { encrypted } from '../../../src/ravendb/dump/encryption.ts';
import { bytes } from '../../support/data/everything-attachments.ts';

const KEY = bytes(32, 1);
const OTHER_KEY = bytes(32, 2);
const DOCUMENTS = Array.from({ length: 5000 }, (_, n) =>
  JSON.stringify({ n, text: bytes(40, n).toString('hex') }),
);
const PLAIN = Buffer.from(`{"BuildVersion":71028,"Docs":[${DOCUMENTS.join(',')}]}`);
const ZSTD = zstdCompressSync(PLAIN);
const GZIP = gzipSync(PLAIN);

async function seal(plain: Buffer): Promise<Buffer> {
  return await buffer(Readable.from(encrypted(Readable.from([plain]), KEY)));
}

function inParts(whole: Buffer, size: number): Readable {
  const parts = Array.from({ length: Math.ceil(whole.length / size) }, (_, n) =>
    whole.subarray(n * size, (n + 1) * size),
  );
  return Readable.from(parts);
}

async function read(file: Buffer, { key, partSize = 65_536 }: { key?: Buffer; partSize?: number } = {}) {
  return await buffer(Readable.from(plainDump(inParts(file, partSize), { name: 'shop.dump', key })));
}

async function refusal(file: Buffer, key?: Buffer): Promise<RavenError> {
  const error = await read(file, key && { key }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RavenError);
  expect((error as RavenError).retryable).toBe(false);
  expect((error as Error).message).toMatch(/^The file "shop\.dump" [^\n]+[^.]\.$/);
  return error as RavenError;
}

/** As RavenDB writes it: the last frame stays open. */
async function unended(plain: Buffer): Promise<Buffer> {
  const compressor = createZstdCompress();
  compressor.write(plain);
  const parts: Buffer[] = [];
  compressor.on('data', (part: Buffer) => parts.push(part));
  await new Promise<void>((resolve) => compressor.flush(constants.ZSTD_e_flush, resolve));
  compressor.destroy();
  return Buffer.concat(parts);
}

describe('the plain bytes of a dump file', () => {
  test.each([
    ['plain', PLAIN],
    ['by Zstandard', ZSTD],
    ['by gzip', GZIP],
    ['plain, after white space', Buffer.concat([Buffer.from('\r\n \t'), PLAIN])],
    ['plain, after a byte order mark', Buffer.concat([Buffer.from('\ufeff'), PLAIN])],
    ['with nothing in it', Buffer.from('{}')],
  ])('%s', async (_case, file) => {
    const plain = await read(file);
    expect(plain.equals(file === ZSTD || file === GZIP ? PLAIN : file)).toBe(true);
    expect((await read(file, { partSize: 1000 })).equals(plain)).toBe(true);
    const sealed = await seal(file);
    expect((await read(sealed, { key: KEY })).equals(plain)).toBe(true);
  });

  test('may arrive byte by byte', async () => {
    const plain = Buffer.from(` {"BuildVersion":71028,"Docs":[${DOCUMENTS[0]}]}`);
    for (const file of [plain, zstdCompressSync(plain), gzipSync(plain)]) {
      expect((await read(file, { partSize: 1 })).equals(plain)).toBe(true);
      expect((await read(await seal(file), { key: KEY, partSize: 1 })).equals(plain)).toBe(true);
    }
  });

  test('by Zstandard without the end of the last frame, as RavenDB leaves it', async () => {
    expect((await read(await unended(PLAIN))).equals(PLAIN)).toBe(true);
  });

  test('as far as they go when a Zstandard file was cut: only the scanner can tell', async () => {
    const plain = await read(ZSTD.subarray(0, -1000));
    expect(PLAIN.subarray(0, plain.length).equals(plain)).toBe(true);
    expect(plain.length).toBeLessThan(PLAIN.length);
  });
});

describe('a file that is no dump', () => {
  test('is empty', async () => {
    expect((await refusal(Buffer.alloc(0))).message).toContain('is empty: copy it again, or export it again');
    expect((await refusal(Buffer.alloc(0), KEY)).message).toContain('is empty');
  });

  test.each([
    ['a text', 'Dear Ann, here is the dump.'],
    ['a list', '[{"BuildVersion":71028}]'],
    ['white space', '\n\n'],
    ['JSON of another kind', '"BuildVersion"'],
    ['braces of another kind', '{BuildVersion:71028}'],
  ])('but %s', async (_case, text) => {
    const error = await refusal(Buffer.from(text));
    expect(error).toMatchObject({ kind: 'InvalidDataException' });
    expect(error.message).toContain('is not a RavenDB dump: check its path');
  });

  test('but an archive, such as a snapshot', async () => {
    const archive = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), bytes(100, 3)]);
    expect((await refusal(archive)).message).toContain('is an archive, such as a snapshot, and not a dump');
  });

  test('though it decrypts', async () => {
    const error = await refusal(await seal(Buffer.from('Dear Ann')), KEY);
    expect(error).toMatchObject({ kind: 'InvalidDataException' });
    expect(error.message).toContain('decrypts, but is not a RavenDB dump');
  });
});

describe('a file and its key', () => {
  test('that is missing: the file may as well be no dump', async () => {
    const error = await refusal(bytes(5000, 4));
    expect(error).toMatchObject({ kind: 'CryptographicException' });
    expect(error.message).toContain('is not a RavenDB dump, or is encrypted');
    expect(error.message).toContain('encryptionKey');
  });

  test.each([ZSTD, GZIP, PLAIN, Buffer.from('{}')])('that is another one', async (file) => {
    const error = await refusal(await seal(file), OTHER_KEY);
    expect(error).toMatchObject({ kind: 'CryptographicException' });
    expect(error.message).toContain('does not decrypt with this key');
  });

  test.each([ZSTD, GZIP, PLAIN, Buffer.from('{"BuildVersion":71028}')])(
    'that it does not need',
    async (file) => {
      const error = await refusal(file, KEY);
      expect(error).toMatchObject({ kind: 'CryptographicException' });
      expect(error.message).toContain('is not encrypted: leave out encryptionKey');
    },
  );
});

describe('a dump that is broken', () => {
  const flipped = (file: Buffer, at: number) => {
    const copy = Buffer.from(file);
    copy.fill(0xff, at, Math.min(at + 30, copy.length));
    return copy;
  };

  test.each([
    ['Zstandard', flipped(ZSTD, 20_000)],
    ['gzip', flipped(GZIP, 20_000)],
    ['the checksum of gzip', flipped(GZIP, GZIP.length - 8)],
    ['more after gzip', Buffer.concat([GZIP, Buffer.from('more')])],
  ])('is damaged: %s', async (_case, file) => {
    const error = await refusal(file);
    expect(error).toMatchObject({ kind: 'InvalidDataException' });
    expect(error.message).toContain(
      'is damaged: copy it again from where it was written, or export it again',
    );
    expect((await refusal(await seal(file), KEY)).message).toBe(error.message);
  });

  test('is damaged: an encrypted one', async () => {
    const sealed = await seal(ZSTD);
    expect((await refusal(flipped(sealed, 20_000), KEY)).message).toContain('is damaged');
  });

  test('was cut: gzip and encrypted ones tell', async () => {
    const cut = [refusal(GZIP.subarray(0, -4)), refusal(GZIP.subarray(0, 9000))];
    const sealed = await seal(ZSTD);
    cut.push(refusal(sealed.subarray(0, -4), KEY), refusal(sealed.subarray(0, 24 + 4113 + 5), KEY));
    cut.push(refusal(sealed.subarray(0, 24), KEY));
    for (const error of await Promise.all(cut)) {
      expect(error).toMatchObject({ kind: 'EndOfStreamException' });
      expect(error.message).toContain('ends too early');
    }
  });
});

describe('the file', () => {
  const endless = async function* (begin: Buffer) {
    yield begin;
    for (;;) yield bytes(100_000, 5);
  };

  test.each([
    ['plain', PLAIN, undefined],
    ['by gzip', GZIP.subarray(0, -100), undefined],
    ['no dump', Buffer.from('text '.repeat(100)), undefined],
    ['not encrypted', PLAIN, KEY],
  ])('is closed when nobody reads on: %s', async (_case, begin, key) => {
    const raw = Readable.from(endless(begin));
    const reading = async () => {
      for await (const _ of plainDump(raw, { name: 'x', key })) break;
    };
    await reading().catch(() => undefined);
    expect(raw.destroyed).toBe(true);
  });

  test.each([['plain'], ['zstd'], ['encrypted']])(
    'ends in its own error when it has one: %s',
    async (how) => {
      const file = { plain: PLAIN, zstd: ZSTD, encrypted: await seal(ZSTD) }[how] ?? PLAIN;
      const broken = Object.assign(new Error('the disk is gone'), { code: 'EIO' });
      const raw = async function* () {
        yield file.subarray(0, 30_000);
        throw broken;
      };
      const key = how === 'encrypted' ? KEY : undefined;
      const reading = buffer(Readable.from(plainDump(raw(), { name: 'x', key })));
      await expect(reading).rejects.toBe(broken);
    },
  );

  test('is read no faster than its bytes are taken', async () => {
    let given = 0;
    const raw = async function* () {
      yield Buffer.from('{"BuildVersion":71028,"Docs":[');
      for (let part = 0; part < 1000; part++) {
        given += 100_000;
        yield Buffer.alloc(100_000, ' ');
      }
    };
    const sealed = encrypted(raw(), KEY);
    const reader = plainDump(sealed, { name: 'x', key: KEY });
    await reader.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(given).toBeLessThan(2_000_000);
    await reader.return(undefined);
  });
});

test('an export that breaks off before anything of it is read tells whoever reads it, and ends no process', async () => {
  const source = new Readable({ read: () => undefined });
  const plain = decompressed(source);
  source.destroy(new Error('cut'));
  // an error that nobody listens to would fail this run
  await nextTurn();
  await expect(buffer(Readable.from(plain))).rejects.toThrow('cut');
});
