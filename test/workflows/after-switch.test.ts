/** After the switch: writers that come too late to the old database, and what is left to do on the target. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { LateWrites } from '../../src/core/cutover/late-writes.ts';
import { fails } from './support/failing.ts';
import { POSITION } from './support/healthy.ts';
import { migration } from './support/inputs.ts';
import { observing } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

const fenced = { ...migration, freeze: 'fence', observeFor: '0s' };
const left = { ...fenced, sourceAfterCutover: 'open' };

const LATE: LateWrites = {
  source: { connection: 'here', database: 'shop' },
  since: '2026-01-01T00:00:00.000Z',
  changes: 1,
  documents: 1,
  ids: ['items/7'],
  expired: 0,
  same: 0,
  more: false,
  compareExchange: false,
  byItself: [],
};

const TO_DO = [{ about: 'PeriodicBackups', text: 'No periodic backup runs.' }];

async function completed(input: unknown, activities: Partial<Activities> = {}): Promise<Run> {
  const run = await start('migrateDatabase', input, { activities });
  await run.reaches('awaiting-approval');
  await run.request('approveCutover');
  expect(await run.result()).toMatchObject({ phase: 'completed' });
  return run;
}

describe('an old database that was left open', () => {
  test('is watched from where it was quiet, while it still keeps its tombstones', async () => {
    const frozen = { ...POSITION, etag: 107 };
    const run = await completed(migration, { proveQuiet: async () => frozen });
    const { source, target } = run.asked('watchLateWrites')[0] ?? {};
    expect(run.asked('watchLateWrites')).toMatchObject([{ position: frozen, at: expect.any(String) }]);
    expect({ source, target }).toMatchObject({ source: migration.source, target: migration.target });
    expect(run.calls.indexOf('watchLateWrites')).toBeLessThan(run.calls.indexOf('releaseTombstones'));
    expect(run.left).toMatchObject({ attention: null });
    expect(run.left.lateWrites).toBeUndefined();
  });

  test('is watched from where its fence was raised, once it is open again', async () => {
    const run = await completed(left, {
      fenceSource: async () => 107,
      drainFenced: async ({ from, lastEtag }) => ({ ...from, etag: lastEtag }),
    });
    expect(run.asked('watchLateWrites')).toMatchObject([{ position: { etag: 107 } }]);
    const order = ['endFence', 'watchLateWrites', 'releaseTombstones'] as const;
    expect(run.calls.filter((name) => (order as readonly string[]).includes(name))).toEqual(order);
  });

  test('has what came too late named', async () => {
    const run = await completed(migration, { watchLateWrites: async () => LATE });
    expect(run.left).toMatchObject({
      lateWrites: LATE,
      attention: expect.stringContaining('"items/7"'),
    });
    expect(run.left.notes.map(({ text }) => text)).toContain(run.left.attention);
  });

  test('has what RavenDB did itself noted, and needs nobody', async () => {
    const expired = { ...LATE, documents: 0, ids: [], expired: 1 };
    const run = await completed(migration, { watchLateWrites: async () => expired });
    expect(run.left).toMatchObject({ lateWrites: expired, attention: null });
    expect(run.left.notes.map(({ text }) => text).join()).toContain('that had expired');
  });

  test('is said to be unknown where nobody could look', async () => {
    const run = await completed(migration, { watchLateWrites: fails('It cannot be reached.') });
    expect(run.left.attention).toMatch(
      /Whether anything has come to the old database "shop" .* is not known: It cannot/,
    );
    expect(run.calls).toContain('releaseTombstones');
  });

  test('is not the one that stays closed', async () => {
    expect((await completed(fenced)).asked('watchLateWrites')).toEqual([]);
  });

  test('is looked at again by a cleanup of both sides', async () => {
    const { source, target } = migration;
    const activities = { findLateWrites: async () => LATE };
    const run = await start('removeLeftovers', { source, target: ref(target) }, { activities });
    expect(await run.result()).toMatchObject({ lateWrites: LATE });
    expect(run.left.findings).toEqual(['Nothing was left behind.', expect.stringContaining('"items/7"')]);
    const one = await start('removeLeftovers', { source }, { activities });
    expect(await one.result()).toMatchObject({ lateWrites: null });
    expect(one.asked('findLateWrites')).toEqual([]);
  });
});

function ref({ connection, database }: { connection: string; database: string }) {
  return { connection, database };
}

describe('what is left to do on the target', () => {
  test('is in the report', async () => {
    const run = await completed(migration, { leftToDo: async () => TO_DO });
    expect(run.left.leftToDo).toEqual(TO_DO);
    expect(run.asked('leftToDo')).toHaveLength(1);
  });

  test('is there while the cutover can be taken back, and read again at the end', async () => {
    let looks = 0;
    const run = await observing({ activities: { leftToDo: async () => (looks++ === 0 ? TO_DO : []) } });
    expect((await run.report()).leftToDo).toEqual(TO_DO);
    await run.request('complete');
    await run.result();
    expect(run.left.leftToDo).toEqual([]);
  });

  test('is nothing where the old database serves again', async () => {
    const run = await observing({ activities: { leftToDo: async () => TO_DO } });
    await run.request('rollBack');
    await run.failure();
    expect(run.left.leftToDo).toEqual([]);
  });

  test('does not fail the migration where it cannot be read', async () => {
    const run = await completed(migration, { leftToDo: fails('It cannot be reached.') });
    expect(run.left.leftToDo).toBeUndefined();
    expect(run.left.notes.map(({ text }) => text)).toContain(
      'What is left to do on the target could not be read: It cannot be reached.',
    );
  });
});
