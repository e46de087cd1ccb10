import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { defaultTuning } from '../../src/core/contract/tuning.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function load(env: NodeJS.ProcessEnv = {}) {
  return loadConfig({ SHARDLIFT_CONFIG: 'shardlift.example.yaml', ...env }, root);
}

it('is a configuration, its paths meant from its own folder', () => {
  expect(load()).toEqual({
    connections: {
      production: {
        urls: [
          'https://a.orders.example.com',
          'https://b.orders.example.com',
          'https://c.orders.example.com',
        ],
        certificate: `${root}certificates/shardlift.pfx`,
        ca: `${root}certificates/company-ca.pem`,
      },
      'new-cluster': {
        urls: ['https://a.new-orders.example.com'],
        certificate: `${root}certificates/shardlift-new.pem`,
        replicationUrls: ['https://a.new-orders.internal.example.com'],
      },
    },
    hooks: {},
    buckets: {
      backups: {
        endpoint: 'https://s3.example.com:9000',
        region: 'eu-central-1',
        bucket: 'company-backups',
      },
    },
    taskQueue: 'shardlift',
    host: 'migration-1',
    dumpDirectory: '/var/lib/shardlift/dumps',
    reportDirectory: '/var/lib/shardlift/reports',
    encryptionKeys: {},
    tuning: defaultTuning,
  });
});

it('has encryption keys that need no more than their file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shardlift-example-'));
  const example = readFileSync(join(root, 'shardlift.example.yaml'), 'utf8');
  writeFileSync(join(folder, 'shardlift.yaml'), example.replaceAll(/^#(encryptionKeys| {2}backups)/gm, '$1'));
  mkdirSync(join(folder, 'keys'));
  const key = Buffer.alloc(32, 1).toString('base64');
  writeFileSync(join(folder, 'keys/backups.key'), key);
  expect(loadConfig({}, folder).encryptionKeys.backups).toBe(key);
  rmSync(folder, { recursive: true });
});

it('names the variables that it leaves to the environment', () => {
  const { connections, buckets } = load({
    SHARDLIFT_CONNECTION_PRODUCTION_CERTIFICATE_PASSWORD: 'from the environment',
    SHARDLIFT_CONNECTION_NEW_CLUSTER_URLS: 'https://elsewhere.example.com',
    SHARDLIFT_BUCKET_BACKUPS_ACCESS_KEY_ID: 'key of the environment',
    SHARDLIFT_BUCKET_BACKUPS_SECRET_ACCESS_KEY: 'secret of the environment',
  });
  expect(connections.production?.certificatePassword).toBe('from the environment');
  expect(connections['new-cluster']?.urls).toEqual(['https://elsewhere.example.com']);
  expect(buckets.backups).toMatchObject({
    accessKeyId: 'key of the environment',
    secretAccessKey: 'secret of the environment',
  });
});
