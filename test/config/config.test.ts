import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/config.ts';
import { defaultTuning } from '../../src/core/contract/tuning.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardlift-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(yaml: string, file = 'shardlift.yaml'): string {
  const path = join(folder, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, yaml);
  return path;
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

const FULL = `
connections:
  prod:
    urls: [https://a.example:443, https://b.example:443]
    certificate: certificates/prod.pfx
    certificatePassword: s3cret
    ca: /etc/ca.pem
    replicationUrls: [https://a.inside:443]
  local: { urls: ["http://127.0.0.1:8080"] }
taskQueue: moves
host: worker-1
dumpDirectory: dumps/big
reportDirectory: /var/reports
`;

describe('the file', () => {
  test('is not needed: there are defaults', () => {
    expect(load()).toEqual({
      connections: {},
      buckets: {},
      hooks: {},
      taskQueue: 'shardlift',
      host: hostname(),
      dumpDirectory: join(folder, 'dumps'),
      reportDirectory: join(folder, 'reports'),
      tuning: defaultTuning,
      encryptionKeys: {},
    });
  });

  test('gives connections, task queue, host and folders; its paths are meant from its own folder', () => {
    write(FULL);
    expect(load()).toEqual({
      connections: {
        prod: {
          urls: ['https://a.example:443', 'https://b.example:443'],
          certificate: join(folder, 'certificates/prod.pfx'),
          certificatePassword: 's3cret',
          ca: '/etc/ca.pem',
          replicationUrls: ['https://a.inside:443'],
        },
        local: { urls: ['http://127.0.0.1:8080'] },
      },
      buckets: {},
      hooks: {},
      taskQueue: 'moves',
      host: 'worker-1',
      dumpDirectory: join(folder, 'dumps/big'),
      reportDirectory: '/var/reports',
      tuning: defaultTuning,
      encryptionKeys: {},
    });
  });

  test('may lie elsewhere: SHARDLIFT_CONFIG names it, its paths are still its own', () => {
    write(FULL, 'etc/production.yaml');
    const config = load({ SHARDLIFT_CONFIG: 'etc/production.yaml' });
    expect(config.connections.prod?.certificate).toBe(join(folder, 'etc/certificates/prod.pfx'));
    expect(config.dumpDirectory).toBe(join(folder, 'etc/dumps/big'));
    expect(config.connections.prod?.ca).toBe('/etc/ca.pem');
  });

  test('named by SHARDLIFT_CONFIG stands in for the one in the working directory', () => {
    write('taskQueue: here');
    const elsewhere = write('taskQueue: there', 'etc/other.yaml');
    expect(load({ SHARDLIFT_CONFIG: elsewhere }).taskQueue).toBe('there');
  });

  test.each(['', '# nothing yet\n', '{}', 'connections: {}'])('may be empty: %j', (yaml) => {
    write(yaml);
    expect(load().connections).toEqual({});
  });
});

describe('the environment', () => {
  test('adds a connection; its name is in lower case with dashes', () => {
    const env = { SHARDLIFT_CONNECTION_MY_PROD_URLS: 'https://a.example, https://b.example:8443' };
    expect(load(env).connections).toEqual({
      'my-prod': { urls: ['https://a.example', 'https://b.example:8443'] },
    });
  });

  test('adds a connection whose name every object has', () => {
    const { connections } = load({ SHARDLIFT_CONNECTION_CONSTRUCTOR_URLS: 'https://a.example' });
    expect(Object.entries(connections)).toEqual([['constructor', { urls: ['https://a.example'] }]]);
  });

  test('sets every part of a connection', () => {
    const connection = load({
      SHARDLIFT_CONNECTION_PROD_URLS: 'https://a.example',
      SHARDLIFT_CONNECTION_PROD_CERTIFICATE: '/c/prod.pem',
      SHARDLIFT_CONNECTION_PROD_CERTIFICATE_PASSWORD: 's3cret',
      SHARDLIFT_CONNECTION_PROD_CA: '/c/ca.pem',
    }).connections;
    expect(connection).toEqual({
      prod: {
        urls: ['https://a.example'],
        certificate: '/c/prod.pem',
        certificatePassword: 's3cret',
        ca: '/c/ca.pem',
      },
    });
  });

  test('gives the addresses for other servers beside those for the worker', () => {
    const { connections } = load({
      SHARDLIFT_CONNECTION_MY_PROD_URLS: 'https://a.example',
      SHARDLIFT_CONNECTION_MY_PROD_REPLICATION_URLS: 'https://a.inside, https://b.inside',
    });
    expect(connections).toEqual({
      'my-prod': {
        urls: ['https://a.example'],
        replicationUrls: ['https://a.inside', 'https://b.inside'],
      },
    });
  });

  test('refuses addresses for other servers that are none', () => {
    const problem = refusal({
      SHARDLIFT_CONNECTION_PROD_URLS: 'https://a.example',
      SHARDLIFT_CONNECTION_PROD_REPLICATION_URLS: 'tcp://a.inside',
    });
    expect(problem).toContain('Connection "prod": replicationUrls.0: must be an address');
  });

  test('wins over the file, and leaves what it does not name', () => {
    write(FULL);
    const { connections } = load({ SHARDLIFT_CONNECTION_PROD_URLS: 'https://c.example' });
    expect(connections.prod).toMatchObject({ urls: ['https://c.example'], certificatePassword: 's3cret' });
    expect(connections.local).toEqual({ urls: ['http://127.0.0.1:8080'] });
  });

  test('gives the password of a connection of the file', () => {
    write('connections:\n  my-prod: { urls: ["https://a.example"], certificate: c.pfx }');
    const { connections } = load({ SHARDLIFT_CONNECTION_MY_PROD_CERTIFICATE_PASSWORD: 's3cret' });
    expect(connections['my-prod']).toMatchObject({
      urls: ['https://a.example'],
      certificatePassword: 's3cret',
    });
  });

  test('wins over the file in queue, host and folders; its paths are meant from the working directory', () => {
    write(FULL, 'etc/shardlift.yaml');
    const config = load({
      SHARDLIFT_CONFIG: 'etc/shardlift.yaml',
      SHARDLIFT_TASK_QUEUE: 'other',
      SHARDLIFT_HOST: 'worker-2',
      SHARDLIFT_DUMP_DIRECTORY: 'here',
      SHARDLIFT_REPORT_DIRECTORY: '/there',
    });
    expect(config).toMatchObject({
      taskQueue: 'other',
      host: 'worker-2',
      dumpDirectory: join(folder, 'here'),
      reportDirectory: '/there',
    });
  });

  test('its certificates too are meant from the working directory', () => {
    const { connections } = load({
      SHARDLIFT_CONNECTION_PROD_URLS: 'https://a.example',
      SHARDLIFT_CONNECTION_PROD_CERTIFICATE: 'c/prod.pem',
      SHARDLIFT_CONNECTION_PROD_CA: 'c/ca.pem',
    });
    expect(connections.prod).toMatchObject({
      certificate: join(folder, 'c/prod.pem'),
      ca: join(folder, 'c/ca.pem'),
    });
  });

  test('an empty variable of a connection counts as absent', () => {
    write(FULL);
    const env = { SHARDLIFT_CONNECTION_LOCAL_URLS: '', SHARDLIFT_CONNECTION_OTHER_URLS: '' };
    expect(load(env).connections).toEqual(load().connections);
  });

  test.each([
    'SHARDLIFT_CONFIG',
    'SHARDLIFT_TASK_QUEUE',
    'SHARDLIFT_HOST',
    'SHARDLIFT_DUMP_DIRECTORY',
    'SHARDLIFT_REPORT_DIRECTORY',
  ])('an empty %s counts as absent', (variable) => {
    expect(load({ [variable]: '' })).toEqual(load());
  });

  test('other variables do nothing', () => {
    expect(load({ SHARDLIFT_CONNECTION_PROD_PORT: '1', RAVEN_URLS: 'http://a', PATH: '/bin' })).toEqual(
      load(),
    );
  });
});

describe('a file that cannot be used is named, with what is wrong', () => {
  test.each([
    ['an unknown key', 'connection: {}', /the file: .*"connection"/],
    ['an unknown key inside', 'connections:\n  prod: { url: ["http://a"] }', /connections\.prod: .*"url"/],
    ['no addresses', 'connections:\n  prod: { urls: [] }', /connections\.prod\.urls: /],
    ['one address as text', 'connections:\n  prod: { urls: "http://a" }', /connections\.prod\.urls: .*array/],
    [
      'an address without scheme',
      'connections:\n  prod: { urls: ["a:8080"] }',
      /urls\.0: must be an address such/,
    ],
    [
      'an address that is a name alone',
      'connections:\n  prod: { urls: [raven.example] }',
      /urls\.0: must be an address such/,
    ],
    [
      'another scheme',
      'connections:\n  prod: { urls: ["http://a", "ftp://b"] }',
      /urls\.1: must be an address such/,
    ],
    ['an empty queue', 'taskQueue: ""', /taskQueue: /],
    ['a number as host', 'host: 5', /host: .*string/],
    ['a list', '- prod\n- local', /the file: .*object/],
    ['a text', 'prod', /the file: .*object/],
    ['a key twice', 'host: a\nhost: b', /is not YAML: /],
    ['a broken line', 'host: a\nconnections: [', /is not YAML: \w+ at line [23]\./],
    ['an alias without an anchor', 'host: *worker', /is not YAML: (?!undefined)\w+/],
  ])('%s', (_case, yaml, what) => {
    const path = write(yaml);
    expect(refusal()).toContain(`The configuration file ${path}`);
    expect(refusal()).toMatch(what);
  });

  test('all faults at once', () => {
    write('host: 5\ntaskQueue: 6\n');
    expect(refusal()).toContain('host: ');
    expect(refusal()).toContain('taskQueue: ');
  });

  test('a file that is named but missing', () => {
    expect(refusal({ SHARDLIFT_CONFIG: 'nowhere.yaml' })).toBe(
      `The configuration file ${join(folder, 'nowhere.yaml')} (from SHARDLIFT_CONFIG) does not exist.`,
    );
  });

  test('a folder in place of the file', () => {
    mkdirSync(join(folder, 'etc'));
    expect(refusal({ SHARDLIFT_CONFIG: 'etc' })).toContain(`${join(folder, 'etc')} (from SHARDLIFT_CONFIG)`);
  });
});

describe('a variable that cannot be used is named, with the way out', () => {
  test('an address', () => {
    const message = refusal({ SHARDLIFT_CONNECTION_MY_PROD_URLS: 'http://a, b:8080' });
    expect(message).toContain('"my-prod"');
    expect(message).toContain('urls.1: must be an address such as https://raven.example:443');
    expect(message).toContain('SHARDLIFT_CONNECTION_MY_PROD_URLS');
  });

  test('a connection without addresses', () => {
    const message = refusal({ SHARDLIFT_CONNECTION_PROD_CERTIFICATE: '/c.pfx' });
    expect(message).toContain('"prod"');
    expect(message).toContain('SHARDLIFT_CONNECTION_PROD_URLS');
  });
});

describe('the password of a certificate is in no error', () => {
  const connection = (password: string) =>
    `connections:\n  prod:\n    urls: [http://a]\n    certificatePassword: ${password}\n`;

  test.each([
    ['the line is not YAML', connection('first: s3cret')],
    ['its quote is not closed', connection('"s3cret')],
    ['it begins with a sign of YAML', connection('@s3cret')],
    ['it reads as an alias', connection('*s3cret')],
    ['it comes twice', `${connection('s3cret')}    certificatePassword: s3cret\n`],
    ['it is a list', connection('[s3cret]')],
    ['something else is wrong', `${connection('s3cret')}    port: 1\n`],
  ])('when %s', (_case, yaml) => {
    write(yaml);
    expect(refusal()).not.toContain('s3cret');
  });

  test('when it comes from the environment', () => {
    expect(refusal({ SHARDLIFT_CONNECTION_PROD_CERTIFICATE_PASSWORD: 's3cret' })).not.toContain('s3cret');
  });
});
