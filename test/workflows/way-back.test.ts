/** Rehearsals of a cutover, and the time after it in which it can be rolled back. */
import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, test } from 'vitest';
import { transferReport } from '../../src/core/run/activity-report.ts';
import { skip, skipping } from './support/clock.ts';
import { fails } from './support/failing.ts';
import { different, type Outcome } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { migration } from './support/inputs.ts';
import { type MigrationOptions, migrationIn, observing } from './support/migration.ts';
import type { Run } from './support/run.ts';

const fenced = { ...migration, freeze: 'fence' };
const OF_THE_CUTOVER = /Fence|Fenced|switch|RollBack|drainBack|flowBack|releaseT|removeCarrier|proveQuiet/i;

async function waiting(options: MigrationOptions = {}): Promise<Run> {
  const { run } = await migrationIn('awaiting-approval', { input: fenced, ...options });
  return run;
}

function steps(run: Run): string[] {
  return run.calls.filter((name) => OF_THE_CUTOVER.test(name));
}

test('a way back that will be there is told before the cutover, and waited for', async () => {
  const run = await waiting();
  expect((await run.progress()).phases.slice(-2)).toEqual(['observing', 'completing']);
  for (const name of ['complete', 'rollBack'] as const)
    expect(await run.refusalOf(name)).toMatch(/while awaiting-approval: wait for the phase observing/);
});

describe('a rehearsal', () => {
  test('does all but the switch, undoes it, and the migration waits as before', async () => {
    const run = await waiting();
    const compared = run.asked('verifyMigration').length;
    await run.request('rehearse', { by: 'ann', within: '20s' });
    await run.until('it is over', async () => (await run.progress()).rehearsals?.length === 1);
    await run.reaches('awaiting-approval');
    expect(steps(run)).toEqual([
      'prepareFence',
      'fenceSource',
      'drainFenced',
      'verifyBehindFence',
      'undoFence',
    ]);
    const { rehearsals, approval, attention } = await run.progress();
    expect(rehearsals).toMatchObject([{ by: 'ann', outageSeconds: expect.any(Number), failure: null }]);
    expect({ approval, attention }).toEqual({ approval: null, attention: null });
    // nothing of it makes another comparison necessary
    expect(run.asked('verifyMigration')).toHaveLength(compared);
    expect((await run.report()).rehearsals).toEqual(rehearsals);
  });

  test('may be repeated, and the cutover comes after it', async () => {
    const run = await waiting({ input: { ...fenced, observeFor: '0s' } });
    for (let n = 1; n <= 2; n++) {
      await run.request('rehearse');
      await run.until('it is over', async () => (await run.progress()).rehearsals?.length === n);
      await run.reaches('awaiting-approval');
    }
    expect(await run.page()).toContain('(2 rehearsals)');
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.asked('switchOver')).toHaveLength(1);
  });

  test('says why a cutover would fail', async () => {
    const run = await waiting({
      activities: { verifyBehindFence: async () => different({ depth: 'changes' }) },
    });
    await run.request('rehearse');
    await run.until('it is over', async () => (await run.progress()).rehearsals?.length === 1);
    await run.reaches('awaiting-approval');
    expect(run.asked('undoFence')).toHaveLength(1);
    expect((await run.progress()).rehearsals?.[0]?.failure).toContain('1 difference');
  });

  test('is broken off when it takes too long', async () => {
    const working = hold('drainFenced');
    const run = await waiting({ holds: [working] });
    await run.request('rehearse', { by: 'ann', within: '2s' });
    await run.until('it is over', async () => (await run.progress()).rehearsals?.length === 1);
    expect((await run.progress()).rehearsals?.[0]?.failure).toContain('the downtime budget of 2s was over');
    expect(run.asked('undoFence')).toHaveLength(1);
  });

  test('is refused where people have to stop the writers', async () => {
    const run = await waiting({ input: migration });
    expect(await run.refusalOf('rehearse')).toContain('"freeze": "fence"');
  });
});

describe('the time after the switch', () => {
  test('ends by itself, and the source stays closed', async () => {
    const run = await observing();
    expect(run.asked('flowBack')).toMatchObject([
      { until: 'canceled', storages: [{ database: 'sharded$0', lastEtag: 50 }] },
    ]);
    await skip('23h');
    expect((await run.progress()).phase).toBe('observing');
    expect(await skipping(() => run.result())).toMatchObject({ phase: 'completed' });
    expect(run.asked('endFence')).toMatchObject([{ opens: false }]);
    // the index that keeps the tombstones of the target
    expect(run.asked('releaseTombstones')).toMatchObject([{ database: 'sharded' }]);
  });

  test('ends when somebody completes it', async () => {
    const run = await observing();
    await run.request('complete', { by: 'ann', note: 'all is well' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left).toMatchObject({ completion: { by: 'ann', note: 'all is well' } });
  });

  test('goes on where it stood when something fails in between', async () => {
    const at = (lastEtag: number): Outcome<'flowBack'> => ({
      storages: [
        { connection: 'here', database: 'sharded$0', databaseId: 'SHARD0', lastEtag, comparedEtag: lastEtag },
      ],
      differing: [],
      differences: [],
    });
    let calls = 0;
    const run = await observing({
      activities: {
        flowBack: async () => {
          if (++calls > 2) throw ApplicationFailure.create({ message: 'later', nextRetryDelay: '300 days' });
          return at(50 + calls);
        },
      },
    });
    await run.until('it was called again', async () => run.asked('flowBack').length > 2);
    expect(run.asked('flowBack').map(({ storages }) => storages[0]?.lastEtag)).toEqual([50, 51, 52]);
    await run.request('complete');
    await run.result();
  });

  test('says when nothing can flow back any more, and then nothing can be rolled back', async () => {
    const run = await observing({ activities: { flowBack: fails('It was restored.', 'SourceChanged') } });
    await run.until('it says so', async () => (await run.attention())?.includes('restored') ?? false);
    await run.request('rollBack');
    await run.until('it is undone', async () => (await run.attention())?.includes('undone') ?? false);
    expect(run.asked('prepareRollBack')).toEqual([]);
    await run.request('complete');
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });

  test('is rolled back: the target is fenced, the rest flows back, the source opens', async () => {
    const run = await observing();
    await run.request('rollBack', { by: 'ann', note: 'too slow' });
    expect(await run.failure()).toEqual({
      type: 'CutoverRolledBack',
      message: expect.stringMatching(
        /^The cutover was rolled back by ann: too slow\. .* serves again\. .* is closed/,
      ),
    });
    const after = steps(run);
    expect(after.slice(after.indexOf('prepareRollBack'))).toEqual([
      'prepareRollBack',
      'fenceSource',
      'drainBack',
      'switchBack',
      'finishRollBack',
      'releaseTombstones',
      'endRollBack',
    ]);
    // the one around the source is down by then
    expect(run.asked('endFence')).toEqual([]);
    expect(run.asked('releaseTombstones')).toMatchObject([{ database: 'shop' }]);
    expect(run.left).toMatchObject({ phase: 'rolled-back', rollBack: { by: 'ann', note: 'too slow' } });
  });

  test.each(['prepareRollBack', 'fenceSource', 'drainBack', 'switchBack'] as const)(
    'serves on when %s fails in a roll-back, and something flows back again',
    async (name) => {
      const activities = { [name]: fails('It is refused.', 'Refused') };
      // the cutover itself is not to fail
      let isBack = false;
      const healthyFirst =
        name === 'fenceSource'
          ? { fenceSource: async () => (isBack ? await fails('It is refused.', 'Refused')() : 100) }
          : activities;
      const run = await observing({ activities: healthyFirst });
      isBack = true;
      await run.request('rollBack');
      await run.until('it says so', async () => (await run.attention())?.includes('It is refused') ?? false);
      await run.reaches('observing');
      expect(run.asked('undoFence')).toHaveLength(name === 'prepareRollBack' ? 0 : 1);
      expect(run.asked('finishRollBack')).toEqual([]);
      await run.until('it flows', async () => run.asked('flowBack').length > 1);
      await run.request('complete');
      expect(await run.result()).toMatchObject({ phase: 'completed' });
      expect(run.asked('removeCarrier')).toHaveLength(1);
    },
  );

  test('is not rolled back while something differs', async () => {
    const run = await observing({
      activities: {
        drainBack: async ({ storages, differing }) => ({
          storages,
          differing,
          differences: [{ kind: 'document', id: 'items/1', what: 'is missing on the target' }],
        }),
      },
    });
    await run.request('rollBack');
    await run.until('it says so', async () => (await run.attention())?.includes('items/1') ?? false);
    expect(run.asked('switchBack')).toEqual([]);
    await run.reaches('observing');
    await run.request('complete');
    await run.result();
  });

  test('is rolled back without what RavenDB refuses on the old side, once somebody has decided so', async () => {
    const run = await observing();
    const item = { kind: 'time series', id: 'runs/1' } as const;
    await run.handle.signal(transferReport, { refused: [{ ...item, reason: 'It is not for me.' }] });
    await run.until('it says so', async () => (await run.attention())?.includes('"runs/1"') ?? false);
    expect(await run.attention()).toContain('Everything else flows back');
    expect(await run.attention()).toContain('corrected on the target flows back');
    await run.request('skip', { by: 'ann' });
    await run.until('it flows without it', async () => run.asked('flowBack').length === 2);
    expect(run.asked('flowBack').map(({ skipped }) => skipped)).toEqual([undefined, [item]]);
    expect(await run.attention()).toBeNull();
    await run.request('rollBack');
    expect((await run.failure()).type).toBe('CutoverRolledBack');
    expect(run.asked('drainBack')).toMatchObject([{ skipped: [item] }]);
    expect(run.left.refused).toMatchObject([{ ...item, skipped: { by: 'ann' } }]);
  });

  test('is rolled back to its end where it is too late to undo that', async () => {
    const run = await observing({
      activities: { switchBack: fails('The answer is lost.', 'Lost'), undoFence: async () => false },
    });
    await run.request('rollBack');
    expect((await run.failure()).type).toBe('CutoverRolledBack');
    expect(run.asked('finishRollBack')).toHaveLength(1);
  });

  test.each(['complete', 'rollBack'] as const)(
    'that there will not be is told to %s before the cutover',
    async (name) => {
      const run = await waiting({ input: { ...fenced, sourceAfterCutover: 'open' } });
      expect(await run.refusalOf(name)).toContain('has no way back');
    },
  );
});
