/** What lists of workflows can be filtered by: set where the namespace knows it, and nowhere else. */
import { describe, expect, test } from 'vitest';
import { different } from './support/healthy.ts';
import { inputOf, migration } from './support/inputs.ts';
import { finds } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

const known = { searchAttributes: () => Promise.resolve(true) };

/** What each event has set, by name; null for what it unset. */
async function upserts(run: Run): Promise<Record<string, unknown>[]> {
  const { events } = await run.handle.fetchHistory();
  return (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    const fields = upsert?.searchAttributes?.indexedFields;
    if (!fields) return [];
    const read = (data: Uint8Array | null | undefined) =>
      data?.length ? JSON.parse(Buffer.from(data).toString()) : null;
    return [Object.fromEntries(Object.entries(fields).map(([name, { data }]) => [name, read(data)]))];
  });
}

describe('a run tells lists of workflows', () => {
  test('what moves where, then each phase, and no more', async () => {
    const run = await start('migrateDatabase', migration, known);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    await run.result();
    const [first, ...later] = await upserts(run);
    expect(first).toEqual({
      ShardliftSource: 'here/shop',
      ShardliftTarget: 'here/sharded',
      ShardliftMethod: 'stream',
      ShardliftPhase: 'planning',
      // a run that was started like another one has that one's
      ShardliftAttention: null,
    });
    expect(later.map((each) => each.ShardliftPhase)).toEqual([
      ...['preparing', 'copying', 'catching-up', 'verifying', 'awaiting-approval'],
      ...['freezing', 'draining', 'final-verifying', 'completing', 'completed'],
    ]);
    expect(later.flatMap(Object.keys)).toEqual(later.map(() => 'ShardliftPhase'));
  });

  test('what a person should look at, until its reason is gone', async () => {
    const run = await start('migrateDatabase', migration, {
      ...known,
      activities: { verifyMigration: finds(different()) },
    });
    await run.reaches('awaiting-approval');
    await run.request('rejectCutover');
    await run.failure();
    const told = (await upserts(run)).filter((each) => 'ShardliftAttention' in each);
    expect(told.map((each) => each.ShardliftAttention)).toEqual([
      null,
      ['differences'],
      ['differences', 'end'],
    ]);
  });

  test.each([
    ['does not know it', () => Promise.resolve(false)],
    ['cannot be asked', () => Promise.reject(new Error('no right to'))],
  ])('nothing where the namespace %s', async (_, searchAttributes) => {
    const run = await start('verifyDatabases', inputOf.verifyDatabases, { searchAttributes });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(await upserts(run)).toEqual([]);
  });
});
