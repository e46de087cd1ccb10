import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Explained, explainConfig } from '../../src/config/explain.ts';
import { fileSchema } from '../../src/config/schema.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardlift-explain-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function explain(content: object | undefined, env: NodeJS.ProcessEnv = {}): Record<string, Explained> {
  // JSON is YAML
  if (content) writeFileSync(join(folder, 'shardlift.yaml'), JSON.stringify(content));
  return Object.fromEntries(explainConfig(env, folder).map((each) => [each.key, each]));
}

const KEY = Buffer.alloc(32, 7).toString('base64');

/** Sets every key of the form. What must not be shown has the word "hidden" in it, or is a key. */
const full = {
  connections: {
    prod: {
      urls: ['https://user:hidden@a.example:8443'],
      certificate: 'c/prod.pfx',
      certificatePassword: 'hidden password',
      ca: '/etc/ca.pem',
      replicationUrls: ['https://a.inside'],
    },
  },
  buckets: {
    backups: {
      endpoint: 'https://s3.example:9000',
      region: 'eu',
      bucket: 'company',
      accessKeyId: 'hidden id',
      secretAccessKey: 'hidden secret',
      forcePathStyle: true,
    },
  },
  hooks: {
    deploy: { url: 'https://deploy.example/hidden', secret: 'hidden secret', timeout: '5s' },
    drain: { command: ['/bin/drain', '--token=hidden'], timeout: '5s' },
    flag: { connection: 'prod', database: 'Settings', key: 'shop/serving', timeout: '5s' },
  },
  taskQueue: 'moves',
  host: 'worker-1',
  dumpDirectory: 'dumps/big',
  reportDirectory: '/var/reports',
  encryptionKeys: { inline: KEY, elsewhere: { file: 'keys/backups.key' } },
};

type Form = z.core.JSONSchema.JSONSchema;

/** The keys of the form, each name of a table written as `*`. */
function keysOf(form: Form, key: string[] = []): string[] {
  const under = (name: string, part: unknown) => keysOf(part as Form, [...key, name]);
  if (form.anyOf) return form.anyOf.flatMap((option) => keysOf(option as Form, key));
  if (form.properties) return Object.entries(form.properties).flatMap(([name, part]) => under(name, part));
  if (form.additionalProperties) return under('*', form.additionalProperties);
  return [key.join('.')];
}

test('every key that the form of the file has is shown', () => {
  const shown = Object.keys(explain(full)).map((key) =>
    key.replace(/^(connections|buckets|hooks|encryptionKeys)\.[^.]+/, '$1.*'),
  );
  const form = z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' });
  expect(new Set(shown)).toEqual(new Set(['configFile', ...keysOf(form)]));
});

test('no password, key or token is shown', () => {
  const text = JSON.stringify(Object.values(explain(full)));
  expect(text).not.toContain('hidden');
  expect(text).not.toContain(KEY);
  const values = explain(full);
  expect(values['connections.prod.certificatePassword']?.value).toBe('(set)');
  expect(values['encryptionKeys.inline']?.value).toBe('(set)');
  expect(values['encryptionKeys.elsewhere.file']?.value).toBe(join(folder, 'keys/backups.key'));
  expect(values['connections.prod.urls']?.value).toEqual(['https://a.example:8443']);
  expect(values['hooks.deploy.url']?.value).toBe('https://deploy.example/…');
  expect(values['hooks.drain.command']?.value).toBe('/bin/drain …');
});

test('each value has where it comes from', () => {
  const env = {
    SHARDLIFT_CONNECTION_PROD_URLS: 'https://b.example',
    SHARDLIFT_CONNECTION_OTHER_URLS: 'https://c.example',
    SHARDLIFT_HOOK_DEPLOY_SECRET: 'hidden',
    SHARDLIFT_ENCRYPTION_KEY_INLINE: KEY,
    SHARDLIFT_HOST: 'worker-2',
    SHARDLIFT_TUNING: '{"copy":{"loadMs":500}}',
  };
  const hooks = { deploy: { url: 'https://deploy.example' } };
  const values = explain({ ...full, hooks, taskQueue: undefined }, env);
  const path = join(folder, 'shardlift.yaml');
  expect(values).toMatchObject({
    configFile: { value: path, from: 'default', where: null },
    'connections.prod.urls': {
      value: ['https://b.example'],
      from: 'environment',
      where: 'SHARDLIFT_CONNECTION_PROD_URLS',
    },
    'connections.prod.ca': { value: '/etc/ca.pem', from: 'file', where: path },
    'connections.other.urls': { from: 'environment', where: 'SHARDLIFT_CONNECTION_OTHER_URLS' },
    'hooks.deploy.secret': { value: '(set)', from: 'environment', where: 'SHARDLIFT_HOOK_DEPLOY_SECRET' },
    'hooks.deploy.timeout': { value: '10s', from: 'default', where: null },
    'encryptionKeys.inline': { from: 'environment', where: 'SHARDLIFT_ENCRYPTION_KEY_INLINE' },
    host: { value: 'worker-2', from: 'environment', where: 'SHARDLIFT_HOST' },
    dumpDirectory: { value: join(folder, 'dumps/big'), from: 'file', where: path },
    taskQueue: { value: 'shardlift', from: 'default', where: null },
    tuning: { value: '{"copy":{"loadMs":500}}', from: 'environment', where: 'SHARDLIFT_TUNING' },
  });
});

test('without a file there are the defaults, and tables that are empty', () => {
  expect(explain(undefined)).toMatchObject({
    configFile: { value: null, from: 'default' },
    connections: { value: {}, from: 'default' },
    taskQueue: { value: 'shardlift', from: 'default' },
  });
});

test('a file that is named says by what', () => {
  writeFileSync(join(folder, 'other.yaml'), 'host: a');
  expect(explain(undefined, { SHARDLIFT_CONFIG: 'other.yaml' }).configFile).toEqual({
    key: 'configFile',
    value: join(folder, 'other.yaml'),
    from: 'environment',
    where: 'SHARDLIFT_CONFIG',
  });
});
