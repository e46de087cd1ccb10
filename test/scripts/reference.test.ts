import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldsOf } from '../../scripts/reference/fields.ts';
import { referencePage } from '../../scripts/reference/page.ts';
import { withSizing } from '../../scripts/reference/sizing.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { encryptionKeyNames } from '../../src/config/encryption-keys.ts';
import { fileSchema } from '../../src/config/schema.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const page = (name: string) => readFileSync(new URL(name, DOCS), 'utf8');

test('docs/reference.md is what `npm run reference` writes', () => {
  expect(page('reference.md')).toBe(referencePage(page('runbook.md')));
});

test('the table of docs/sizing.md is what `npm run reference` computes from the benchmarks', () => {
  expect(page('sizing.md')).toBe(withSizing(page('sizing.md'), page('benchmarks.md')));
});

test('every field says what it means', () => {
  const rows = page('reference.md').match(/^\| `.+$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});

describe('each variable of the configuration', () => {
  const variables = fieldsOf(fileSchema).flatMap(({ variable }) => variable ?? []);
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shardlift-reference-'));
    file = join(folder, 'shardlift.yaml');
    await writeFile(
      file,
      `connections: { some: { urls: ["http://a.example"] } }
buckets: { some: { bucket: a, accessKeyId: a, secretAccessKey: a } }
hooks: { some: { url: "http://a.example", secret: a } }`,
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** With what is not enumerable. */
  function everything(config: Config): unknown {
    const { encryptionKeys, hooks } = config;
    const keys = encryptionKeyNames(encryptionKeys).map((name) => [name, encryptionKeys[name]]);
    const secrets = Object.values(hooks).map((hook) => 'url' in hook && hook.secret);
    return [config, keys, secrets];
  }

  function anotherValue(variable: string): string {
    if (/URLS$|ENDPOINT$/.test(variable)) return 'http://b.example';
    return variable.includes('KEY_<NAME>') ? Buffer.alloc(32).toString('base64') : 'b';
  }

  test.each(variables)('%s overrides the file', (variable) => {
    const load = (env: NodeJS.ProcessEnv) =>
      everything(loadConfig({ SHARDLIFT_CONFIG: file, ...env }, folder));
    expect(load({ [variable.replace('<NAME>', 'SOME')]: anotherValue(variable) })).not.toEqual(load({}));
  });

  test('is of the table: the code reads no other', () => {
    const code = ['layers', 'config', 'encryption-keys', 'hooks', 's3-buckets'].map((name) =>
      readFileSync(new URL(`../../src/config/${name}.ts`, import.meta.url), 'utf8'),
    );
    const read = code.join('').matchAll(/env\.(SHARDLIFT_\w+)/g);
    const others = [...read].map(([, name = '']) => name).filter((name) => !variables.includes(name));
    expect([...new Set(others)]).toEqual(['SHARDLIFT_CONFIG']);
  });
});
