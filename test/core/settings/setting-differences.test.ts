import { expect, test } from 'vitest';
import { settingDifferences } from '../../../src/core/settings/setting-differences.ts';
import type { RecordFields } from '../../../src/core/settings/settings.ts';

const NONE = { Expiration: null, Sorters: {}, PeriodicBackups: [], QueueEtls: [] };
const exactly = { extraAllowed: false, sameVersion: true };

function found(source: RecordFields, target: RecordFields, options: Partial<typeof exactly> = {}): string[] {
  const records = [
    { ...NONE, ...source },
    { ...NONE, ...target },
  ] as const;
  return settingDifferences(...records, { ...exactly, ...options }).map(({ id, what }) => `${id}: ${what}`);
}

test('values are the same, missing, other or extra', () => {
  const Expiration = { Disabled: false, DeleteFrequencyInSec: 60 };
  expect(found({ Expiration }, { Expiration })).toEqual([]);
  expect(found({ Expiration }, {})).toEqual(['Expiration: is missing on the target']);
  expect(found({}, { Expiration })).toEqual(['Expiration: is on the target only']);
  expect(found({}, { Expiration }, { extraAllowed: true })).toEqual([]);
  const other = { Expiration: { ...Expiration, DeleteFrequencyInSec: 61 } };
  expect(found({ Expiration }, other)).toEqual(['Expiration: differs on the target']);
});

test('a field more is a difference between servers of one version only', () => {
  const [Expiration, more] = [{ Disabled: false }, { Disabled: false, MaxItemsToProcess: 5 }];
  expect(found({ Expiration }, { Expiration: more })).toEqual(['Expiration: differs on the target']);
  expect(found({ Expiration }, { Expiration: more }, { sameVersion: false })).toEqual([]);
  expect(found({ Expiration: more }, { Expiration }, { sameVersion: false })).toHaveLength(1);
});

test('named values and tasks are told by their names; whether a task runs is no difference', () => {
  const task = (Name: string, rest = {}) => ({ Name, TaskId: 1, Disabled: false, ...rest });
  expect(
    found(
      { PeriodicBackups: [task('a'), task('b', { Full: '0 1' }), task('Server Wide Backup, c')] },
      { PeriodicBackups: [task('a', { TaskId: 7, Disabled: true }), task('b', { Full: '0 2' }), task('d')] },
    ),
  ).toEqual(['PeriodicBackups: "b" differs on the target', 'PeriodicBackups: "d" is on the target only']);
  expect(found({ Sorters: { x: { Code: '1' } } }, {})).toEqual(['Sorters: "x" is missing on the target']);
});

test('what a migration does not carry, or the target does not know, is none', () => {
  expect(found({ QueueEtls: [{ Name: 'q' }] }, {})).toEqual([]);
  expect(settingDifferences({ SchemaValidation: { x: 1 } }, {}, exactly)).toEqual([]);
});
