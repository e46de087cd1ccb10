/** A dump of many large attachments, written as RavenDB writes it, without a database that holds them. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import sodium from 'libsodium-wrappers';
import { bytes } from './everything-attachments.ts';

const BLOCK_BYTES = 50_000;
/** The build of RavenDB that it is of, as it were: every 7.1 and later takes it. */
const BUILD = 71_000;

/** What the attachment `content` of document `files/<n>` holds: it compresses well, and no two are the same. */
export function bigContent(n: number, size: number): Buffer {
  return Buffer.alloc(size, bytes(BLOCK_BYTES, n + 1));
}

/** Writes a dump of documents `files/<n>`, each with one attachment of its own. */
export async function writeBigDump(
  file: string,
  { count, size }: { count: number; size: number },
): Promise<void> {
  await sodium.ready;
  const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
  await pipeline(Readable.from(parts(count, size)), createZstdCompress(level), createWriteStream(file));
}

function* parts(count: number, size: number): Generator<Buffer> {
  yield Buffer.from(`{"BuildVersion":${BUILD},"Docs":[`);
  for (let n = 0; n < count; n++) {
    const content = bigContent(n, size);
    // RavenDB names attachments by their BLAKE2b of 256 bits, which Node has not
    const Hash = Buffer.from(sodium.crypto_generichash(32, content, null)).toString('base64');
    const attachment = { '@metadata': { '@export-type': 'Attachment' }, Hash, Size: size, Tag: 'Attachment' };
    yield Buffer.from(`${n > 0 ? ',' : ''}${JSON.stringify(attachment)}`);
    yield content;
    const document = {
      n,
      '@metadata': {
        '@collection': 'Files',
        '@attachments': [{ Name: 'content', Hash, ContentType: '', Size: size }],
        '@change-vector': `A:${n + 1}-AAAAAAAAAAAAAAAAAAAAAA`,
        '@flags': 'HasAttachments',
        '@id': `files/${n}`,
        '@last-modified': '2026-01-01T00:00:00.0000000Z',
      },
    };
    yield Buffer.from(`,${JSON.stringify(document)}`);
  }
  yield Buffer.from(']}');
}
