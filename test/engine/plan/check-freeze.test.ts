import { describe, expect, test } from 'vitest';
import { whyNotFenced, whyNoWayBack } from '../../../src/engine/plan/check-freeze.ts';

const plain = { Topology: { Members: ['A'] }, Settings: { DataDir: '/data/shop' } };

describe('a database', () => {
  test('on one node can be fenced, also with a folder of its own', () => {
    expect(whyNotFenced(plain)).toBeUndefined();
  });

  test.each([
    ['on several nodes', { Topology: { Members: ['A'], Rehabs: ['B'] } }, 'nodes A, B'],
    ['that is encrypted', { Encrypted: true }, 'its key belongs to its name'],
    ['with folders elsewhere', { Settings: { 'Storage.TempPath': '/tmp' } }, '"Storage.TempPath"'],
    [
      'with a backup of the whole server',
      { PeriodicBackups: [{ Name: 'Server Wide Backup, daily' }] },
      '"Server Wide Backup, daily"',
    ],
    [
      'with a replication of the whole server',
      { ExternalReplications: [{ Name: 'Server Wide External Replication' }] },
      'would run on its other name',
    ],
  ])('%s cannot', (_what, record, reason) => {
    expect(whyNotFenced({ ...plain, ...record })).toContain(reason);
  });

  test('with tasks of its own can', () => {
    expect(whyNotFenced({ ...plain, PeriodicBackups: [{ Name: 'daily' }, {}] })).toBeUndefined();
  });
});

describe('the way back', () => {
  const input = (replicationFactor = 1) => ({
    target: {
      connection: 'prod',
      database: 'ShopSharded',
      shards: 3,
      replicationFactor,
      allowExistingData: false,
    },
  });
  const sharded = (Members: string[]) => ({
    DatabaseName: 'ShopSharded',
    Sharding: { Shards: { 0: { Members }, 1: { Members: ['B'] } } },
  });

  test('is open for a target on one node for each shard', () => {
    expect(whyNoWayBack(input(), undefined)).toBeUndefined();
    expect(whyNoWayBack(input(), sharded(['A']))).toBeUndefined();
  });

  test.each([
    ['a new target with copies', input(2), undefined, 'several nodes each'],
    ['a target that has copies', input(), sharded(['A', 'B']), 'several nodes each'],
    ['an encrypted target', input(), { ...sharded(['A']), Encrypted: true }, 'it is encrypted'],
  ])('is not there for %s', (_what, planned, record, reason) =>
    expect(whyNoWayBack(planned, record)).toContain(reason),
  );
});
