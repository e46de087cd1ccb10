/** What becomes of an approval, a rejection and a request for a repair. */
import { describe, expect, test } from 'vitest';
import { fails } from './support/failing.ts';
import { different, equal, healthy, POSITION } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { byMethod, migration } from './support/inputs.ts';
import { finds, migrationIn, migrationThatDiffers } from './support/migration.ts';
import { start } from './support/run.ts';

describe('an approval', () => {
  test.each(['request', 'signal'] as const)('by %s leads through the cutover to the end', async (how) => {
    const { run } = await migrationIn('awaiting-approval');
    await run[how]('approveCutover', { by: 'ann', note: 'all is stopped' });
    expect(await run.result()).toMatchObject({
      phase: 'completed',
      mismatches: 0,
      documents: { source: 3, target: 3 },
      shards: { '0': 2, '1': 1 },
      reportPath: `reports/${run.handle.workflowId}/report.json`,
    });
    expect(run.left).toMatchObject({ phase: 'completed', approval: { by: 'ann', note: 'all is stopped' } });
    expect(run.left.timings.map(({ phase }) => phase)).toEqual([
      'planning',
      'preparing',
      'copying',
      'catching-up',
      'verifying',
      'awaiting-approval',
      'freezing',
      'draining',
      'final-verifying',
      'completing',
    ]);
  });

  test.each([
    ['nobody', {}, /by is missing/],
    ['an empty name', { by: ' ' }, /by must name/],
    ['a misspelt field', { by: 'ann', nota: 'yes' }, /nota is not a field/],
  ])('by %s is refused', async (_who, payload, reason) => {
    const { run } = await migrationIn('awaiting-approval');
    expect(await run.refusalOf('approveCutover', payload)).toMatch(reason);
    await run.signal('approveCutover', payload);
    await run.until('it is noted', async () => (await run.progress()).lastRefusal !== null);
    expect((await run.progress()).lastRefusal?.reason).toMatch(reason);
    expect((await run.progress()).approval).toBeNull();
  });

  test('after a comparison that found differences is refused, and the reason names the first', async () => {
    const run = await migrationThatDiffers();
    const reason = await run.refusalOf('approveCutover');
    expect(reason).toMatch(/Verification failed: 1 difference, the first: document "items\/7": is missing/);
    expect(reason).toMatch(/Send repair/);
  });

  test('that is sent twice cuts over once', async () => {
    const { run } = await migrationIn('awaiting-approval');
    await Promise.all([run.signal('approveCutover'), run.signal('approveCutover')]);
    await run.result();
    expect(run.asked('proveQuiet')).toHaveLength(1);
  });

  test('that is sent again under the same update id is answered as the first one', async () => {
    const { run } = await migrationIn('awaiting-approval');
    const approve = () =>
      run.handle.executeUpdate<{ phase: string }, [object]>('approveCutover', {
        args: [{ by: 'ann' }],
        updateId: 'cutover',
      });
    expect(await approve()).toEqual({ phase: 'awaiting-approval' });
    await run.result();
    expect(await approve()).toEqual({ phase: 'awaiting-approval' });
  });

  test('before the workflow has begun is noted as refused', async () => {
    const planning = hold('plan');
    const signal = { name: 'approveCutover', payload: { by: 'ann' } } as const;
    const run = await start('migrateDatabase', migration, { holds: [planning], signal });
    await planning.begun;
    expect((await run.progress()).lastRefusal).toMatchObject({
      request: 'approveCutover',
      reason: expect.stringContaining('cannot be approved while planning'),
    });
  });

  test('gives way to a rejection that comes before anything was frozen', async () => {
    const following = hold('catchUp', {
      when: ({ until }) => until === 'canceled',
      deaf: true,
      does: async ({ from }) => from,
    });
    const run = await start('migrateDatabase', migration, { holds: [following] });
    await run.reaches('awaiting-approval');
    await following.begun;
    await run.request('approveCutover', { by: 'ann' });
    await run.request('rejectCutover', { by: 'bob' });
    following.release();
    expect((await run.failure()).type).toBe('CutoverRejected');
    expect(run.asked('proveQuiet')).toEqual([]);
  });
});

describe('a rejection', () => {
  test('ends the migration, which says who wanted it and what is left', async () => {
    const { run } = await migrationIn('awaiting-approval');
    await run.request('rejectCutover', { by: 'ann', note: 'wrong week' });
    const { type, message } = await run.failure();
    expect(type).toBe('CutoverRejected');
    expect(message).toMatch(
      /rejected by ann: wrong week\. The source "shop" serves as before\. The target "sharded" is an unfinished copy/,
    );
    expect(run.left).toMatchObject({ phase: 'rejected', rejection: { by: 'ann', note: 'wrong week' } });
    expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
  });

  test('ends a paused migration at once', async () => {
    const { run } = await migrationIn('awaiting-approval');
    await run.request('pause');
    await run.request('rejectCutover', { by: 'ann' });
    expect((await run.failure()).type).toBe('CutoverRejected');
  });

  test('is taken as a signal too, and where the target differs', async () => {
    const run = await migrationThatDiffers();
    await run.signal('rejectCutover', { by: 'ann' });
    expect((await run.failure()).type).toBe('CutoverRejected');
  });
});

describe('a repair', () => {
  test('copies the listed items again, compares all again, and lets the cutover be approved', async () => {
    const run = await migrationThatDiffers([equal()]);
    await run.request('repair', { by: 'ann', note: 'a restore went wrong' });
    await run.calledFor('verifyMigration', 2);
    expect(run.asked('repairItems')).toMatchObject([
      { source: migration.source, items: different().differences },
    ]);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    await run.result();
    expect(run.left.repairs).toMatchObject([
      { by: 'ann', note: 'a restore went wrong', before: different().differences, after: [] },
    ]);
    expect(run.left.notes.map(({ text }) => text)).toContain('Repair requested by ann: a restore went wrong');
  });

  /** A target of which a comparison lists only the first differences. */
  const many = () => different({ mismatches: 250 });

  test('of more than are listed mends all of them, and says how many', async () => {
    const run = await migrationThatDiffers([], { activities: { verifyMigration: finds(many(), equal()) } });
    await run.request('repair', { by: 'ann' });
    await run.calledFor('verifyMigration', 2);
    expect(run.asked('repairMany')).toMatchObject([
      { compared: { documents: { source: 3 } }, allowExtra: false },
    ]);
    await run.reaches('awaiting-approval');
    expect(run.asked('planCopy')).toHaveLength(1);
    expect((await run.report()).repairs).toMatchObject([{ by: 'ann', documents: 3, after: [] }]);
  });

  /** One that was not looked at document by document: the next comparison says what it has left. */
  const unchecked = async () => ({ documents: 200, left: [], isChecked: false });

  test('that the next comparison has to check goes on by itself while it leaves less', async () => {
    const run = await migrationThatDiffers([], {
      activities: {
        verifyMigration: finds(many(), different({ mismatches: 40 }), equal()),
        repairMany: unchecked,
      },
    });
    await run.request('repair', { by: 'ann' });
    await run.calledFor('verifyMigration', 3);
    expect(run.asked('repairMany')).toHaveLength(2);
    await run.reaches('awaiting-approval');
    expect((await run.report()).repairs).toMatchObject([{ by: 'ann', documents: 400, after: [] }]);
  });

  test('that leaves as much as before is over', async () => {
    const run = await migrationThatDiffers([], {
      activities: { verifyMigration: finds(many()), repairMany: unchecked },
    });
    await run.request('repair', { by: 'ann' });
    await run.calledFor('verifyMigration', 2);
    await run.reaches('awaiting-approval');
    await run.until('it is over', async () => (await run.report()).repairs.length === 1);
    expect((await run.report()).repairs[0]?.after).toEqual(different().differences);
    expect(run.asked('repairMany')).toHaveLength(1);
  });

  test('is taken as a signal too', async () => {
    const run = await migrationThatDiffers([equal()]);
    await run.signal('repair', { by: 'ann' });
    await run.calledFor('verifyMigration', 2);
    expect(run.asked('repairItems')).toHaveLength(1);
  });

  test('of nothing is refused', async () => {
    const { run } = await migrationIn('awaiting-approval');
    expect(await run.refusalOf('repair')).toMatch(/found nothing to repair/);
  });

  test('without a name is refused', async () => {
    const run = await migrationThatDiffers();
    expect(await run.refusalOf('repair', {})).toMatch(/by is missing/);
  });

  test('that left something keeps the cutover from being approved', async () => {
    const run = await migrationThatDiffers([different()], {
      activities: { repairItems: async ({ items }) => ({ before: items, after: items }) },
    });
    await run.request('repair');
    await run.calledFor('verifyMigration', 2);
    await run.reaches('awaiting-approval');
    expect(await run.refusalOf('approveCutover')).toMatch(/Verification failed/);
    expect((await run.report()).repairs[0]?.after).toHaveLength(1);
  });

  test('that is asked for twice is made once', async () => {
    const repairing = hold('repairItems');
    const run = await migrationThatDiffers([equal()], { holds: [repairing] });
    await run.request('repair', { by: 'ann' });
    await repairing.begun;
    await run.request('repair', { by: 'bob' });
    repairing.release();
    await run.calledFor('verifyMigration', 2);
    await run.reaches('awaiting-approval');
    expect(run.asked('repairItems')).toHaveLength(1);
  });

  test('is begun again after a pause', async () => {
    const repairing = hold('repairItems', { when: (_asked, nth) => nth === 1 });
    const run = await migrationThatDiffers([equal()], { holds: [repairing] });
    await run.request('repair');
    await repairing.begun;
    await run.request('pause');
    await run.request('resume');
    await run.calledFor('verifyMigration', 2);
    expect(run.asked('repairItems')).toHaveLength(2);
  });

  test('by replication is refused, and the way out is named', async () => {
    const run = await migrationThatDiffers([different()], { input: byMethod.replication });
    expect(await run.refusalOf('repair')).toMatch(/Migrate again with method "stream"/);
    expect(await run.refusalOf('approveCutover')).not.toMatch(/Send repair/);
  });

  test('that fails for good ends the migration', async () => {
    const run = await migrationThatDiffers([equal()], {
      activities: { repairItems: fails('The target is disabled.', 'DatabaseDisabled') },
    });
    await run.request('repair');
    expect(await run.failure()).toMatchObject({
      type: 'DatabaseDisabled',
      message: expect.stringContaining('The target is disabled.'),
    });
  });
});

describe('a dry run of a repair', () => {
  test('says how much would be mended, and the migration waits as before', async () => {
    const run = await migrationThatDiffers();
    await run.request('repair', { by: 'ann', note: 'how bad is it', dryRun: true });
    await run.until('it is done', async () => (await run.progress()).dryRun !== undefined);
    expect(await run.progress()).toMatchObject({
      phase: 'awaiting-approval',
      dryRun: { by: 'ann', note: 'how bad is it', found: { missing: 2, changed: 1 } },
    });
    expect(await run.page()).toContain('documents: 2 missing, 1 changed');
    expect((await run.report()).dryRuns).toMatchObject([{ by: 'ann', found: { missing: 2 } }]);
    expect(run.asked('repairItems')).toEqual([]);
    expect(run.asked('repairMany')).toEqual([]);
  });

  test('is followed by the repair, after which it says nothing any more', async () => {
    const run = await migrationThatDiffers([equal()]);
    await run.request('repair', { by: 'ann', dryRun: true });
    await run.until('it is done', async () => (await run.progress()).dryRun !== undefined);
    await run.request('repair', { by: 'ann' });
    await run.calledFor('verifyMigration', 2);
    await run.reaches('awaiting-approval');
    expect((await run.progress()).dryRun).toBeUndefined();
    expect((await run.report()).repairs).toHaveLength(1);
  });

  test('is begun again after a pause', async () => {
    const looking = hold('forecastRepair', { when: (_asked, nth) => nth === 1 });
    const run = await migrationThatDiffers([], { holds: [looking] });
    await run.request('repair', { by: 'ann', dryRun: true });
    await looking.begun;
    await run.request('pause');
    await run.request('resume');
    await run.calledFor('forecastRepair', 2);
  });
});

describe('after many changes', () => {
  /** What the last comparison of the source saw has the etag 100. */
  function waitingAt(etag: number, later = [equal()]) {
    const here = { ...POSITION, etag };
    return start(
      'migrateDatabase',
      { ...migration, finalVerification: 'changes' },
      {
        activities: {
          verifyMigration: finds(equal(), ...later),
          catchUp: async (asked) => {
            const position = await healthy.catchUp(asked);
            return asked.until === 'close' ? here : position;
          },
        },
      },
    );
  }

  test.each([
    { changes: 50_000, comparisons: 1 },
    { changes: 50_001, comparisons: 2 },
  ])(
    '$changes of them: $comparisons comparisons come before the freeze',
    async ({ changes, comparisons }) => {
      const run = await waitingAt(100 + changes);
      await run.reaches('awaiting-approval');
      await run.request('approveCutover');
      await run.result();
      expect(run.asked('verifyMigration')).toHaveLength(comparisons);
      expect(run.asked('verifyChanges')).toHaveLength(1);
    },
  );

  test('the approval is withdrawn when the comparison before the freeze finds a difference', async () => {
    const run = await waitingAt(100_000, [different()]);
    await run.reaches('awaiting-approval');
    await run.request('approveCutover');
    await run.until('it is withdrawn', async () => (await run.progress()).attention !== null);
    const { phase, approval } = await run.reaches('awaiting-approval');
    expect({ phase, approval }).toEqual({ phase: 'awaiting-approval', approval: null });
    expect(await run.notes()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/approval by ann no longer holds: what it rests on has changed/),
      ]),
    );
    expect(run.asked('proveQuiet')).toEqual([]);
    expect(await run.refusalOf('approveCutover')).toMatch(/Verification failed/);
  });
});
