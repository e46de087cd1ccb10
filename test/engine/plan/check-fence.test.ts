import { describe, expect, test } from 'vitest';
import { whyNotFenced } from '../../../src/engine/plan/check-fence.ts';

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
      'would run on the other name',
    ],
  ])('%s cannot', (_what, record, reason) => {
    expect(whyNotFenced({ ...plain, ...record })).toContain(reason);
  });

  test('with tasks of its own can', () => {
    expect(whyNotFenced({ ...plain, PeriodicBackups: [{ Name: 'daily' }, {}] })).toBeUndefined();
  });
});
