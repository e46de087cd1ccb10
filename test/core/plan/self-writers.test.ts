import { expect, test } from 'vitest';
import { selfWriters } from '../../../src/core/plan/self-writers.ts';

test('a database of which only clients write has no writers of its own', () => {
  expect(selfWriters({ Expiration: null, Revisions: { Default: { Disabled: false } } }, [])).toEqual([]);
});

test.each([
  ['Expiration', 'expiration'],
  ['Refresh', 'refresh'],
  ['DataArchival', 'archival'],
])('%s writes by itself as long as it is on', (field, writer) => {
  expect(selfWriters({ [field]: { Disabled: false, MaxItemsToProcess: 5 } }, [])).toEqual([writer]);
  // a server of another version may omit false
  expect(selfWriters({ [field]: {} }, [])).toEqual([writer]);
  expect(selfWriters({ [field]: { Disabled: true } }, [])).toEqual([]);
  for (const none of [null, undefined, false, 'off']) expect(selfWriters({ [field]: none }, [])).toEqual([]);
});

test('each database that replicates into it is a writer, by its name', () => {
  const record = { Expiration: { Disabled: false }, Refresh: { Disabled: false } };
  expect(selfWriters(record, ['Shop', 'Archive'])).toEqual([
    'expiration',
    'refresh',
    'replication from "Shop"',
    'replication from "Archive"',
  ]);
});
