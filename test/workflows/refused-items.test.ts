/** Items that RavenDB refuses: they show, wait for a decision, and hold up nothing else. */
import { describe, expect, test } from 'vitest';
import { transferReport } from '../../src/core/run/activity-report.ts';
import { different, equal } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { inputOf } from './support/inputs.ts';
import { migrationIn, migrationThatDiffers } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

const item = { kind: 'document', id: 'items/7', reason: 'InvalidCastException. RavenDB says: no.' } as const;

/** As the activity that has found it. */
async function refuse(run: Run, ...refused: object[]): Promise<void> {
  await run.handle.signal(transferReport, { refused });
}

async function showing(run: Run, text: string): Promise<void> {
  await run.until(`it shows ${text}`, async () => (await run.attention())?.includes(text) ?? false);
}

describe('an item that RavenDB refuses', () => {
  test('shows in attention, page, notes and report, with the way out', async () => {
    const { run } = await migrationIn('copying');
    await refuse(run, item, { kind: 'counter', id: 'items/8', reason: 'too large' });
    await showing(run, 'RavenDB refuses 2 items, the first: document "items/7". InvalidCastException.');
    expect(await run.attention()).toContain('skip leaves out the 2 items that RavenDB refuses');
    expect(await run.page()).toContain('- Refused by RavenDB: counter "items/8": too large');
    expect(await run.notes()).toContain(`RavenDB refused document "items/7": ${item.reason}`);
    expect((await run.report()).refused).toHaveLength(2);
  });

  test('that is refused again and again is one', async () => {
    const { run } = await migrationIn('copying');
    await refuse(run, item);
    await refuse(run, { ...item, id: 'ITEMS/7', reason: 'other' });
    await showing(run, 'other');
    expect((await run.progress()).refused).toEqual([{ ...item, id: 'ITEMS/7', reason: 'other' }]);
    expect((await run.notes()).filter((text) => text.startsWith('RavenDB refused'))).toHaveLength(1);
  });

  test('keeps the cutover from being approved until it is skipped; comparisons know it then', async () => {
    const run = await migrationThatDiffers([equal({ skipped: 1 })]);
    await refuse(run, item);
    await showing(run, 'items/7');
    expect((await run.progress()).waitingFor).toContain('skip leaves out the item that RavenDB refuses');
    expect(await run.refusalOf('approveCutover')).toContain('Verification failed: 1 difference');
    await run.request('skip', { by: 'ann', note: 'a test record' });
    await run.calledFor('verifyMigration', 2);
    const { from: _, ...first } = run.asked('verifyMigration')[0] ?? {};
    expect(first).not.toHaveProperty('skipped');
    expect(run.asked('verifyMigration')[1]).toMatchObject({ skipped: [{ kind: 'document', id: 'items/7' }] });
    await run.until('nothing waits for attention', async () => (await run.attention()) === null);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(run.asked('verifyMigration').at(-1)).toMatchObject({ skipped: [{ id: 'items/7' }] });
    expect(run.left.refused).toMatchObject([
      { id: 'items/7', skipped: { by: 'ann', note: 'a test record' } },
    ]);
  });

  test('that is refused after a skip waits for another one', async () => {
    const { run, release } = await migrationIn('copying');
    await refuse(run, item);
    await showing(run, 'items/7');
    await run.request('skip', { by: 'ann' });
    expect(await run.attention()).toBeNull();
    expect(await run.refusalOf('skip', { by: 'ann' })).toBe(
      'All items that RavenDB refuses are skipped already.',
    );
    await refuse(run, { ...item, id: 'items/8' });
    await showing(run, 'items/8');
    await run.request('skip', { by: 'bob' });
    expect((await run.progress()).refused).toMatchObject([
      { id: 'items/7', skipped: { by: 'ann' } },
      { id: 'items/8', skipped: { by: 'bob' } },
    ]);
    release();
    await run.reaches('awaiting-approval');
    expect(run.asked('verifyMigration')).toHaveLength(1);
  });

  test('that was corrected on the source is forgotten when nothing differs', async () => {
    const run = await migrationThatDiffers([different(), equal()]);
    await refuse(run, item);
    await showing(run, 'items/7');
    await run.request('repair');
    await run.calledFor('verifyMigration', 2);
    expect((await run.progress()).refused).toHaveLength(1);
    await run.reaches('awaiting-approval');
    await run.request('repair');
    await run.calledFor('verifyMigration', 3);
    await run.until('it is forgotten', async () => (await run.progress()).refused === undefined);
    expect(await run.attention()).toBeNull();
  });

  test('must be skipped by somebody', async () => {
    const { run } = await migrationIn('copying');
    await refuse(run, item);
    expect(await run.refusalOf('skip', {})).toMatch(/by is missing/);
  });

  test('is skipped in a repeated copy, too', async () => {
    const copying = hold('copyPiece');
    const run = await start('syncDatabase', inputOf.syncDatabase, { holds: [copying] });
    await copying.begun;
    await refuse(run, item);
    await showing(run, 'items/7');
    await run.signal('skip', { by: 'ann' });
    copying.release();
    await run.result();
    expect(run.asked('verifyMigration')).toMatchObject([{ skipped: [{ id: 'items/7' }] }]);
  });

  test('of a file keeps the import from its end until it is skipped, and is known to its later steps', async () => {
    const importing = hold('importFiles', { when: (_asked, nth) => nth === 1 });
    const run = await start('importDump', inputOf.importDump, { holds: [importing] });
    await importing.begun;
    await refuse(run, item);
    await showing(run, 'or abort the import, correct the database that was exported');
    await run.request('pause');
    await run.request('resume');
    await run.calledFor('importFiles', 2);
    expect(run.asked('importFiles')[1]).toMatchObject({ refused: [{ kind: 'document', id: 'items/7' }] });
    await run.calledFor('importFileSettings');
    expect(await run.progress()).toMatchObject({
      phase: 'verifying',
      waitingFor: expect.stringContaining('skip leaves out the item'),
    });
    await run.signal('skip', { by: 'ann' });
    expect(await run.result()).toMatchObject({ phase: 'completed' });
    expect(run.left.refused).toMatchObject([{ id: 'items/7', skipped: { by: 'ann' } }]);
  });

  test('of a file can end the import instead, which says what the target has', async () => {
    const importing = hold('importFiles');
    const run = await start('importDump', inputOf.importDump, { holds: [importing] });
    await importing.begun;
    await refuse(run, item);
    await showing(run, 'items/7');
    importing.release();
    await run.calledFor('importFileSettings');
    // this server loses an update that meets the end of an activity
    await run.until('it waits', async () => (await run.pending()).length === 0);
    await run.request('abort');
    expect(await run.failure()).toMatchObject({
      type: 'Aborted',
      message: expect.stringContaining('Everything else of'),
    });
  });
});
