/** Keys of encrypted dumps and backups, by the names that the worker's configuration gives them. */
import type { Config } from '../../config/config.ts';
import { encryptionKeyNames } from '../../config/encryption-keys.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';

/** @throws RavenError of kind `UnknownEncryptionKey` that lists the names that are known */
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
