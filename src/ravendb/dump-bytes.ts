/** The plain bytes of a dump. */
import type { Readable } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';

const CHUNK_BYTES = 256 * 1024;

/**
 * Decompresses a dump as RavenDB exports it. RavenDB does not close the last frame of a healthy dump, so the end of
 * the bytes is no error here; whether the dump is whole is seen by its last brace and by the state of the export.
 */
export function decompressed(dump: Readable): AsyncIterable<Buffer> {
  const plain = createZstdDecompress({ chunkSize: CHUNK_BYTES, finishFlush: constants.ZSTD_e_flush });
  // not `pipeline`: it would end the dump's error in an abort without the reason
  dump.once('error', (error) => plain.destroy(error));
  plain.once('close', () => dump.destroy());
  return dump.pipe(plain);
}
