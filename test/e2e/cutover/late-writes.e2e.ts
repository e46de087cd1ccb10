/** What has come to an old database after the switch, told from what RavenDB and Shardlift do there. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LateWrites } from '../../../src/core/cutover/late-writes.ts';
import { Application } from '../../support/data/application.ts';
import { forgetDeletions } from '../../support/data/databases.ts';
import { ActivityBench } from '../../support/work/activities.ts';

const document = (name: string, more = '') => `{"name":"${name}","@metadata":{"@collection":"Items"${more}}}`;
const expiring = (inMs: number) => `,"@expires":"${new Date(Date.now() + inMs).toISOString()}"`;

let bench: ActivityBench;
let old: Application;
let serving: Application;

beforeAll(async () => {
  bench = await ActivityBench.open();
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.databases({ withTarget: true });
  [old, serving] = [bench.source, bench.target].map(
    (database) => new Application(bench.stack.raven, database),
  ) as [Application, Application];
  for (const application of [old, serving]) {
    for (const id of ['items/1', 'items/2', 'Items/3']) await application.put(id, document('before'));
    await application.put('items/over', document('over', expiring(-60_000)));
    await application.put('items/later', document('later', expiring(3_600_000)));
  }
  await bench.call('holdTombstones', bench.input().source);
});

/** The switch, and what comes after it. */
async function switched(afterwards: () => Promise<void> = async () => undefined): Promise<LateWrites | null> {
  const { source, target } = bench.input();
  const position = await bench.call('readPosition', source);
  await afterwards();
  const at = new Date().toISOString();
  return await bench.call('watchLateWrites', { source, target, position, at });
}

async function later(): Promise<LateWrites | null> {
  return await bench.call('findLateWrites', bench.input());
}

const key = async (application: Application, name: string) =>
  await application.send('PUT', `cmpxchg?key=${name}&index=0`, '{"Object":1}');

test('nothing has come: not the index that goes, nor other settings; compare exchange has', async () => {
  expect(await switched()).toBeNull();
  await bench.call('releaseTombstones', bench.input().source);
  await bench.lock(bench.source, 'PreventDeletesError');
  await bench.lock(bench.source, 'Unlock');
  await serving.put('items/9', document('on the target'));
  expect(await later()).toBeNull();
  await key(old, 'late');
  expect(await later()).toMatchObject({ changes: 0, documents: 0, compareExchange: true });
});

test('what was written and deleted is named, the first time and later', async () => {
  const found = await switched(async () => {
    await old.put('items/1', document('after'));
    await old.attach('items/2', 'note', 'after');
    await old.delete('Items/3');
    await old.put('items/4', document('new'));
    for (const application of [old, serving]) await application.put('items/5', document('on both'));
    await key(old, 'late');
  });
  expect(found).toMatchObject({
    source: { connection: 'local', database: bench.source },
    documents: 4,
    ids: expect.arrayContaining(['items/1', 'items/2', 'Items/3', 'items/4']),
    same: 1,
    expired: 0,
    compareExchange: true,
    byItself: [],
    more: false,
  });
  expect(await later()).toEqual(found);
  // a look for another old database is none of this one
  const { source, target } = bench.input();
  expect(
    await bench.call('findLateWrites', { source: { ...source, database: 'Another' }, target }),
  ).toBeNull();
});

test('what has expired is told, and is no writer where expiration is on, as long as there are tombstones', async () => {
  // a server without a license looks once in 36 hours; what it deletes leaves the same
  const expires = () => old.delete('items/over');
  expect(await switched(expires)).toMatchObject({ documents: 1, ids: ['items/over'], expired: 0 });
  const DeleteFrequencyInSec = 36 * 3600;
  await bench.send('POST', 'admin/expiration/config', { Disabled: false, DeleteFrequencyInSec });
  await old.delete('items/later');
  expect(await later()).toMatchObject({
    documents: 1,
    ids: ['items/later'],
    expired: 1,
    byItself: ['expiration'],
  });
  // nobody can tell of a deletion later
  await bench.call('releaseTombstones', bench.input().source);
  await forgetDeletions(bench.stack.raven, bench.source);
  expect(await later()).toMatchObject({ changes: 2, documents: 0, expired: 0, same: 0 });
});
