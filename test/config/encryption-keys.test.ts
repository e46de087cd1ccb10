import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, loadSettings } from '../../src/config/config.ts';
import { encryptionKeyNames } from '../../src/config/encryption-keys.ts';
import { encryptionKey } from '../../src/engine/files/dump-file.ts';
import { RavenError } from '../../src/ravendb/connection/errors.ts';

const KEY = Buffer.alloc(32, 'k').toString('base64');
const OTHER = Buffer.alloc(32, 'o').toString('base64');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardlift-keys-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(text: string, file = 'shardlift.yaml'): void {
  const path = join(folder, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

function load(env: NodeJS.ProcessEnv = {}) {
  return loadConfig(env, folder);
}

function refusal(env: NodeJS.ProcessEnv = {}): string {
  try {
    load(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('the configuration was taken');
}

describe('a key', () => {
  test('comes from the configuration, or from a file that is meant from the folder of the configuration', () => {
    write(`encryptionKeys:\n  dumps: ${KEY}\n  backups: { file: keys/backups.key }\n`, 'etc/shardlift.yaml');
    write(`${OTHER}\n`, 'etc/keys/backups.key');
    const { encryptionKeys } = load({ SHARDLIFT_CONFIG: 'etc/shardlift.yaml' });
    expect(encryptionKeys.dumps).toBe(KEY);
    expect(encryptionKeys.backups).toBe(OTHER);
    expect(encryptionKeyNames(encryptionKeys)).toEqual(['dumps', 'backups']);
  });

  test('comes from the environment, and wins over the file', () => {
    write(`encryptionKeys:\n  old-dumps: { file: nowhere.key }\n`);
    const { encryptionKeys } = load({
      SHARDLIFT_ENCRYPTION_KEY_OLD_DUMPS: KEY,
      SHARDLIFT_ENCRYPTION_KEY_NEW_DUMPS: OTHER,
      SHARDLIFT_ENCRYPTION_KEY_EMPTY: '',
    });
    expect(encryptionKeys['old-dumps']).toBe(KEY);
    expect(encryptionKeys['new-dumps']).toBe(OTHER);
    expect(encryptionKeyNames(encryptionKeys)).toEqual(['old-dumps', 'new-dumps']);
  });

  test('is found by its name alone: it is in nothing that prints, logs or copies the configuration', () => {
    write(`encryptionKeys:\n  dumps: ${KEY}\n`);
    const config = load();
    expect(config.encryptionKeys.dumps).toBe(KEY);
    for (const printed of [
      JSON.stringify(config),
      inspect(config, { depth: null }),
      JSON.stringify({ ...config.encryptionKeys }),
      JSON.stringify(structuredClone(config)),
      String(config.encryptionKeys),
    ]) {
      expect(printed).not.toContain(KEY);
    }
  });

  test('is nothing that a command needs: it may not be allowed to read the file', () => {
    write('taskQueue: moves\nencryptionKeys:\n  backups: { file: nowhere.key }\n');
    expect(loadSettings({}, folder)).toMatchObject({ taskQueue: 'moves' });
    expect(loadSettings({}, folder)).not.toHaveProperty('encryptionKeys');
  });
});

describe('a key that cannot be used is named, and never quoted', () => {
  const short = Buffer.alloc(31, 'k').toString('base64');

  test.each([
    ['too short', short],
    ['too long', Buffer.alloc(33, 'k').toString('base64')],
    ['not base64', `${KEY.slice(0, -2)}!=`],
    ['in hexadecimal', Buffer.alloc(32, 'k').toString('hex')],
  ])('%s', (_case, key) => {
    write(`encryptionKeys:\n  dumps: ${key}\n`);
    expect(refusal()).toBe(
      'Encryption key "dumps": must be 32 bytes in base64. It comes from encryptionKeys in shardlift.yaml or ' +
        'SHARDLIFT_ENCRYPTION_KEY_DUMPS.',
    );
  });

  test('from the environment', () => {
    const message = refusal({ SHARDLIFT_ENCRYPTION_KEY_MY_DUMPS: short });
    expect(message).toContain('"my-dumps": must be 32 bytes in base64');
    expect(message).toContain('SHARDLIFT_ENCRYPTION_KEY_MY_DUMPS');
    expect(message).not.toContain(short);
  });

  test('from a file that holds something else', () => {
    write('encryptionKeys:\n  dumps: { file: dumps.key }\n');
    write(short, 'dumps.key');
    expect(refusal()).toBe(
      `Encryption key "dumps": must be 32 bytes in base64. It comes from the file ${join(folder, 'dumps.key')}.`,
    );
  });

  test('from a file that is not there', () => {
    write('encryptionKeys:\n  dumps: { file: dumps.key }\n');
    expect(refusal()).toBe(
      `Encryption key "dumps": the file ${join(folder, 'dumps.key')} cannot be read (ENOENT).`,
    );
  });

  test.each([
    ['in a list', `encryptionKeys:\n  dumps: [${KEY}]\n`, /encryptionKeys\.dumps: must be a key in base64/],
    ['under a wrong word', `encryptionKeys:\n  dumps: { key: ${KEY} }\n`, /dumps: must be a key in base64/],
    ['without a name', `encryptionKeys: ${KEY}\n`, /encryptionKeys: /],
    ['with a path that is none', 'encryptionKeys:\n  dumps: { file: "" }\n', /encryptionKeys\.dumps/],
  ])('%s', (_case, yaml, what) => {
    write(yaml);
    expect(refusal()).toMatch(what);
    expect(refusal()).not.toContain(KEY);
  });
});

describe('a key by its name', () => {
  test('is 32 bytes', () => {
    write(`encryptionKeys:\n  dumps: ${KEY}\n`);
    expect(encryptionKey(load(), 'dumps')).toEqual(Buffer.alloc(32, 'k'));
  });

  test.each([
    [{ SHARDLIFT_ENCRYPTION_KEY_DUMPS: KEY, SHARDLIFT_ENCRYPTION_KEY_BACKUPS: OTHER }, '"dumps", "backups"'],
    [{}, 'none'],
  ])('that is unknown is refused, with those that are known', (env, known) => {
    for (const name of ['backup', 'toString', '__proto__']) {
      let thrown: unknown;
      try {
        encryptionKey(load(env), name);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(RavenError);
      expect(thrown).toMatchObject({ kind: 'UnknownEncryptionKey', retryable: false });
      expect((thrown as Error).message).toContain(
        `Encryption key "${name}" is not in the worker's configuration (known: ${known}).`,
      );
      expect((thrown as Error).message).not.toContain(KEY);
    }
  });
});
