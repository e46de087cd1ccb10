import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configLines, explainTemporal } from '../../../src/cli/commands/config.ts';
import { plain } from '../fixtures.ts';

test('values are in columns, with what they come from', () => {
  const lines = configLines(
    [
      { key: 'taskQueue', value: 'shardlift', from: 'default', where: null },
      { key: 'connections.移行.urls', value: ['http://a', 'http://b'], from: 'file', where: '/etc/s.yaml' },
      { key: 'hooks', value: {}, from: 'default', where: null },
      { key: 'configFile', value: null, from: 'default', where: null },
    ],
    { ...plain, dim: (text) => `(${text})` },
  );
  expect(lines).toEqual([
    'Key                     Value                From',
    '(taskQueue               shardlift            default)',
    'connections.移行.urls   http://a, http://b   /etc/s.yaml',
    '(hooks                   none                 default)',
    '(configFile              none                 default)',
  ]);
});

describe("Temporal's settings", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shardlift-temporal-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** As `value, from where`. */
  function explained(env: NodeJS.ProcessEnv): Record<string, string> {
    const values = explainTemporal({ HOME: folder, ...env });
    return Object.fromEntries(
      values.map(({ key, value, from, where }) => [
        key.replace('temporal.', ''),
        `${value}, ${where ?? from}`,
      ]),
    );
  }

  test('are the defaults when nothing says otherwise', () => {
    expect(explained({})).toEqual({
      profile: 'default, default',
      address: 'localhost:7233, default',
      namespace: 'default, default',
      apiKey: 'none, default',
      tls: 'off, default',
    });
  });

  test('come from a profile, and over it from the environment; an API key is not shown', () => {
    const path = join(folder, 'temporal.toml');
    const profile = '[profile.cloud]\naddress = "a.example:7233"\nnamespace = "moves"\napi_key = "hidden"\n';
    writeFileSync(path, profile);
    const env = { TEMPORAL_CONFIG_FILE: path, TEMPORAL_PROFILE: 'cloud', TEMPORAL_NAMESPACE: 'others' };
    expect(explained(env)).toEqual({
      profile: 'cloud, TEMPORAL_PROFILE',
      address: `a.example:7233, ${path}`,
      namespace: 'others, TEMPORAL_NAMESPACE',
      apiKey: `(set), ${path}`,
      tls: `on, ${path}`,
    });
    expect(explained({ TEMPORAL_API_KEY: 'hidden' })).toMatchObject({
      apiKey: '(set), TEMPORAL_API_KEY',
      tls: 'on, TEMPORAL_API_KEY',
    });
  });

  test('that cannot be used are named', () => {
    expect(() => explained({ TEMPORAL_PROFILE: 'nowhere' })).toThrow(
      "Temporal's configuration cannot be used: Profile 'nowhere' not found",
    );
  });
});
