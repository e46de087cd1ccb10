/** Keys of encrypted dumps and backups, by names that inputs may use. Only the worker knows the keys. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { secret } from './secret.ts';
import { type Given, nameOf, variableOf } from './variables.ts';

const KEY_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const VARIABLE = /^SHARDLIFT_ENCRYPTION_KEY_(.+)$/;

const fileSchema = z.strictObject({
  file: z.string().min(1).describe('The path of a file that holds the key.'),
});

const settingSchema = z
  .union([secret(z.string()), fileSchema], { error: 'must be a key in base64, or { file: <path> }' })
  .meta({
    description: 'A key of encrypted dumps and backups: 32 bytes in base64.',
    variable: 'SHARDLIFT_ENCRYPTION_KEY_<NAME>',
  });

/** A key in base64, or the path of a file that holds one. */
type KeySetting = z.output<typeof settingSchema>;

/** Keys as written in the configuration file. */
export const encryptionKeysSchema = z.record(z.string().min(1), settingSchema);

/** The same setting, with the path of its file made absolute. Relative paths start from `folder`. */
export function withAbsolutePath(setting: KeySetting, folder: string): KeySetting {
  return typeof setting === 'string' ? setting : { file: resolve(folder, setting.file) };
}

/** What the environment gives: `SHARDLIFT_ENCRYPTION_KEY_<NAME>` sets the key `<name>` (lower case, `_` for `-`). */
export function givenKeys(fromFile: Record<string, KeySetting>, env: NodeJS.ProcessEnv): Given[] {
  return Object.entries(env).flatMap(([variable, value]) => {
    const part = VARIABLE.exec(variable)?.[1];
    return part ? [{ variable, key: ['encryptionKeys', nameOf(part, Object.keys(fromFile))], value }] : [];
  });
}

/**
 * The keys in base64, by name.
 * @throws ConfigError for a key that is not valid or whose file cannot be read; it never quotes the key
 */
export function readEncryptionKeys(settings: Record<string, KeySetting>): Record<string, string> {
  return hidden(Object.entries(settings).map(([name, key]) => [name, checkedKey(name, key)]));
}

/** The names of keys, in the order of the configuration. */
export function encryptionKeyNames(keys: Record<string, string>): string[] {
  return Object.getOwnPropertyNames(keys);
}

function checkedKey(name: string, setting: KeySetting): string {
  const [key, from] =
    typeof setting === 'string'
      ? [setting.trim(), `encryptionKeys in shardlift.yaml or ${variableOf('ENCRYPTION_KEY', name)}`]
      : [readKeyFile(name, setting.file), `the file ${setting.file}`];
  if (BASE64.test(key) && Buffer.from(key, 'base64').length === KEY_BYTES) return key;
  throw new ConfigError(
    `Encryption key "${name}": must be ${KEY_BYTES} bytes in base64. It comes from ${from}.`,
  );
}

function readKeyFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`Encryption key "${name}": the file ${path} cannot be read (${code}).`);
  }
}

/** Makes the keys not enumerable, so that printing, logging or copying the configuration leaves them out. */
function hidden(keys: [name: string, key: string][]): Record<string, string> {
  return Object.defineProperties({}, Object.fromEntries(keys.map(([name, value]) => [name, { value }])));
}
