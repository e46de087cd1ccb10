import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';

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
      },
    },
    taskQueue: 'shardlift',
    host: 'migration-1',
    dumpDirectory: '/var/lib/shardlift/dumps',
    reportDirectory: '/var/lib/shardlift/reports',
  });
});

it('names the variables that it leaves to the environment', () => {
  const { connections } = load({
    SHARDLIFT_CONNECTION_PRODUCTION_CERTIFICATE_PASSWORD: 'from the environment',
    SHARDLIFT_CONNECTION_NEW_CLUSTER_URLS: 'https://elsewhere.example.com',
  });
  expect(connections.production?.certificatePassword).toBe('from the environment');
  expect(connections['new-cluster']?.urls).toEqual(['https://elsewhere.example.com']);
});
