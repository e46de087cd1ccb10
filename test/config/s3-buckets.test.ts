import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/config.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardlift-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The buckets of a file and of an environment. */
function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(folder, 'shardlift.yaml'), yaml);
  return loadConfig(env, folder).buckets;
}

function refusal(yaml: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    load(yaml, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('the configuration was taken');
}

const FULL = `
buckets:
  old-backups:
    endpoint: http://127.0.0.1:9000
    region: eu-central-1
    bucket: backups
    accessKeyId: AKIA
    secretAccessKey: s3cret
    forcePathStyle: false
  amazon: { region: us-west-2, bucket: company }
`;

const OLD = {
  endpoint: 'http://127.0.0.1:9000',
  region: 'eu-central-1',
  bucket: 'backups',
  accessKeyId: 'AKIA',
  secretAccessKey: 's3cret',
};

describe('a bucket', () => {
  test('may be in the file', () => {
    expect(load(FULL)).toEqual({
      'old-backups': { ...OLD, forcePathStyle: false },
      amazon: { region: 'us-west-2', bucket: 'company' },
    });
  });

  test('may be in the environment', () => {
    const env = {
      SHARDLIFT_BUCKET_OLD_BACKUPS_ENDPOINT: OLD.endpoint,
      SHARDLIFT_BUCKET_OLD_BACKUPS_REGION: OLD.region,
      SHARDLIFT_BUCKET_OLD_BACKUPS_BUCKET: OLD.bucket,
      SHARDLIFT_BUCKET_OLD_BACKUPS_ACCESS_KEY_ID: OLD.accessKeyId,
      SHARDLIFT_BUCKET_OLD_BACKUPS_SECRET_ACCESS_KEY: OLD.secretAccessKey,
    };
    expect(load('', env)).toEqual({ 'old-backups': OLD });
  });

  test('may be called bucket', () => {
    expect(load('', { SHARDLIFT_BUCKET_MY_BUCKET_BUCKET: 'a' })).toEqual({ 'my-bucket': { bucket: 'a' } });
  });

  test('of the file takes its keys from the environment, which wins', () => {
    const env = {
      SHARDLIFT_BUCKET_AMAZON_ACCESS_KEY_ID: 'AKIA',
      SHARDLIFT_BUCKET_AMAZON_SECRET_ACCESS_KEY: 's3cret',
      SHARDLIFT_BUCKET_AMAZON_REGION: 'eu-west-1',
      SHARDLIFT_BUCKET_OLD_BACKUPS_SECRET_ACCESS_KEY: 'newer',
    };
    expect(load(FULL, env)).toEqual({
      'old-backups': { ...OLD, secretAccessKey: 'newer', forcePathStyle: false },
      amazon: { region: 'eu-west-1', bucket: 'company', accessKeyId: 'AKIA', secretAccessKey: 's3cret' },
    });
  });

  test('may have one of its keys in the file and one in the environment', () => {
    const yaml = 'buckets:\n  Archive_1: { bucket: a, accessKeyId: AKIA }';
    expect(load(yaml, { SHARDLIFT_BUCKET_ARCHIVE_1_SECRET_ACCESS_KEY: 's3cret' })).toEqual({
      Archive_1: { bucket: 'a', accessKeyId: 'AKIA', secretAccessKey: 's3cret' },
    });
  });

  test('is not changed by empty or other variables', () => {
    const env = {
      SHARDLIFT_BUCKET_AMAZON_REGION: '',
      SHARDLIFT_BUCKET_AMAZON_PORT: '1',
      SHARDLIFT_BUCKET_BUCKET: 'a',
      AWS_REGION: 'eu-west-1',
    };
    expect(load(FULL, env)).toEqual(load(FULL));
  });
});

describe('a bucket that cannot be used is named, with what is wrong and where it comes from', () => {
  test.each([
    [
      'no name on the server',
      { SHARDLIFT_BUCKET_OLD_ONE_REGION: 'a' },
      '',
      /"old-one": bucket: .*OLD_ONE_BUCKET/,
    ],
    ['the same in the file', {}, 'buckets:\n  a: { region: b }', /"a": bucket: .*shardlift\.yaml/],
    [
      'an address without scheme',
      { SHARDLIFT_BUCKET_A_BUCKET: 'a', SHARDLIFT_BUCKET_A_ENDPOINT: 's3.example' },
      '',
      /"a": endpoint: must be an address such as/,
    ],
    ['a folder', { SHARDLIFT_BUCKET_A_BUCKET: 'a/b' }, '', /"a": bucket: must be the name alone/],
    [
      'half of the keys',
      { SHARDLIFT_BUCKET_A_BUCKET: 'a', SHARDLIFT_BUCKET_A_ACCESS_KEY_ID: 'b' },
      '',
      /needs both/,
    ],
    [
      'the other half',
      { SHARDLIFT_BUCKET_A_BUCKET: 'a', SHARDLIFT_BUCKET_A_SECRET_ACCESS_KEY: 'b' },
      '',
      /needs both `accessKeyId` and `secretAccessKey`, or neither/,
    ],
    ['an unknown key', {}, 'buckets:\n  a: { bucket: b, key: c }', /buckets\.a: .*"key"/],
    [
      'a text for a choice',
      {},
      'buckets:\n  a: { bucket: b, forcePathStyle: "yes" }',
      /buckets\.a\.forcePathStyle: /,
    ],
    ['a list', {}, 'buckets: [a]', /buckets: /],
  ])('%s', (_case, env, yaml, what) => {
    expect(refusal(yaml, env)).toMatch(what);
  });
});

describe('a key of a bucket is in no error', () => {
  const bucket = (more: string) =>
    `buckets:\n  a:\n    accessKeyId: s3cret\n    secretAccessKey: s3cret\n    ${more}\n`;

  test.each([
    ['there is no bucket', bucket('region: b')],
    ['something else is wrong', bucket('bucket: [b]')],
    ['it is a list', 'buckets:\n  a: { bucket: b, secretAccessKey: [s3cret] }'],
    ['it comes twice', bucket('secretAccessKey: s3cret')],
    ['its quote is not closed', 'buckets:\n  a: { secretAccessKey: "s3cret }'],
    ['one is missing', 'buckets:\n  a: { bucket: b, secretAccessKey: s3cret }'],
    ['it is in the address', bucket('endpoint: https://s3cret:s3cret@example.com\n    bucket: b')],
    ['the address is none', bucket('endpoint: s3cret@example.com\n    bucket: b')],
  ])('when %s', (_case, yaml) => {
    expect(refusal(yaml)).not.toContain('s3cret');
  });

  test('when it comes from the environment', () => {
    const env = { SHARDLIFT_BUCKET_A_SECRET_ACCESS_KEY: 's3cret' };
    expect(refusal('', env)).not.toContain('s3cret');
  });
});
