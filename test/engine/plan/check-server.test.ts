import { describe, expect, test } from 'vitest';
import {
  checkLicense,
  checkLicenseEnd,
  checkVersion,
  checkVersions,
  tooOld,
} from '../../../src/engine/plan/check-server.ts';
import type { ServerInfo } from '../../../src/ravendb/requests/server.ts';

function server(fields: Partial<ServerInfo> = {}): ServerInfo {
  return {
    version: '7.1.5',
    license: 'Enterprise',
    maxReplicationFactor: Number.POSITIVE_INFINITY,
    multiNodeSharding: true,
    knowsSharding: true,
    nodes: ['A', 'B', 'C'],
    licenseFlags: {},
    ...fields,
  };
}

const NOW = Date.parse('2026-11-25T00:00:00Z');

describe('a plan looks at the servers', () => {
  test.each([
    ['source', '5.4.207', false, 'ok'],
    ['source', '7.1.5', true, 'ok'],
    ['source', '5.2.3', false, 'warning'],
    ['target', '5.4.207', false, 'blocker'],
    ['target', '6.0.105', true, 'warning'],
    ['target', '6.2.4', true, 'ok'],
    ['target', '7.10.0', true, 'warning'],
  ] as const)('a %s of RavenDB %s: %s', (side, version, knowsSharding, status) => {
    const check = checkVersion(side, server({ version, knowsSharding }));
    expect(check.status).toBe(status);
    expect(check.message).toContain(version);
  });

  test('a source that is too old is told what it lacks, and two ways', () => {
    const { status, message } = tooOld('4.2.101', ['timeseries']);
    expect(status).toBe('blocker');
    expect(message).toMatch(/4\.2\.101.*\(timeseries\)\. Update it to 5\.4 or newer first.*import-dump/);
  });

  test.each([
    ['7.1.5', '7.1.2', []],
    ['6.2.4', '7.0.0', ['ok']],
    ['5.4.207', '7.1.5', ['ok']],
    ['7.1.5', '7.0.9', ['warning']],
    ['7.0.0', '6.2.9', ['warning']],
  ])('from %s to %s: %j', (ours, theirs, statuses) => {
    const checks = checkVersions(server({ version: ours }), server({ version: theirs }));
    expect(checks.map(({ status }) => status)).toEqual(statuses);
  });

  test.each([
    [{}, 0, ''],
    [{ Expired: false, Expiration: '2027-11-25T00:00:00.0000000Z' }, 0, ''],
    [{ Expired: false, Expiration: '2026-12-01T00:00:00.0000000Z' }, 1, 'expires on 2026-12-01'],
    [{ Expired: true, Expiration: '2026-01-01T00:00:00.0000000Z' }, 1, 'has expired'],
    // the server says so, whatever date its license bears
    [{ Expired: true }, 1, 'has expired'],
    [{ Expired: true, Expiration: '2027-11-25T00:00:00.0000000Z' }, 1, 'has expired'],
  ])('a license of %j: %i warnings', (licenseFlags, warnings, words) => {
    const checks = checkLicenseEnd(
      'license of the target',
      'the target server',
      server({ licenseFlags }),
      NOW,
    );
    expect(checks).toHaveLength(warnings);
    if (words) expect(checks[0]?.message).toContain(words);
  });

  test.each([
    [server(), 3, 3, { 'replication factor': 'ok' }],
    [server(), 3, 4, { 'replication factor': 'blocker' }],
    [server({ maxReplicationFactor: 1 }), 3, 2, { 'replication factor': 'blocker' }],
    [
      server({ multiNodeSharding: false }),
      3,
      1,
      { 'replication factor': 'ok', 'license for sharding': 'warning' },
    ],
    [server({ multiNodeSharding: false, nodes: ['A'] }), 3, 1, { 'replication factor': 'ok' }],
    [server({ multiNodeSharding: false }), 1, 1, { 'replication factor': 'ok' }],
  ])('license and cluster %#', (target, shards, replicationFactor, expected) => {
    const checks = checkLicense({ shards, replicationFactor }, target);
    expect(Object.fromEntries(checks.map(({ name, status }) => [name, status]))).toEqual(expected);
  });
});
