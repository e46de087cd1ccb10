/** From the freeze to the end: what undoes the freeze, what is compared last, and how long the downtime was. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import { skip } from './support/clock.ts';
import { fails, failsFor, first, isAway } from './support/failing.ts';
import { different, equal, healthy, STORAGES, type Verification } from './support/healthy.ts';
import { migration } from './support/inputs.ts';
import { finds, migrationIn } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

/** A migration whose cutover was approved, and undone. */
async function undone(activities: Partial<Activities>, input: unknown = migration): Promise<Run> {
  const run = await start('migrateDatabase', input, { activities });
  await run.reaches('awaiting-approval');
  await run.request('approveCutover');
  await run.until('the freeze is undone', async () => /was undone/.test((await run.attention()) ?? ''));
  return run;
}

/** The final comparison finds something; those before and after it do not. */
function findsFinally(found: Verification): Partial<Activities> {
  return { verifyMigration: finds(equal(), found, equal()) };
}

const reasons: [string, () => Partial<Activities>, RegExp][] = [
  [
    'a difference',
    () => findsFinally(different()),
    /final verification found 1 difference.*"items\/7": is missing/,
  ],
  ['a document that lags', () => findsFinally(equal({ lagging: 1 })), /final verification found .*1 changed/],
  [
    'items that could not be judged',
    () => findsFinally(equal({ itemsCompared: false })),
    /final verification found/,
  ],
  [
    'a source that is written to',
    () => ({ proveQuiet: first(1, fails('It is still being written to.'), healthy.proveQuiet) }),
    /still being written to/,
  ],
  [
    'a source that has changed since the freeze',
    () => ({ assertSourceUnchanged: first(1, fails('It has changed.'), healthy.assertSourceUnchanged) }),
    /It has changed/,
  ],
  [
    'settings that the target refuses',
    () => ({ copySettings: first(1, fails('Refresh is refused.'), healthy.copySettings) }),
    /Refresh is refused/,
  ],
  [
    'a source that is another storage now',
    () => ({ catchUp: onceWhile('equal', fails('The source is another storage now.', 'SourceChanged')) }),
    /another storage now/,
  ],
];

/** Carries as a healthy round does, but not the first one of a kind. */
function onceWhile(kind: string, instead: () => Promise<never>): Activities['catchUp'] {
  let done = false;
  return (asked) => {
    if (asked.until !== kind || done) return healthy.catchUp(asked);
    done = true;
    return instead();
  };
}

describe('the freeze is undone', () => {
  test.each(reasons)('for %s, and the reason is told', async (_what, activities, reason) => {
    const run = await undone(activities());
    await run.reaches('awaiting-approval');
    expect(await run.attention()).toMatch(/freeze was undone and the source serves as before: /);
    expect(await run.attention()).toMatch(reason);
    expect(await run.notes()).toContain(await run.attention());
  });

  test.each(reasons)('for %s, and the approval counts no longer', async (_what, activities) => {
    const run = await undone(activities());
    const { approval, phase } = await run.reaches('awaiting-approval');
    expect({ approval, phase }).toEqual({ approval: null, phase: 'awaiting-approval' });
    // all is brought in step and compared again first
    const again = run.calls.slice(run.calls.lastIndexOf('proveQuiet'));
    expect(again).toEqual(
      expect.arrayContaining(['catchUp', 'planComparison', 'readPart', 'verifyMigration']),
    );
  });

  test.each(reasons)('for %s, and another approval completes', async (_what, activities) => {
    const run = await undone(activities());
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  });

  test('with nothing taken away that the next cutover needs', async () => {
    const run = await undone(findsFinally(different()));
    await run.reaches('awaiting-approval');
    expect(run.asked('releaseTombstones')).toEqual([]);
    expect(run.asked('releaseTarget')).toEqual([]);
  });

  const slow: [string, string, () => Partial<Activities>][] = [
    ['the proof of quiet', 'freezing', () => ({ proveQuiet: () => isAway() })],
    ['the last round', 'draining', () => ({ catchUp: onceWhile('equal', isAway) })],
    [
      'the last comparison',
      'final-verifying',
      () => ({
        verifyMigration: first(1, healthy.verifyMigration, first(1, isAway, healthy.verifyMigration)),
      }),
    ],
    ['the settings', 'final-verifying', () => ({ copySettings: () => isAway() })],
    ['the last look at the source', 'final-verifying', () => ({ assertSourceUnchanged: () => isAway() })],
  ];

  test.each(slow)('when the downtime budget is over during %s', async (_what, phase, activities) => {
    const run = await start(
      'migrateDatabase',
      { ...migration, downtimeBudget: '20m' },
      { activities: activities() },
    );
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    await run.reaches(phase);
    await skip('19m');
    expect((await run.progress()).phase).toBe(phase);
    await skip('2m');
    await run.reaches('awaiting-approval');
    expect(await run.attention()).toContain(`the downtime budget of 20m was over while ${phase}`);
    expect((await run.progress()).approval).toBeNull();
  });
});

describe('a cancellation by Temporal', () => {
  test.each(['freezing', 'draining', 'final-verifying'] as const)(
    'while %s undoes the freeze',
    async (phase) => {
      const { run } = await migrationIn(phase);
      await run.handle.cancel();
      await run.ends('CANCELLED');
      expect(run.left).toMatchObject({ phase: 'canceled', approval: null });
      expect(run.left.notes.at(-1)?.text).toMatch(/freeze was undone.*was canceled/);
      expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
    },
  );
});

describe('the last comparison', () => {
  /** What was asked for from the freeze on. */
  async function compared(finalVerification: string, activities: Partial<Activities> = {}) {
    const input = { ...migration, finalVerification, maxItemsPerSecond: 5 };
    const run = await start('migrateDatabase', input, { activities });
    await run.until('it waits', async () => {
      const waits = (await run.progress()).phase === 'awaiting-approval';
      if (!waits) await skip('10s');
      return waits;
    });
    await run.request('approveCutover');
    await run.result();
    return { run, calls: run.calls.slice(run.calls.indexOf('proveQuiet')) };
  }

  test('"full" is of all', async () => {
    const { calls } = await compared('full');
    expect(calls).toContain('verifyMigration');
    expect(calls).not.toContain('verifyChanges');
  });

  test('"full" reports nothing part by part: its run must hold all of it', async () => {
    const { run } = await compared('full');
    expect(run.asked('readPart').map(({ isSilent }) => isSilent)).toEqual([undefined, true]);
  });

  test('"full" heeds no limit of speed: an application waits', async () => {
    const { run } = await compared('full');
    expect(run.asked('readPart').map(({ maxItemsPerSecond }) => maxItemsPerSecond)).toEqual([5, null]);
  });

  test('"changes" is of what has changed since all was compared', async () => {
    const { run, calls } = await compared('changes');
    expect(calls).not.toContain('verifyMigration');
    const [asked] = run.asked('verifyChanges');
    expect(asked?.storages).toEqual(STORAGES);
    const [planned = 0] = run.times('planComparison');
    expect(Date.parse(asked?.since ?? '')).toBeLessThanOrEqual(planned);
    expect(Date.parse(asked?.since ?? '')).toBeGreaterThan(planned - 5_000);
  });

  test('"changes" is of all where the changes do not tell', async () => {
    const { calls } = await compared('changes', { verifyChanges: async () => undefined });
    expect(calls).toEqual(expect.arrayContaining(['verifyChanges', 'planComparison', 'verifyMigration']));
  });

  test('"changes" that finds a difference undoes the freeze', async () => {
    const found = { verification: different({ depth: 'changes' }) };
    const run = await undone(
      { verifyChanges: async ({ from }) => ({ ...found, position: from }) },
      { ...migration, finalVerification: 'changes' },
    );
    await run.reaches('awaiting-approval');
    expect(await run.attention()).toMatch(/final verification found 1 difference/);
  });

  test.each([
    { seconds: 20, which: 'verifyMigration' },
    { seconds: 40, which: 'verifyChanges' },
  ] as const)('"auto" is $which where all takes about $seconds s', async ({ seconds, which }) => {
    const { calls } = await compared('auto', {
      planComparison: first(1, () => failsFor(`${seconds}s`), healthy.planComparison),
    });
    const both = ['verifyMigration', 'verifyChanges'] as const;
    expect(both.filter((name) => calls.includes(name))).toEqual([which]);
  });
});

describe('the downtime', () => {
  test('counts from the freeze of the cutover that succeeded', async () => {
    const run = await undone(findsFinally(different()));
    await run.reaches('awaiting-approval');
    await skip('1 day');
    await run.request('approveCutover');
    const { downtimeSeconds } = await run.result<{ downtimeSeconds: number }>();
    expect(downtimeSeconds).toBeLessThan(60);
    expect(run.left.downtimeSeconds).toBe(downtimeSeconds);
  });

  test('holds what the cutover had to wait for', async () => {
    const run = await start('migrateDatabase', migration, {
      activities: { proveQuiet: first(1, () => failsFor('90s'), healthy.proveQuiet) },
    });
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    await run.calledFor('proveQuiet');
    await skip('100s');
    const { downtimeSeconds } = await run.result<{ downtimeSeconds: number }>();
    expect(downtimeSeconds).toBeGreaterThan(89);
  });
});
