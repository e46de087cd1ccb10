/** Imports, exports and plans that are long: each goes on as a new run before its history is, and nobody notices. */
import { describe, expect, test } from 'vitest';
import { failures } from '../../src/core/contract/failures.ts';
import { transferReport } from '../../src/core/run/activity-report.ts';
import type { ImportResult } from '../../src/core/run/results.ts';
import { FULL_BACKUP, HOST, type healthy, inspected, type Outcome } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { byMethod, inputOf, target } from './support/inputs.ts';
import { expectShortRuns } from './support/long-runs.ts';
import { type Run, start } from './support/run.ts';
import { tuning } from './support/tuning.ts';

const FILES = 300;
const files: Outcome<'inspectFiles'>['files'] = Array.from({ length: FILES }, (_, n) => ({
  ...FULL_BACKUP,
  name: `file ${n}`,
  path: `file ${n}.ravendb-incremental-backup`,
  incremental: n > 0,
}));

/** What an activity has done that was canceled after one item. */
function oneMore(reached: Outcome<'importFiles'>['reached']): Outcome<'importFiles'> {
  return {
    done: false,
    reached: { files: reached.files, items: reached.items + 1 },
    items: { Documents: 1 },
    notCarried: ['collection "Sums": 1 document is not imported'],
    documentsCompared: 0,
    mismatches: 0,
    differences: [],
  };
}

/** Imports two items a file, and says how it went on. */
const importFiles = async ({
  files,
  first,
  reached,
}: Parameters<typeof healthy.importFiles>[0]): Promise<Outcome<'importFiles'>> => ({
  ...oneMore(reached),
  done: true,
  reached: { files: first + files.length, items: 0 },
  items: { Documents: 2 * (first + files.length - reached.files) - reached.items },
  documentsCompared: first + files.length - reached.files,
});

/** Holds the import: each time that it is canceled it has imported another item. */
const stopping = () =>
  hold('importFiles', { does: importFiles, canceled: ({ reached }) => oneMore(reached) });

/** How often {@link fill} pauses a run. */
const PAUSES = 5;

/** Pauses and resumes a run, and has it hear of progress, until it goes on as a new one. */
async function fill(run: Run, { pauses = PAUSES } = {}): Promise<void> {
  const { runId } = await run.handle.describe();
  for (let n = 0; n < pauses; n++) {
    await run.signal('pause', { by: `pauser ${n}` });
    await run.signal('resume', { by: `resumer ${n}` });
  }
  const transferred = { items: 1, totalItems: 2 };
  await Promise.all(
    Array.from({ length: tuning.continueAfterEvents }, () =>
      run.handle.signal(transferReport, { transferred }),
    ),
  );
  await run.until('it goes on as a new run', async () => (await run.handle.describe()).runId !== runId);
}

describe.each([
  ['importBackup', inputOf.importBackup],
  ['importDump', { dump: { path: 'dumps/shop', host: HOST }, target }],
] as const)('%s of many files', (type, input) => {
  test('goes on in new runs, and imports, counts and tells everything once', async () => {
    const importing = stopping();
    const run = await start(type, input, {
      holds: [importing],
      activities: { inspectFiles: async () => inspected({ files, findings: ['300 files.'] }) },
    });
    await importing.begun;
    await run.request('throttle', { by: 'ann', maxItemsPerSecond: 7 });
    const { startedAt } = await run.report();
    for (let runs = 0; runs < 2; runs++) await fill(run);
    await run.request('pause', { by: 'the last' });
    await run.until('it rests', () => importing.held === 0);
    expect(await run.progress()).toMatchObject({ paused: true, maxItemsPerSecond: 7, phase: 'importing' });
    importing.release();
    await run.request('resume', { by: 'ann' });
    const result = await run.result<ImportResult>();
    await expectShortRuns(run, 2);

    expect(result).toMatchObject({ items: { Documents: 2 * FILES }, standsAt: 'file 299' });
    expect(result.files).toEqual(files.map(({ name }) => name));
    expect(result.documentsCompared).toBe(FILES);
    expect(run.left).toMatchObject({ startedAt, findings: ['300 files.'], items: { Documents: 2 * FILES } });
    expect(run.left.notCarried).toEqual(['collection "Sums": 1 document is not imported']);
    const { notes, omitted, timings } = run.left;
    const asked = notes.filter(({ text }) => /^(Paused|Resumed|Limited) /.test(text)).length;
    expect(asked + (omitted?.notes ?? 0)).toBe(2 * 2 * PAUSES + 3);
    expect(timings.map(({ phase }) => phase)).toEqual([
      ...['planning', 'preparing', 'importing', 'verifying', 'completing'],
    ]);
    const once = ['planImport', 'inspectFiles', 'createTarget', 'claimTarget', 'importFileSettings'];
    expect(run.calls.filter((name) => once.includes(name))).toEqual(once);
    expect(run.calls.slice(-3)).toEqual(['documentsPerShard', 'releaseTarget', 'writeReport']);
    const [claim] = run.asked('claimTarget');
    expect(run.asked('releaseTarget')).toMatchObject([{ firstRunId: claim?.firstRunId }]);
  });

  test('hands an activity no more of them than fit into a history', async () => {
    const run = await start(type, input, {
      activities: { importFiles, inspectFiles: async () => inspected({ files }) },
    });
    await run.result();
    const orders = run.asked('importFiles');
    expect(orders).toHaveLength(FILES / 20);
    expect(orders.map(({ files, first }) => [files.length, first])).toEqual(
      orders.map((_, n) => [20, 20 * n]),
    );
    expect(orders.every(({ of }) => of === FILES)).toBe(true);
    expect(run.asked('importFileSettings')[0]?.files.map(({ name }) => name)).toEqual(['file 299']);
  });
});

test('an import is aborted in a later run as in the first, and gives the target back', async () => {
  const importing = stopping();
  const run = await start('importBackup', inputOf.importBackup, { holds: [importing] });
  await importing.begun;
  await fill(run);
  await run.request('abort', { by: 'ann' });
  const { type, message } = await run.failure();
  expect(type).toBe(failures.aborted);
  expect(message).toMatch(/by ann.*"sharded" holds a part of "backups"/);
  expect(run.calls.slice(-2)).toEqual(['releaseTarget', 'writeReport']);
});

test('a look at files that waits for its host goes on in new runs', async () => {
  const away = { backup: { path: 'backups', host: 'away' }, target };
  const run = await start('importBackup', away);
  await run.until('it asks', async () => (await run.progress()).attention !== null);
  // this server stumbles over an activity that is canceled as its time is over
  await fill(run, { pauses: 0 });
  expect(await run.progress()).toMatchObject({
    phase: 'planning',
    attention: expect.stringMatching(/"away"/),
  });
  expect(run.asked('planImport')).toHaveLength(1);
  await run.request('abort', { by: 'ann' });
  await run.failure();
  expect(run.calls).not.toContain('releaseTarget');
});

test('an export goes on in new runs, into the dump that was named first', async () => {
  const writing = hold('writeDump');
  const run = await start('exportDatabase', inputOf.exportDatabase, { holds: [writing] });
  await writing.begun;
  await fill(run);
  writing.release();
  await run.result();
  await expectShortRuns(run, 1);
  expect(new Set(run.asked('writeDump').map(({ at }) => at)).size).toBe(1);
  expect(run.asked('planExport')).toHaveLength(1);
  const { notes, omitted } = run.left;
  expect(notes.length + (omitted?.notes ?? 0)).toBe(2 * PAUSES);
});

test('a plan goes on in new runs, and finds out everything once', async () => {
  const forecasting = hold('forecastShards');
  const run = await start('planMigration', byMethod.backup, { holds: [forecasting] });
  await forecasting.begun;
  await fill(run);
  const sampling = run.calls.length;
  forecasting.release();
  const result = await run.result();
  expect(result).toMatchObject({ phase: 'completed', possible: true, estimate: expect.anything() });
  expect(sampling).toBeGreaterThan(0);
  await expectShortRuns(run, 1);
  const once = ['plan', 'inspectFiles', 'readPosition', 'copySample', 'removeSample'];
  expect(run.calls.filter((name) => once.includes(name))).toEqual(once);
  const { checks } = run.left;
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

test('a migration by backup that is still planning goes on in new runs', async () => {
  const looking = hold('inspectFiles');
  const run = await start('migrateDatabase', byMethod.backup, { holds: [looking] });
  await looking.begun;
  await fill(run);
  looking.release();
  await run.reaches('awaiting-approval');
  const once = ['plan', 'createTarget', 'claimTarget', 'holdTombstones', 'importFiles'];
  expect(run.calls.filter((name) => once.includes(name))).toEqual(once);
  await run.request('approveCutover', { by: 'ann' });
  expect(await run.result()).toMatchObject({ phase: 'completed' });
  expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
});
