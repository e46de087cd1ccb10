/** Runs that go on as new ones: what they must hold, and such that take any time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import type { StringValue } from 'ms';
import { expect, test } from 'vitest';
import type { Activities } from '../../../src/activities/index.ts';
import { RANGES, RangeSums } from '../../../src/core/compare/range-sums.ts';
import type { RequestName } from '../../../src/core/contract/contract.ts';
import { defaultWorkflowTuning, type WorkflowTuning } from '../../../src/core/contract/tuning.ts';
import { pieceKinds } from '../../../src/core/copy/pieces.ts';
import { type TransferReport, transferReport } from '../../../src/core/run/activity-report.ts';
import { historiesOf } from '../../support/histories.ts';
import { skip } from './clock.ts';
import { fails, first } from './failing.ts';
import { different, equal, healthy, POSITION, STORAGES } from './healthy.ts';
import { hold } from './hold.ts';
import { migration } from './inputs.ts';
import { migrationIn, migrationThatDiffers } from './migration.ts';
import { type Run, start } from './run.ts';
import { tuning } from './tuning.ts';
import { world } from './world.ts';

/** What no history may exceed, where it is continued after the default. */
const MOST_EVENTS = 5_000;
const MOST_BYTES = 5_000_000;

/** By what the workflows go, where it is not the tuning of tests. */
type Lengths = Pick<WorkflowTuning, 'continueAfterEvents' | 'continueAfterBytes'>;

/** Fails unless a run went on in at least so many others, none of which is too long. */
export async function expectShortRuns(run: Run, least: number, lengths: Lengths = tuning): Promise<void> {
  const { continueAfterEvents, continueAfterBytes } = defaultWorkflowTuning;
  const histories = await historiesOf(run.handle);
  expect(histories.length).toBeGreaterThan(least);
  const events = Math.max(...histories.map(({ length }) => length));
  expect(events).toBeLessThan((MOST_EVENTS * lengths.continueAfterEvents) / continueAfterEvents);
  const bytes = Math.max(...histories.map(sizeOf));
  expect(bytes).toBeLessThan((MOST_BYTES * lengths.continueAfterBytes) / continueAfterBytes);
}

/** The bytes of an event, about as Temporal counts them. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (value instanceof Uint8Array) return value.length + 2;
  if (typeof value === 'object' && value !== null)
    return Object.values(value).reduce((sum: number, each) => sum + sizeOf(each), 0);
  return typeof value === 'number' && value !== 0 ? 3 : 0;
}

/**
 * Declares the test of a target that differs for so long, with activities that find so.
 * @param least how many comparisons and runs there are at least
 */
export function comparesAgain(
  time: StringValue,
  { comparisons, runs, lengths }: { comparisons: number; runs: number; lengths?: Lengths },
): void {
  test(`compares again and again for ${time}, and can be repaired after it`, async () => {
    let isRepaired = false;
    const run = await migrationThatDiffers([different()], {
      activities: {
        verifyMigration: async ({ from }) => ({
          verification: isRepaired ? equal() : different(),
          position: from,
        }),
        repairItems: async ({ items }) => {
          isRepaired = true;
          return { before: items, after: [] };
        },
      },
    });
    await skip(time);
    expect(run.asked('verifyMigration').length).toBeGreaterThan(comparisons);
    await run.request('repair', { by: 'ann' });
    await run.until('it is equal', async () => (await run.progress()).verification?.mismatches === 0);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    await expectShortRuns(run, runs, lengths);
    const { verifications, omitted } = run.left;
    expect(verifications.length + (omitted?.verifications ?? 0)).toBe(run.asked('verifyMigration').length);
    expect(verifications.length).toBeLessThanOrEqual(200);
    expect(run.asked('copyPiece')).toHaveLength(1);
  });
}

/** A report of each minute of twelve hours. */
const IN_HALF_A_DAY = 720;

/** Reports that come nearly at once. */
async function report(run: Run, reports: readonly TransferReport[]): Promise<void> {
  await Promise.all(reports.map((each) => run.handle.signal(transferReport, each)));
}

/**
 * Declares the test of a wait for an approval in which the source changes all the time. Each half day somebody pauses and
 * resumes it, or approves a cutover whose freeze is undone, by update and by signal in turn.
 * @param reports in each half a day
 */
export function waitsForApproval(
  days: number,
  { runs, lengths, reports = IN_HALF_A_DAY }: { runs: number; lengths?: Lengths; reports?: number },
): void {
  test(`waits for ${days} days while the source changes, and obeys all the time`, async () => {
    const approvals = Math.floor(days / 2);
    const run = await start('migrateDatabase', migration, {
      activities: { proveQuiet: first(approvals, fails('Somebody writes.'), healthy.proveQuiet) },
    });
    await run.reaches('awaiting-approval');
    const send = (halfDay: number, name: RequestName) =>
      halfDay % 8 < 4
        ? run.request(name, { by: `${name} ${halfDay}` })
        : run.signal(name, { by: `${name} ${halfDay}` });
    let thawed = 0;
    for (let halfDay = 0; halfDay < 2 * days; halfDay++) {
      const changes = Array.from({ length: reports }, (_, n) => ({
        lag: n,
        position: { ...POSITION, etag: 100 + halfDay * reports + n },
      }));
      const request = halfDay % 4 === 3 && thawed < approvals ? 'approveCutover' : 'pause';
      await Promise.all([report(run, changes), send(halfDay, request)]);
      if (request === 'pause') {
        await run.until('it is paused', async () => (await run.progress()).paused);
        await send(halfDay, 'resume');
      } else {
        thawed++;
        await run.until('the freeze is undone', async () => thaws(await run.report()) === thawed);
        await run.reaches('awaiting-approval');
      }
      await skip('12 hours');
    }
    for (; thawed < approvals; thawed++) {
      await run.request('approveCutover', { by: 'ann' });
      await run.until('the freeze is undone', async () => thaws(await run.report()) === thawed + 1);
      await run.reaches('awaiting-approval');
    }
    await run.request('approveCutover', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    await expectShortRuns(run, runs, lengths);
    expect(run.asked('proveQuiet')).toHaveLength(approvals + 1);
    expect(run.asked('claimTarget')).toHaveLength(1);
    expect(run.asked('copyPiece')).toHaveLength(1);
  });
}

function thaws({ notes }: Awaited<ReturnType<Run['report']>>): number {
  return notes.filter(({ text }) => text.startsWith('The freeze was undone')).length;
}

/** How often somebody pauses a copy. */
const TIMES = 6;
const LOOK_EVERY_MS = 50;

/** So many reports an activity of half an hour makes. */
const IN_HALF_AN_HOUR = 96;

async function reportOf(reports: number, each: (n: number) => TransferReport): Promise<void> {
  const { client } = await world();
  const handle = client.workflow.getHandle(activityInfo().workflowExecution?.workflowId ?? '');
  const send = (_: unknown, n: number) => handle.signal(transferReport, each(n));
  // what comes as a run ends is lost, as any report
  await Promise.allSettled(Array.from({ length: reports }, send));
}

/**
 * Declares the test of a large copy: many pieces of each kind, and a comparison of many parts, each of which reports as one of
 * half an hour does.
 */
export function copiesMuch(
  { pieces, items, reports = IN_HALF_AN_HOUR }: { pieces: number; items: number; reports?: number },
  { runs, lengths }: { runs: number; lengths?: Lengths },
): void {
  test(`copies and compares ${items.toLocaleString('en')} documents, each piece once, and obeys meanwhile`, async () => {
    const perPiece = items / pieces;
    const stages = pieceKinds.slice(0, 2).map((kind) =>
      Array.from({ length: pieces / 2 }, (_, n) => ({
        kind,
        from: n * perPiece,
        before: (n + 1) * perPiece,
      })),
    );
    const done = new Set<string>();
    let isClosed = false;
    // this server stumbles over an activity that is canceled as it ends: so none ends when a pause comes
    const copying = hold('copyPiece', {
      when: () => isClosed,
      does: async ({ piece, number }) => {
        const progress = { next: piece.before, items: perPiece, bytes: 1_000 * perPiece };
        await reportOf(reports, (n) => ({
          piece: { number, progress: { ...progress, next: piece.from + n, items: n } },
        }));
        done.add(`${piece.kind} ${piece.from}`);
        return { done: true, progress };
      },
      canceled: ({ piece }) => ({ done: false, progress: { next: piece.from, items: 0, bytes: 0 } }),
    });
    const compared: Pick<Activities, 'planCopy' | 'planComparison' | 'readPart'> = {
      planCopy: async () => ({ stages, totalItems: items }),
      planComparison: async () => ({
        storages: STORAGES,
        totalItems: items,
        readings: STORAGES.flatMap((storage) => (stages[0] ?? []).map((piece) => ({ storage, piece }))),
      }),
      readPart: async ({ reading, number, isSilent }) => {
        const { piece } = reading;
        const sums = new RangeSums();
        for (let range = 0n; range < RANGES; range++) sums.add(range << 60n, BigInt(piece.before) ** 5n);
        const read = { next: piece.before, items: perPiece, bytes: 1_000 * perPiece };
        await reportOf(isSilent ? 0 : reports, (n) => ({
          piece: { number, progress: { ...read, next: piece.from + n, items: n } },
        }));
        return {
          done: true,
          read: { ...read, sums: sums.toText(), attachments: 0, counters: 0, misplaced: [] },
        };
      },
    };
    const input = { ...migration, finalVerification: 'full' };
    const run = await start('migrateDatabase', input, { activities: compared, holds: [copying] });
    for (let n = 0; n < TIMES; n++) {
      while (done.size < (n / TIMES) * pieces) await sleep(LOOK_EVERY_MS);
      isClosed = true;
      await run.until('all at work are held', async () => {
        const { length } = await run.pending();
        return length > 0 && length === copying.held;
      });
      const send = (name: RequestName) =>
        n % 2 === 0 ? run.request(name, { by: `${name} ${n}` }) : run.signal(name, { by: `${name} ${n}` });
      await send('pause');
      await run.until('it is paused', () => copying.held === 0);
      expect((await run.progress()).paused).toBe(true);
      isClosed = false;
      await send('resume');
    }
    while ((await run.progress()).phase !== 'awaiting-approval') await sleep(LOOK_EVERY_MS);
    expect(done.size).toBe(pieces);
    const [verified] = run.asked('verifyMigration');
    expect(verified?.compared.documents).toEqual({ source: items / 2, target: items / 2 });
    expect(verified?.compared.differing).toEqual({});
    await run.request('approveCutover', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    await expectShortRuns(run, runs, lengths);
    expect(run.asked('planCopy')).toHaveLength(1);
    // all is compared twice, the second time in the downtime and in one run
    expect(run.asked('planComparison')).toHaveLength(2);
    expect(run.asked('proveQuiet')).toHaveLength(1);
  });
}

/** Declares tests of requests that come just when a run goes on as a new one, so many reports before or after it. */
export function obeysAtEachMoment(
  offsets: readonly number[],
  { continueAfterEvents }: Lengths = tuning,
): void {
  const cases = offsets.flatMap((offset) =>
    (['update', 'signal'] as const).flatMap((channel) =>
      (['pause', 'approveCutover', 'abort'] as const).map((name) => ({ name, channel, offset })),
    ),
  );
  test.each(cases)(
    '$name by $channel is obeyed $offset reports from where a run goes on as a new one',
    async ({ name, channel, offset }) => {
      const { run } = await migrationIn('awaiting-approval');
      const reports = Array.from({ length: continueAfterEvents }, (_, n) => ({ lag: n }));
      const before = continueAfterEvents - (await run.events()) + offset;
      await report(run, reports.slice(0, before));
      const send = () => (channel === 'update' ? run.request(name) : run.signal(name));
      await Promise.all([report(run, reports.slice(0, 20)), send(), report(run, reports.slice(0, 20))]);
      if (name === 'abort') expect((await run.failure()).type).toBe('Aborted');
      else if (name === 'approveCutover') expect(await run.result()).toMatchObject({ phase: 'completed' });
      // this server loses queries that meet a run as it goes on in a new one
      else
        await run.until('it is paused', () =>
          run.progress().then(
            ({ paused }) => paused,
            () => false,
          ),
        );
      expect(run.asked('claimTarget')).toHaveLength(1);
    },
  );
}
