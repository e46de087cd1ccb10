/** How a migration ends, what it tidies up, and what it says of what is left. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { MigrationPhase } from '../../src/core/contract/phases.ts';
import { skip, skipping } from './support/clock.ts';
import { fails, failsFor, first } from './support/failing.ts';
import { type ActivityName, healthy } from './support/healthy.ts';
import { migration } from './support/inputs.ts';
import { migrationIn } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

const TIDYING = ['releaseTombstones', 'releaseTarget'] as const;

/** What of the source and the target was given back. */
function tidied(run: Run): ActivityName[] {
  return run.calls.filter((name) => TIDYING.some((each) => each === name));
}

/** Approves a migration once it waits, and gives it back. */
async function approved(activities: Partial<Activities>): Promise<Run> {
  const run = await start('migrateDatabase', migration, { activities });
  await run.reaches('awaiting-approval');
  await run.request('approveCutover');
  return run;
}

describe('a plan', () => {
  const blockers = [
    { name: 'target', status: 'blocker', message: 'The target is not sharded.' },
    { name: 'license', status: 'blocker', message: 'The license ends today.' },
  ] as const;

  test('with blockers ends the migration before anything is changed, and names them all', async () => {
    const run = await start('migrateDatabase', migration, {
      activities: { plan: async () => ({ checks: [...blockers], notCarried: [], targetExists: true }) },
    });
    const { type, message } = await run.failure();
    expect(type).toBe('PlanBlocked');
    expect(message).toBe(
      'The target is not sharded. The license ends today. Nothing was changed on source or target.',
    );
    expect(run.calls).toEqual(['plan', 'writeReport']);
    expect(run.left).toMatchObject({ phase: 'failed', checks: blockers });
  });

  test('with warnings notes them, and goes on', async () => {
    const warning = { name: 'disk', status: 'warning', message: 'It is nearly full.' } as const;
    const run = await start('migrateDatabase', migration, {
      activities: {
        plan: async () => ({ checks: [warning], notCarried: ['ETL is not carried.'], targetExists: true }),
      },
    });
    await run.reaches('awaiting-approval');
    expect(await run.notes()).toContain('disk: It is nearly full.');
    expect(await run.report()).toMatchObject({ checks: [warning], notCarried: ['ETL is not carried.'] });
  });

  test('of a server that cannot be reached is tried for about a minute', async () => {
    const refused = () => Promise.reject(new Error('connection refused'));
    const run = await start('migrateDatabase', migration, { activities: { plan: refused } });
    const { message } = await skipping(() => run.failure());
    expect(message).toContain('connection refused');
    const times = run.times('plan');
    expect(times).toHaveLength(15);
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThan(90);
  });
});

describe('what fails for good', () => {
  /** What fails, and what has to be given back then. */
  const failing: [ActivityName, MigrationPhase, ActivityName[]][] = [
    ['plan', 'planning', []],
    ['createTarget', 'preparing', []],
    ['claimTarget', 'preparing', ['releaseTarget']],
    ['prepareTarget', 'preparing', ['releaseTarget']],
    ['holdTombstones', 'preparing', [...TIDYING]],
    ['readPosition', 'preparing', [...TIDYING]],
    ['planCopy', 'copying', [...TIDYING]],
    ['copyPiece', 'copying', [...TIDYING]],
    ['copyClusterItems', 'copying', [...TIDYING]],
    ['copyIndexes', 'copying', [...TIDYING]],
    ['catchUp', 'catching-up', [...TIDYING]],
    ['planComparison', 'verifying', [...TIDYING]],
    ['readPart', 'verifying', [...TIDYING]],
    ['verifyMigration', 'verifying', [...TIDYING]],
  ];

  test.each(failing)('%s, ends the migration as failed, with the reason', async (name, phase) => {
    const run = await start('migrateDatabase', migration, {
      activities: { [name]: fails('The disk is full.', 'DiskFull') },
    });
    const { type, message } = await run.failure();
    expect(type).toBe('DiskFull');
    expect(message).toMatch(/^The disk is full\. /);
    expect(run.left).toMatchObject({ phase: 'failed', failure: message });
    expect(run.left.timings.at(-1)?.phase).toBe(phase);
  });

  test.each(failing)(
    '%s, leaves nothing on the source and no claim on the target',
    async (name, _phase, back) => {
      const run = await start('migrateDatabase', migration, {
        activities: { [name]: fails('The disk is full.') },
      });
      const { message } = await run.failure();
      expect(tidied(run)).toEqual(back);
      expect(message).toMatch(
        name === 'plan'
          ? /Nothing was changed on source or target/
          : /"sharded" is an unfinished copy: delete it/,
      );
    },
  );

  test.each([
    ['that another run holds', 'TargetBusy'],
    ['on what another run has filled', 'TargetNotEmpty'],
  ])('a claim %s, says that nothing was changed', async (_what, type) => {
    const run = await start('migrateDatabase', migration, {
      activities: { claimTarget: fails('Another run was faster.', type) },
    });
    expect(await run.failure()).toEqual({
      type,
      message: 'Another run was faster. Nothing was changed on source or target.',
    });
  });

  test.each([
    ['an empty target', {}, undefined, true],
    ['a target with other documents', { allowExistingData: true }, undefined, false],
    ['what an earlier run has left', {}, true, false],
  ])('a plan on %s claims it so', async (_what, more, resumes, mustBeEmpty) => {
    const run = await start(
      'migrateDatabase',
      { ...migration, target: { ...migration.target, ...more } },
      {
        activities: {
          plan: async (input) => ({ ...(await healthy.plan(input)), ...(resumes && { resumes }) }),
        },
      },
    );
    await run.reaches('awaiting-approval');
    expect(run.asked('claimTarget')).toMatchObject([{ mustBeEmpty }]);
  });
});

describe('what fails for a while', () => {
  test.each(['copyPiece', 'catchUp', 'verifyMigration', 'releaseTombstones'] as const)(
    '%s, is tried until it succeeds, however long that takes',
    async (name) => {
      const { [name]: activity } = healthy as unknown as Record<string, (asked: unknown) => Promise<unknown>>;
      const again = first(3, () => failsFor('1 day'), activity as (asked: unknown) => Promise<unknown>);
      const run = await start('migrateDatabase', migration, { activities: { [name]: again } });
      if (name !== 'releaseTombstones') await skip('4 days');
      await run.reaches('awaiting-approval');
      await run.request('approveCutover');
      expect(await skipping(() => run.result())).toMatchObject({ phase: 'completed' });
    },
  );
});

describe('the death of a worker', () => {
  test('is noticed within 20 seconds, whatever it was at', async () => {
    const run = await approved({});
    await run.result();
    const { events } = await run.handle.fetchHistory();
    const scheduled = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: each }) => each ?? []);
    expect(scheduled).toHaveLength(run.calls.length);
    expect(new Set(scheduled.map(({ heartbeatTimeout }) => Number(heartbeatTimeout?.seconds)))).toEqual(
      new Set([20]),
    );
  });
});

describe('a cancellation by Temporal', () => {
  const phases: MigrationPhase[] = [
    'planning',
    'preparing',
    'copying',
    'catching-up',
    'verifying',
    'awaiting-approval',
  ];

  test.each(phases)('while %s ends the migration as canceled, and tidies up', async (phase) => {
    const { run } = await migrationIn(phase);
    await run.handle.cancel();
    await run.ends('CANCELLED');
    expect(run.left).toMatchObject({
      phase: 'canceled',
      failure: expect.stringContaining('The migration was canceled.'),
    });
    expect(tidied(run)).toEqual(phase === 'planning' || phase === 'preparing' ? [] : TIDYING);
  });

  test('while paused does the same', async () => {
    const { run } = await migrationIn('copying');
    await run.request('pause');
    await run.handle.cancel();
    await run.ends('CANCELLED');
    expect(tidied(run)).toEqual(TIDYING);
  });

  test('once the cutover is done changes nothing', async () => {
    const { run, release } = await migrationIn('completing');
    await run.handle.cancel();
    release();
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(tidied(run)).toEqual(TIDYING);
  });
});

describe('tidying up that fails', () => {
  const left: Record<(typeof TIDYING)[number], RegExp> = {
    releaseTombstones: /keeps the tombstones is still on the source: The server refuses\./,
    releaseTarget: /target is still claimed by this run: The server refuses\./,
  };

  test.each(TIDYING)('%s, does not fail a cutover that is done, and says what is left', async (name) => {
    const run = await approved({ [name]: fails('The server refuses.') });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left.notes.map(({ text }) => text)).toContainEqual(expect.stringMatching(left[name]));
    expect(run.left.attention).toMatch(left[name]);
    // the others are done all the same
    expect(tidied(run)).toEqual(TIDYING);
  });

  test.each(TIDYING)('%s, becomes part of the reason of a migration that failed', async (name) => {
    const run = await start('migrateDatabase', migration, {
      activities: {
        copyIndexes: fails('The disk is full.', 'DiskFull'),
        [name]: fails('The server refuses.'),
      },
    });
    const { type, message } = await run.failure();
    expect(type).toBe('DiskFull');
    expect(message).toMatch(/^The disk is full\./);
    expect(message).toMatch(left[name]);
  });

  test.each(TIDYING)('%s, is given up after a day', async (name) => {
    const run = await approved({ [name]: () => failsFor('5 hours') });
    await run.calledFor(name);
    const [begun = 0] = run.times(name);
    await skipping(() => run.result());
    expect(run.left.phase).toBe('completed');
    const hours = (Date.parse(run.left.endedAt ?? '') - begun) / 3_600_000;
    expect(hours).toBeGreaterThan(19);
    expect(hours).toBeLessThan(25);
  });

  test('a report that cannot be written is no reason to fail: the query has it', async () => {
    const run = await approved({ writeReport: fails('The disk is full.') });
    expect(await run.result()).toMatchObject({ phase: 'completed', reportPath: null });
    expect(await run.report()).toMatchObject({
      phase: 'completed',
      attention: expect.stringMatching(/report could not be written.*The disk is full/),
    });
  });

  test('a report that cannot be written hides no other reason', async () => {
    const run = await start('migrateDatabase', migration, {
      activities: {
        copyIndexes: fails('It is refused.', 'Refused'),
        writeReport: fails('The disk is full.'),
      },
    });
    expect(await run.failure()).toMatchObject({ type: 'Refused' });
  });
});

describe('a run that has ended', () => {
  test('answers queries, and no request', async () => {
    const run = await approved({});
    await run.result();
    expect(await run.progress()).toMatchObject({ phase: 'completed', waitingFor: null, paused: false });
    await expect(run.request('abort')).rejects.toThrow();
  });

  test('still serves while a server that it only needs to tidy up is away', async () => {
    // a server that is away for longer than its tidying is tried for is given up at once
    const run = await approved({ releaseTombstones: () => failsFor('5 hours') });
    await run.calledFor('releaseTombstones');
    expect((await run.progress()).phase).toBe('completing');
    await skipping(() => run.result());
  });
});
