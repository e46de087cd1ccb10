/** Finds the files of a job and opens their plain bytes. */

import { resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { encryptionKeyNames } from '../../config/encryption-keys.ts';
import type { DumpFileRef } from '../../core/files/files.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { plainDump } from '../../ravendb/dump/dump-bytes.ts';
import { documentId } from '../../ravendb/dump/dump-items.ts';
import { isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { scan } from '../../ravendb/dump/scan.ts';
import { openStore } from '../../stores/open-store.ts';
import type { FileStore } from '../../stores/store.ts';
import type { Work } from '../work/work.ts';

/** The absolute path on this worker; a relative one starts at `dumpDirectory`. */
export function pathOf({ config }: Work, path: string): string {
  return resolve(config.dumpDirectory, path);
}

/** The encryption key of this name; undefined without a name. @throws RavenError when the configuration lacks it */
export function findKey({ config }: Work, name: string | null): Buffer | undefined {
  return name === null ? undefined : encryptionKey(config, name);
}

/** The plain bytes of a file: decrypted and decompressed. @throws RavenError, FileError */
export async function plainBytes(
  work: Work,
  { name, folder, path, bucket }: Pick<DumpFileRef, 'name' | 'folder' | 'path' | 'bucket'>,
  key: string | null,
): Promise<AsyncIterable<Buffer>> {
  const store = await openStore(work.config, { path: folder, bucket }, work.signal);
  try {
    return closing(plainDump(await store.open(path), { name, key: findKey(work, key) }), store);
  } catch (error) {
    store.close();
    throw error;
  }
}

async function* closing(plain: AsyncIterable<Buffer>, store: FileStore): AsyncGenerator<Buffer> {
  try {
    yield* plain;
  } finally {
    store.close();
  }
}

/** Removes the ids (in lower case) of the documents in a file from a set or map. @throws RavenError */
export async function forgetDocumentsOf(
  plain: AsyncIterable<Buffer>,
  ids: { delete(id: string): boolean },
): Promise<void> {
  const documents = scan(plain, (list, json) =>
    list === 'Docs' && !isAttachment(json) ? documentId(json).toLowerCase() : undefined,
  );
  for await (const some of documents) for (const id of some) ids.delete(id);
}

/** The encryption key of this name. @throws RavenError of kind `UnknownEncryptionKey` that lists the known names */
export function encryptionKey({ encryptionKeys }: Pick<Config, 'encryptionKeys'>, name: string): Buffer {
  const key = Object.hasOwn(encryptionKeys, name) ? encryptionKeys[name] : undefined;
  if (key !== undefined) return Buffer.from(key, 'base64');
  const names = encryptionKeyNames(encryptionKeys).map((each) => `"${each}"`);
  throw new RavenError(
    `Encryption key "${name}" is not in the worker's configuration (known: ${names.join(', ') || 'none'}). ` +
      'Add it to encryptionKeys in shardlift.yaml, or set SHARDLIFT_ENCRYPTION_KEY_<NAME>, and restart the worker.',
    { kind: 'UnknownEncryptionKey', retryable: false },
  );
}
