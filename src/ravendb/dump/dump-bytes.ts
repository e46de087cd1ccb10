/** The plain bytes of a dump: what a live export sends, and what is in a file. */
import { Readable, type Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { formatCount } from '../../core/text/format.ts';
import { RavenError } from '../connection/errors.ts';
import { DecryptionError, decrypted } from './encryption.ts';

/** A live export is read in parts of this size. */
const LIVE_BYTES = 256 * 1024;
/**
 * Of files. No larger: so few objects come with them that V8 would let too many buffers pile up before a collection.
 */
const CHUNK_BYTES = 64 * 1024;
/** Read ahead to recognize what a file is; longer than the header of an encrypted one. */
const HEAD_BYTES = 64;
const AGAIN = 'copy it again from where it was written, or export it again';

/**
 * Decompresses a dump as RavenDB exports it. RavenDB does not close the last frame even of a complete dump, so the
 * end of the bytes is not an error here; the last brace and the state of the export tell whether the dump is
 * complete.
 */
export function decompressed(dump: Readable): AsyncIterable<Buffer> {
  return through(dump, zstdDecoder(LIVE_BYTES));
}

/** A file that holds a dump. */
export interface DumpFile {
  /** How errors name it. */
  name: string;
  /** The key that it was encrypted with, of 32 bytes; undefined for one that is not encrypted. */
  key?: Buffer | undefined;
}

/**
 * The plain bytes of a dump file: JSON, or JSON compressed by Zstandard or gzip, and encrypted when a key is given. A
 * file that was cut off may go unnoticed here; the last brace tells whether the dump is complete.
 * @param raw the bytes of the file; always closed at the end. Its own errors pass through unchanged
 * @throws RavenError that is not retryable: `InvalidDataException` for a file that is damaged or not a dump,
 *   `CryptographicException` for a key that is missing, wrong or not needed, `EndOfStreamException` for a cut-off
 *   file
 */
export async function* plainDump(raw: AsyncIterable<Buffer>, file: DumpFile): AsyncGenerator<Buffer> {
  const bytes = new Peekable(raw);
  try {
    const head = await bytes.head();
    if (head.length === 0) throw refusedDump(file.name, 'is empty: copy it again, or export it again');
    if (file.key === undefined) yield* decoded(bytes, formatOf(head) ?? unknownFormat(file.name, head), file);
    else yield* decoded(...(await opened(bytes, head, file.name, file.key)), file);
  } finally {
    await bytes.close();
  }
}

type Format = 'json' | 'zstd' | 'gzip';

/** The format of a dump by its first bytes; undefined for anything else, and for an encrypted dump. */
function formatOf(head: Buffer): Format | undefined {
  const magic = head.toString('hex', 0, 4);
  if (magic === '28b52ffd') return 'zstd';
  if (magic.startsWith('1f8b08')) return 'gzip';
  // encrypted files begin with random bytes, so one character proves nothing; `\s` covers the byte order mark
  return /^\s*\{\s*["}]/.test(head.toString('utf8')) ? 'json' : undefined;
}

function unknownFormat(name: string, head: Buffer): never {
  const text = head.toString('latin1');
  if (/^[\t\n\r\x20-\x7e]*$/.test(text)) throw notADump(name);
  if (text.startsWith('PK\x03\x04')) {
    throw refusedDump(
      name,
      'is an archive, such as a snapshot, and not a dump: restore it with RavenDB and migrate that database',
    );
  }
  throw refusedDump(
    name,
    'is not a RavenDB dump, or is encrypted: check its path, or name its key in encryptionKey',
    'CryptographicException',
  );
}

/** Decrypts a file. The first chunk tells whether the key is right. */
async function opened(
  bytes: Peekable,
  head: Buffer,
  name: string,
  key: Buffer,
): Promise<[AsyncIterable<Buffer>, Format]> {
  const plain = new Peekable(translateErrors(decrypted(bytes, key), head, name));
  const plainHead = await plain.head();
  if (plainHead.length === 0) throw tooEarly(name);
  const format = formatOf(plainHead);
  if (!format) throw refusedDump(name, 'decrypts, but is not a RavenDB dump: check its path');
  return [plain, format];
}

async function* translateErrors(
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
      : 'does not decrypt with this key: name the key that it was encrypted with; if this is the one, the file is damaged';
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
  // not `pipeline`: it turns an error of the source into an abort that does not say why
  source.once('error', (error) => decoder.destroy(error));
  // whoever reads it is told; where nobody has begun to, the process would end
  decoder.on('error', () => undefined);
  decoder.once('close', () => source.destroy());
  return source.pipe(decoder);
}

/**
 * The error of a file that cannot be used. No retry helps: `what` says what a person can do.
 * @param what the rest of a sentence that begins with the file
 */
export function refusedDump(name: string, what: string, kind = 'InvalidDataException'): RavenError {
  return new RavenError(`The file "${name}" ${what}.`, { kind, retryable: false });
}

/** The error of a file that is not a dump. */
export function notADump(name: string): RavenError {
  return refusedDump(name, 'is not a RavenDB dump: check its path');
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

/** Bytes whose beginning can be inspected before they are read. */
class Peekable implements AsyncIterable<Buffer> {
  readonly #source: AsyncIterator<Buffer>;
  readonly #ahead: Buffer[] = [];

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The first bytes; fewer when there are no more. */
  async head(): Promise<Buffer> {
    let length = 0;
    while (length < HEAD_BYTES) {
      const next = await this.#source.next();
      if (next.done) break;
      this.#ahead.push(next.value);
      length += next.value.length;
    }
    return Buffer.concat(this.#ahead).subarray(0, HEAD_BYTES);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    yield* this.#ahead.splice(0);
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
