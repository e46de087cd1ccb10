import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { demoEnvironment } from '../../../dev/demo/demo-environment.ts';
import { sampleNames } from '../../../dev/demo/sample-names.ts';
import { loadConfig } from '../../../src/config/config.ts';

const MAIN = fileURLToPath(new URL('../../../dev/demo/main.ts', import.meta.url));

describe('options of the demo', () => {
  test('a wrong one is refused before anything is started', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, '--shards', '0'], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/target\.shards must be at least 1/);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

describe('names of the sample databases', () => {
  test('are plain on a server of its own, and marked on one that others use', () => {
    expect(sampleNames()).toEqual({ source: 'Northwind', target: 'NorthwindSharded' });
    expect(sampleNames('97caa8')).toEqual({ source: 'Northwind-97caa8', target: 'NorthwindSharded-97caa8' });
  });
});

describe("the worker's environment", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shardlift-cli-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const stop = async () => undefined;
  const ravendb = { url: 'http://127.0.0.1:40002', studioUrl: '', isOurs: true };
  const foreign = {
    PATH: '/bin',
    SHARDLIFT_CONFIG: '/etc/shardlift.yaml',
    SHARDLIFT_TASK_QUEUE: 'production',
    SHARDLIFT_CONNECTION_PROD_URLS: 'https://raven.example',
    TEMPORAL_NAMESPACE: 'production',
    TEMPORAL_API_KEY: 'secret',
  };

  test('leads to the servers that were started, and to nothing of the user', async () => {
    const temporal = { address: '127.0.0.1:40001', uiUrl: '' };
    const options = { taskQueue: 'demo-1', directory, env: foreign };
    const env = await demoEnvironment({ temporal, ravendb, stop }, options);
    expect(env).toMatchObject({ PATH: '/bin', TEMPORAL_ADDRESS: '127.0.0.1:40001' });
    expect([env.TEMPORAL_NAMESPACE, env.TEMPORAL_API_KEY]).toEqual([undefined, undefined]);
    expect(loadConfig(env, directory)).toMatchObject({
      connections: { demo: { urls: ['http://127.0.0.1:40002'] } },
      taskQueue: 'demo-1',
      dumpDirectory: join(directory, 'dumps'),
      reportDirectory: resolve('reports'),
    });
    expect(Object.keys(loadConfig(env, directory).connections)).toEqual(['demo']);
  });

  test('keeps what leads to the servers that the user named', async () => {
    const own = {
      SHARDLIFT_CONNECTION_DEMO_CERTIFICATE: '/demo.pfx',
      SHARDLIFT_REPORT_DIRECTORY: '/reports',
    };
    const options = { taskQueue: 'demo-1', directory, env: { ...foreign, ...own } };
    const env = await demoEnvironment({ ravendb, stop }, options);
    expect(env).toMatchObject({ TEMPORAL_NAMESPACE: 'production', TEMPORAL_API_KEY: 'secret' });
    expect(loadConfig(env, directory)).toMatchObject({
      connections: { demo: { certificate: '/demo.pfx' } },
      reportDirectory: '/reports',
    });
  });
});
