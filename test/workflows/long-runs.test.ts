/** Runs that are long: each goes on as a new one before its history is, and nobody notices. */
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import { parseMigrateDatabase } from '../../src/core/contract/contract.ts';
import type { PieceKind } from '../../src/core/copy/pieces.ts';
import { transferReport } from '../../src/core/run/activity-report.ts';
import { historiesOf } from '../support/histories.ts';
import { different, equal, healthy, POSITION } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { inputOf, migration } from './support/inputs.ts';
import { comparesAgain, expectShortRuns, obeysAtEachMoment, waitsForApproval } from './support/long-runs.ts';
import { migrationIn } from './support/migration.ts';
import { type Run, start } from './support/run.ts';
import { tuning } from './support/tuning.ts';

/** This server loses a signal that meets a run as it goes on in a new one. */
const LOST_AFTER_MS = 1_000;

/** Reports of an activity, as they come while it works. */
async function report(run: Run, count: number, from = 0): Promise<void> {
  const send = (n: number) =>
    run.handle.signal(transferReport, { position: { ...POSITION, etag: 100 + n }, lag: n });
  for (let n = from; n < from + count; n++) await send(n);
  let sentAt = Date.now();
  await run.until('all has arrived', async () => {
    if ((await run.progress()).lag?.etags === from + count - 1) return true;
    if (Date.now() - sentAt > LOST_AFTER_MS) {
      await send(from + count - 1);
      sentAt = Date.now();
    }
    return false;
  });
}

/** The same, of which few come while the run waits for its activity to stop, before it goes on as a new one. */
async function reportInTurn(run: Run, count: number, from = 0): Promise<void> {
  for (let n = from; n < from + count; n += 10) await report(run, 10, n);
}

/** Follows the source until it is canceled, and hands back where it stands. */
const following = (etag: number) =>
  hold('catchUp', {
    when: ({ until }) => until === 'canceled',
    does: healthy.catchUp,
    canceled: () => ({ ...POSITION, etag }),
  });

describe('a migration that waits for long', () => {
  test('goes on in new runs, with all that it knows', async () => {
    const run = await start('migrateDatabase', migration, { holds: [following(900)] });
    await run.reaches('awaiting-approval');
    const { startedAt, timings } = await run.report();
    await reportInTurn(run, 180);
    await run.signal('throttle', { by: 'ann', maxItemsPerSecond: 5 });
    await reportInTurn(run, 180, 180);
    await run.until('the refusal shows', async () => (await run.progress()).lastRefusal !== null);
    await run.request('approveCutover', { by: 'ann', note: 'now' });
    expect(await run.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    await expectShortRuns(run, 1);
    expect(run.calls.filter((name) => ['plan', 'claimTarget', 'planCopy'].includes(name))).toHaveLength(3);
    expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
    const { until, from } = run.asked('catchUp').at(-1) ?? {};
    expect([until, from?.etag]).toEqual(['equal', 900]);
    expect(run.left).toMatchObject({ startedAt, approval: { by: 'ann', note: 'now' } });
    expect(run.left.timings.slice(0, timings.length - 1)).toEqual(timings.slice(0, -1));
    // the chart of the report is that of all the runs
    const lag = run.left.series?.lag ?? [];
    expect(lag.length).toBeLessThanOrEqual(120);
    expect(lag[0]?.lag).toBe(0);
    // it leaves out points of those that come at once
    expect(lag.at(-1)?.lag).toBeGreaterThan(350);
    const released = run.asked('releaseTarget').map(({ firstRunId }) => firstRunId);
    expect(released).toEqual(run.asked('claimTarget').map(({ firstRunId }) => firstRunId));
  });

  test('stays paused in them, and obeys every request that was sent meanwhile', async () => {
    const run = await start('migrateDatabase', migration, { holds: [following(900)] });
    await run.reaches('awaiting-approval');
    for (let n = 0; n < 60; n++) {
      await run.signal('pause', { by: `pauser ${n}` });
      await run.signal('resume', { by: `resumer ${n}` });
    }
    await run.signal('pause', { by: 'the last' });
    await report(run, 150);
    expect(await run.progress()).toMatchObject({ phase: 'awaiting-approval', paused: true });
    const { notes, omitted } = await run.report();
    const requests = notes.filter(({ text }) => /^(Paused|Resumed) by/.test(text)).length;
    expect(requests + (omitted?.notes ?? 0)).toBe(121);
    await run.signal('resume', { by: 'ann' });
    await run.signal('approveCutover', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    await expectShortRuns(run, 1);
  });

  comparesAgain('10 days', { comparisons: 30, runs: 1 });
  waitsForApproval(3, { runs: 2, reports: 72 });
  obeysAtEachMoment([-2]);

  test('is aborted and canceled in a later run as in the first', async () => {
    const { run } = await migrationIn('awaiting-approval');
    await report(run, 150);
    await run.until('it goes on in another', async () => (await historiesOf(run.handle)).length > 1);
    await run.request('abort', { by: 'ann' });
    expect((await run.failure()).type).toBe('Aborted');
    expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
  });
});

const PIECES = 120;

/** A copy in many pieces. */
const inPieces: Pick<Activities, 'planCopy' | 'copyPiece'> = {
  planCopy: async () => {
    const kinds: PieceKind[] = ['Documents', 'CounterGroups'];
    const stages = kinds.map((kind) =>
      Array.from({ length: PIECES / 2 }, (_, n) => ({ kind, from: n, before: n + 1 })),
    );
    return { stages, totalItems: PIECES };
  },
  copyPiece: async ({ piece }) => ({ done: true, progress: { next: piece.before, items: 1, bytes: 100 } }),
};

const PARTS = 160;

/** A comparison in many parts. */
const inParts: Pick<Activities, 'planComparison'> = {
  planComparison: async (asked) => {
    const plan = await healthy.planComparison(asked);
    const [reading] = plan.readings;
    if (!reading) throw new Error('nothing to read');
    const { storage, piece } = reading;
    const parts = Array.from({ length: PARTS }, (_, n) => ({
      storage,
      piece: { ...piece, from: n, before: n + 1 },
    }));
    return { ...plan, readings: parts };
  },
};

describe('a copy of many pieces', () => {
  test('goes on in new runs, and copies each piece once', async () => {
    const run = await start('migrateDatabase', migration, { activities: inPieces });
    let most = 0;
    await run.until('it is copied', async () => {
      const { phase, transferred } = await run.progress();
      if (phase === 'copying') {
        expect(transferred?.items ?? 0).toBeGreaterThanOrEqual(most);
        most = transferred?.items ?? 0;
      }
      return phase === 'awaiting-approval';
    });
    await expectShortRuns(run, 1);
    const copied = run.asked('copyPiece').map(({ piece }) => `${piece.kind} ${piece.from}`);
    expect(new Set(copied).size).toBe(PIECES);
    // what a run has at work when it ends may be told to stop before it begins
    expect(copied.length).toBeLessThanOrEqual(PIECES + 4 * tuning.piecesAtOnce);
    expect(run.asked('planCopy')).toHaveLength(1);
    await run.request('approveCutover', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });
});

describe('a comparison of many parts', () => {
  test('goes on in new runs, and adds up what all of them have read', async () => {
    const run = await start('migrateDatabase', migration, { activities: inParts });
    await run.reaches('awaiting-approval');
    await expectShortRuns(run, 1);
    const [verified] = run.asked('verifyMigration');
    expect(verified?.compared.documents.source).toBe(3 * PARTS);
    expect(run.asked('planComparison')).toHaveLength(1);
  });
});

describe('a cutover', () => {
  test('begins in a run with room for it, and is not interrupted by a long history', async () => {
    const waiting = await start('migrateDatabase', migration);
    await waiting.reaches('awaiting-approval');
    await report(waiting, tuning.continueAfterEvents / 2);
    await waiting.request('approveCutover');
    expect(await waiting.result()).toMatchObject({ phase: 'completed' });
    const [before, after] = await historiesOf(waiting.handle);
    expect(before?.length).toBeGreaterThan(tuning.continueAfterEvents / 2);
    expect(after?.length).toBeLessThan(tuning.continueAfterEvents / 2);
    expect(waiting.calls.filter((name) => name === 'proveQuiet' || name === 'verifyMigration')).toEqual([
      ...['verifyMigration', 'proveQuiet', 'verifyMigration'],
    ]);
  });

  test('is not interrupted by a long history', async () => {
    const { run, release } = await migrationIn('freezing');
    await report(run, 300);
    expect((await run.progress()).phase).toBe('freezing');
    release();
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect((await historiesOf(run.handle)).length).toBeLessThanOrEqual(2);
    expect(run.asked('proveQuiet')).toHaveLength(1);
  });
});

test('what a run hands on leaves its input as it was typed', async () => {
  const run = await start('migrateDatabase', migration, { holds: [following(900)] });
  await run.reaches('awaiting-approval');
  await report(run, 150);
  await run.until('it goes on in another', async () => (await historiesOf(run.handle)).length > 1);
  const parsed = parseMigrateDatabase(migration);
  expect((await run.report()).input).toEqual(parsed.ok && parsed.value);
  await run.request('abort', { by: 'ann' });
  await run.failure();
});

test('a repeated copy goes on in new runs, and leaves everything to the next one as it should', async () => {
  const run = await start('syncDatabase', migration, { activities: { ...inPieces, ...inParts } });
  expect(await run.result()).toMatchObject({ phase: 'completed', carried: 'everything', position: POSITION });
  await expectShortRuns(run, 2);
  const once: (typeof run.calls)[number][] = [
    'readLastSync',
    'plan',
    'claimTarget',
    'planCopy',
    'planComparison',
  ];
  expect(run.calls.filter((name) => once.includes(name))).toEqual(once);
  const copied = run.asked('copyPiece').map(({ piece }) => `${piece.kind} ${piece.from}`);
  expect(new Set(copied).size).toBe(PIECES);
  expect(run.asked('recordSync').map(({ from }) => from)).toEqual([null, POSITION]);
  expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
});

test('a comparison that awaits a repair goes on in new runs, and repairs what the first has found', async () => {
  let comparisons = 0;
  const run = await start(
    'verifyDatabases',
    { ...(inputOf.verifyDatabases as object), repair: 'ask' },
    {
      activities: {
        ...inParts,
        compareDatabases: async () => (comparisons++ === 0 ? different() : equal()),
      },
    },
  );
  await run.reaches('awaiting-repair');
  for (let n = 0; n < 60; n++) {
    await run.signal('pause', { by: 'ann' });
    await run.signal('resume', { by: 'ann' });
  }
  await run.request('repair', { by: 'ann' });
  expect(await run.result()).toMatchObject({ phase: 'completed', equal: true });
  await expectShortRuns(run, 2);
  expect(run.asked('repairItems')).toMatchObject([{ items: different().differences }]);
  expect(run.asked('planComparison')).toHaveLength(2);
  expect(run.asked('compareDatabases').map(({ compared }) => compared.documents.source)).toEqual([
    3 * PARTS,
    3 * PARTS,
  ]);
});
