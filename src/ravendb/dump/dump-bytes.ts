/** The plain bytes of a dump: what a live export sends, and what is in a file. */
import { Readable, type Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { formatCount } from '../../core/text/format.ts';
import { RavenError } from '../connection/errors.ts';
import { DecryptionError, decrypted } from './encryption.ts';

/** What a live export sends is read in parts of this size. */
const LIVE_BYTES = 256 * 1024;
/** Of files: no larger, for so few objects come with them that V8 would let very many pile up before it collects them. */
const CHUNK_BYTES = 64 * 1024;
/** What is looked at to tell what a file is: as much as an encrypted one begins with, in any case. */
const HEAD_BYTES = 64;
const AGAIN = 'copy it again from where it was written, or export it again';

/**
 * Decompresses a dump as RavenDB exports it. RavenDB does not close the last frame of a healthy dump, so the end of
 * the bytes is no error here; whether the dump is whole is seen by its last brace and by the state of the export.
 */
export function decompressed(dump: Readable): AsyncIterable<Buffer> {
  return through(dump, zstdDecoder(LIVE_BYTES));
}

/** A file whose dump is wanted. */
export interface DumpFile {
  /** How errors name it. */
  name: string;
  /** The key that it was encrypted with, of 32 bytes; undefined for one that is not encrypted. */
  key?: Buffer | undefined;
}

/**
 * The plain bytes of a dump file: of plain JSON, or compressed by Zstandard or gzip, and encrypted when a key is given.
 * A file that was cut need not be an error here: whether the dump is whole is seen by its last brace.
 * @param raw the bytes of the file; closed at the end, whatever happens. Its own errors come through as they are
 * @throws RavenError that is not retryable: `InvalidDataException` for what is no dump or damaged,
 *   `CryptographicException` for a key that is missing, wrong or not needed, `EndOfStreamException` for a cut file
 */
export async function* plainDump(raw: AsyncIterable<Buffer>, file: DumpFile): AsyncGenerator<Buffer> {
  const bytes = new Peeked(raw);
  try {
    const head = await bytes.head();
    if (head.length === 0) throw refusedDump(file.name, 'is empty: copy it or export it again');
    if (file.key === undefined) yield* decoded(bytes, formatOf(head) ?? unknownFormat(file.name, head), file);
    else yield* decoded(...(await opened(bytes, head, file.name, file.key)), file);
  } finally {
    await bytes.close();
  }
}

type Format = 'json' | 'zstd' | 'gzip';

/** What a dump is by its first bytes; undefined for anything else, and for a dump that is encrypted. */
function formatOf(head: Buffer): Format | undefined {
  const magic = head.toString('hex', 0, 4);
  if (magic === '28b52ffd') return 'zstd';
  if (magic.startsWith('1f8b08')) return 'gzip';
  // an encrypted file begins at random, so a single sign would be too little; `\s` has the byte order mark, too
  return /^\s*\{\s*["}]/.test(head.toString('utf8')) ? 'json' : undefined;
}

function unknownFormat(name: string, head: Buffer): never {
  const text = head.toString('latin1');
  if (/^[\t\n\r\x20-\x7e]*$/.test(text)) throw notADump(name);
  if (text.startsWith('PK\x03\x04')) {
    throw refusedDump(
      name,
      'is an archive, as a snapshot is, and no dump: restore it with RavenDB and migrate that database',
    );
  }
  throw refusedDump(
    name,
    'is either no dump of RavenDB or an encrypted one: check its path, or give its key by encryptionKey',
    'CryptographicException',
  );
}

/** What is in an encrypted file. The first chunk tells whether the key is right. */
async function opened(
  bytes: Peeked,
  head: Buffer,
  name: string,
  key: Buffer,
): Promise<[AsyncIterable<Buffer>, Format]> {
  const plain = new Peeked(inOurWords(decrypted(bytes, key), head, name));
  const plainHead = await plain.head();
  if (plainHead.length === 0) throw tooEarly(name);
  const format = formatOf(plainHead);
  if (!format) throw refusedDump(name, 'decrypts, but what is in it is no dump of RavenDB: check its path');
  return [plain, format];
}

async function* inOurWords(
  source: AsyncIterable<Buffer>,
  head: Buffer,
  name: string,
): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    if (error.reason === 'cut') throw tooEarly(name);
    if (error.reason === 'damaged') throw damaged(name);
    const advice = formatOf(head)
      ? 'is not encrypted: leave out encryptionKey'
      : 'does not decrypt with this key: give the one that it was encrypted with; if it is that one, the file is damaged';
    throw refusedDump(name, advice, 'CryptographicException');
  }
}

async function* decoded(
  source: AsyncIterable<Buffer>,
  format: Format,
  { name }: DumpFile,
): AsyncGenerator<Buffer> {
  if (format === 'json') return yield* source;
  const decoder = format === 'zstd' ? zstdDecoder(CHUNK_BYTES) : createGunzip({ chunkSize: CHUNK_BYTES });
  try {
    yield* through(Readable.from(source, { objectMode: false }), decoder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw tooEarly(name);
    throw /^Z(?:STD)?_/.test(code) ? damaged(name) : error;
  }
}

function zstdDecoder(chunkSize: number): Transform {
  return createZstdDecompress({ chunkSize, finishFlush: constants.ZSTD_e_flush });
}

function through(source: Readable, decoder: Transform): AsyncIterable<Buffer> {
  // not `pipeline`: it would end the source's error in an abort without the reason
  source.once('error', (error) => decoder.destroy(error));
  decoder.once('close', () => source.destroy());
  return source.pipe(decoder);
}

/**
 * The error of a file that cannot be used.
 * @param what the rest of a sentence that begins with the file
 */
export function refusedDump(name: string, what: string, kind = 'InvalidDataException'): RavenError {
  return new RavenError(`The file "${name}" ${what}.`, { kind, retryable: false });
}

/** The error of a file that is no dump. */
export function notADump(name: string): RavenError {
  return refusedDump(name, 'is no dump of RavenDB: check its path');
}

/** The error of a damaged file. */
export function damaged(name: string): RavenError {
  return refusedDump(name, `is damaged: ${AGAIN}`);
}

/** The error of a file whose end is missing. @param documents how many came before the end */
export function tooEarly(name: string, documents?: number): RavenError {
  const items = documents === 1 ? 'document' : 'documents';
  const after = documents === undefined ? '' : `, after ${formatCount(documents)} ${items}`;
  return refusedDump(name, `ends too early${after}: ${AGAIN}`, 'EndOfStreamException');
}

/** Bytes whose beginning is looked at before they are read. */
class Peeked implements AsyncIterable<Buffer> {
  readonly #source: AsyncIterator<Buffer>;
  readonly #begun: Buffer[] = [];

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The first bytes; fewer when there are no more. */
  async head(): Promise<Buffer> {
    let length = 0;
    while (length < HEAD_BYTES) {
      const next = await this.#source.next();
      if (next.done) break;
      this.#begun.push(next.value);
      length += next.value.length;
    }
    return Buffer.concat(this.#begun).subarray(0, HEAD_BYTES);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    yield* this.#begun.splice(0);
    for (;;) {
      const next = await this.#source.next();
      if (next.done) return;
      yield next.value;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
