/** A cutover, or a rehearsal of one, of a target that something else has filled. */
import { describe, expect, test } from 'vitest';
import { fails } from './support/failing.ts';
import { different, equal, healthy, POSITION } from './support/healthy.ts';
import { cutover } from './support/inputs.ts';
import { finds } from './support/migration.ts';
import { type Run, type StartOptions, start } from './support/run.ts';

const COPIES = /^(planCopy|copyPiece|copyClusterItems|exportDump|importDump)$/;
const REACHED = { ...POSITION, etag: 70 };

/** What `syncDatabase` has left. */
const synced: StartOptions['activities'] = {
  readLastSync: async () => ({ checks: [], last: REACHED, begun: true, shared: false }),
};

async function waiting(options: StartOptions = {}): Promise<Run> {
  const run = await start('cutOver', { ...cutover, freeze: 'quiet' }, options);
  await run.reaches('awaiting-approval');
  return run;
}

describe('cutOver', () => {
  test('goes on from where syncDatabase has brought the target, and copies nothing', async () => {
    const run = await waiting({ activities: synced });
    expect(run.calls.filter((name) => COPIES.test(name))).toEqual([]);
    expect(run.asked('claimTarget')).toMatchObject([{ mustBeEmpty: false }]);
    expect(run.asked('catchUp')[0]).toMatchObject({ from: REACHED, until: 'close', deletionsLost: true });
    expect(run.asked('deleteSurplusDocuments')).toMatchObject([{ anew: false }]);
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(run.left.timings.map(({ phase }) => phase)).not.toContain('copying');
    expect(run.asked('releaseTarget')).toHaveLength(1);
  });

  test('plans with a target that holds documents, and with what the note says of others', async () => {
    const run = await waiting({
      activities: { readLastSync: async () => ({ checks: [], last: REACHED, begun: true, shared: true }) },
    });
    expect(run.asked('plan')).toMatchObject([{ target: { allowExistingData: true } }]);
    expect(run.asked('verifyMigration')).toMatchObject([{ target: { allowExistingData: true } }]);
  });

  test.each([
    [
      'nothing says how far it was brought',
      async () => ({ checks: [], last: null, begun: false, shared: false }),
    ],
    [
      'the source is another storage by now',
      async () => ({ checks: [], last: { ...REACHED, databaseId: 'OTHER' }, begun: true, shared: false }),
    ],
  ])('of a target of which %s begins where the source stands', async (_what, readLastSync) => {
    const run = await waiting({ activities: { readLastSync } });
    expect(run.asked('catchUp')[0]).toMatchObject({ from: POSITION });
    expect(run.asked('verifyMigration')[0]).toMatchObject({ deletionsLost: true });
    expect(run.asked('verifyMigration')[0]).toMatchObject({ target: { allowExistingData: false } });
  });

  test('waits for a repair of a target that differs', async () => {
    const run = await waiting({ activities: { ...synced, verifyMigration: finds(different(), equal()) } });
    expect(await run.refusalOf('approveCutover')).toMatch(/Verification failed/);
    await run.request('repair');
    await run.calledFor('verifyMigration', 2);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });

  test('copies nothing either when the source becomes another storage', async () => {
    let lost = true;
    const run = await waiting({
      activities: {
        ...synced,
        catchUp: async (asked) => {
          if (asked.until !== 'close' || !lost) return await healthy.catchUp(asked);
          lost = false;
          return await fails('Another node answers.', 'SourceChanged')();
        },
      },
    });
    expect(run.calls.filter((name) => COPIES.test(name))).toEqual([]);
    expect(await run.notes()).toEqual(
      expect.arrayContaining([expect.stringMatching(/Another node answers.*synchronized again/)]),
    );
  });

  test('of a target that serves already is refused', async () => {
    const run = await start('cutOver', cutover, {
      activities: {
        readLastSync: async () => ({
          checks: [{ status: 'blocker', name: 'last run', message: 'It serves since the cutover.' }],
          last: null,
          begun: false,
          shared: false,
        }),
      },
    });
    expect(await run.failure()).toMatchObject({
      type: 'PlanBlocked',
      message: expect.stringContaining('It serves'),
    });
    expect(run.asked('claimTarget')).toEqual([]);
  });

  test('that is rejected says what is left', async () => {
    const run = await waiting({ activities: synced });
    await run.request('rejectCutover', { by: 'ann' });
    expect((await run.failure()).message).toMatch(
      /The source "shop" serves as before, and nothing keeps "sharded" in step any more/,
    );
  });

  test('behind a fence can be rolled back, and is rehearsed before', async () => {
    const run = await start('cutOver', { ...cutover, freeze: 'fence' }, { activities: synced });
    await run.reaches('awaiting-approval');
    await run.request('rehearse');
    await run.until('it is over', async () => (await run.progress()).rehearsals?.length === 1);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    await run.reaches('observing');
    expect((await run.progress()).phases).toEqual(expect.arrayContaining(['observing']));
    expect((await run.progress()).phases).not.toContain('copying');
    await run.request('rollBack');
    expect((await run.failure()).type).toBe('CutoverRolledBack');
  });
});

describe('rehearseCutover', () => {
  test('does all but the switch, undoes it, and says what it cost', async () => {
    const run = await start('rehearseCutover', cutover, { activities: synced });
    expect(await run.result()).toMatchObject({
      phase: 'completed',
      outageSeconds: expect.any(Number),
      documents: { source: 3, target: 3 },
    });
    expect(run.asked('undoFence')).toHaveLength(1);
    expect(run.asked('switchOver')).toEqual([]);
    expect(run.left.rehearsals).toMatchObject([{ failure: null }]);
    expect(run.asked('releaseTarget')).toHaveLength(1);
    expect(run.asked('releaseTombstones')).toHaveLength(1);
  });

  test.each([
    ['a difference behind the fence', { verifyBehindFence: async () => different({ depth: 'changes' }) }, 1],
    ['a difference before it', { verifyMigration: finds(different()) }, 0],
    ['what runs on the source', { prepareFence: fails('UpdateByQuery is running.', 'NotReady') }, 0],
  ])('fails by %s, and the source serves', async (_what, activities, fences) => {
    const run = await start('rehearseCutover', cutover, { activities: { ...synced, ...activities } });
    expect(await run.failure()).toMatchObject({
      type: 'RehearsalFailed',
      message: expect.stringMatching(/The cutover would have failed: /),
    });
    expect(run.asked('fenceSource')).toHaveLength(fences);
    expect(run.asked('undoFence')).toHaveLength(fences);
  });
});
