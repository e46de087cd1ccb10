/** What a migration does when it is paused, resumed, throttled and aborted, phase by phase. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isFrozen, type MigrationPhase } from '../../src/core/contract/phases.ts';
import { skip } from './support/clock.ts';
import type { ActivityName } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { migration } from './support/inputs.ts';
import { migrationIn } from './support/migration.ts';
import { start } from './support/run.ts';
import { world } from './support/world.ts';

/** What is at work in each phase that can be paused. */
const works = {
  planning: 'plan',
  preparing: 'createTarget',
  copying: 'copyPiece',
  'catching-up': 'catchUp',
  verifying: 'readPart',
  'awaiting-approval': 'catchUp',
} as const satisfies Partial<Record<MigrationPhase, ActivityName>>;
const pausable = Object.keys(works) as (keyof typeof works)[];

describe('a pause', () => {
  test.each(pausable)('while %s stops the work until it is resumed, which begins it again', async (phase) => {
    const { run, release } = await migrationIn(phase);
    await run.request('pause', { by: 'ann', note: 'lunch' });
    await run.until('nothing is at work', async () => (await run.pending()).length === 0);
    release();
    const stopped = run.calls.length;
    await skip('8 hours');
    expect(run.calls).toHaveLength(stopped);
    expect(await run.progress()).toMatchObject({
      phase,
      paused: true,
      waitingFor: expect.stringContaining('resume'),
    });

    const before = run.asked(works[phase]).length;
    await run.request('resume', { by: 'bob' });
    await run.calledFor(works[phase], before + 1);
    const progress = await run.reaches('awaiting-approval');
    expect(progress.paused).toBe(false);
    expect(await run.notes()).toEqual(expect.arrayContaining(['Paused by ann: lunch', 'Resumed by bob']));
  });

  test('and others that come while no worker runs are taken in the order in which they were sent', async () => {
    const taskQueue = `late-${randomUUID()}`;
    const run = await start('migrateDatabase', migration, { taskQueue });
    for (const name of ['pause', 'resume', 'pause', 'throttle', 'resume', 'pause'] as const)
      await run.signal(name, { by: name, ...(name === 'throttle' && { maxItemsPerSecond: 5 }) });
    const worker = await (await world()).startWholeWorker(taskQueue);
    await run.until('it is paused', async () => (await run.progress()).paused);
    expect(await run.notes()).toEqual([
      ...['Paused by pause', 'Resumed by resume', 'Paused by pause', 'Limited to 5 items/s by throttle'],
      ...['Resumed by resume', 'Paused by pause'],
    ]);
    expect((await run.progress()).lastRefusal).toBeNull();
    await run.request('abort', {});
    await run.failure();
    worker.shutdown();
  });

  test('is taken without a name', async () => {
    const { run } = await migrationIn('copying');
    await run.request('pause', {});
    expect((await run.progress()).paused).toBe(true);
    expect(await run.notes()).toContain('Paused by (unnamed)');
  });

  test('of a paused migration is refused', async () => {
    const { run } = await migrationIn('copying');
    await run.request('pause');
    expect(await run.refusalOf('pause')).toMatch(/paused already/);
  });

  test.each(['approveCutover', 'repair'] as const)('keeps %s away until it is resumed', async (name) => {
    const { run } = await migrationIn('awaiting-approval');
    await run.request('pause');
    expect(await run.refusalOf(name)).toMatch(/is paused; send resume first/);
  });

  test('that was resumed before the work had stopped begins it again all the same', async () => {
    const copying = hold('copyPiece', { when: (_asked, nth) => nth === 1 });
    const run = await start('migrateDatabase', migration, { holds: [copying] });
    await copying.begun;
    await run.signal('pause');
    await run.signal('resume');
    await run.reaches('awaiting-approval');
    expect(run.asked('copyPiece')).toHaveLength(2);
  });
});

const abortable: MigrationPhase[] = [...pausable, 'freezing', 'draining', 'final-verifying'];

describe('an abort', () => {
  test.each(abortable)('while %s ends the migration as aborted, and says who wanted it', async (phase) => {
    const { run } = await migrationIn(phase);
    await run.request('abort', { by: 'ann', note: 'not today' });
    const { type, message } = await run.failure();
    expect(type).toBe('Aborted');
    expect(message).toContain('aborted by ann: not today');
    expect(run.left).toMatchObject({ phase: 'aborted', failure: message });
    expect(run.left.timings.at(-1)?.phase).toBe(phase);
  });

  test.each(abortable.filter((phase) => phase !== 'planning' && phase !== 'preparing'))(
    'while %s takes away what the migration has on both sides',
    async (phase) => {
      const { run } = await migrationIn(phase);
      await run.request('abort');
      const { message } = await run.failure();
      expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
      expect(message).toMatch(/"shop" serves as before. The target "sharded" is an unfinished copy/);
    },
  );

  test('before anything was changed says so, and takes nothing away', async () => {
    const { run } = await migrationIn('planning');
    await run.request('abort');
    expect((await run.failure()).message).toContain('Nothing was changed on source or target.');
    expect(run.calls).toEqual(['plan', 'writeReport']);
  });

  test.each(abortable)('while %s says whether a freeze was undone', async (phase) => {
    const { run } = await migrationIn(phase);
    await run.request('abort');
    await run.failure();
    const undone = run.left.notes.some(({ text }) => text.includes('freeze was undone'));
    expect(undone).toBe(isFrozen(phase));
  });

  test('gives nothing back while what it has canceled is still at work', async () => {
    const copying = hold('copyPiece', { deaf: true });
    const run = await start('migrateDatabase', migration, { holds: [copying] });
    await copying.begun;
    await run.request('abort');
    await run.calledFor('copyPiece');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(run.calls.at(-1)).toBe('copyPiece');
    copying.release();
    expect((await run.failure()).type).toBe('Aborted');
    expect(run.calls.slice(-3)).toEqual(['releaseTombstones', 'releaseTarget', 'writeReport']);
  });

  test.each(pausable)('ends a migration that is paused while %s', async (phase) => {
    const { run } = await migrationIn(phase);
    await run.request('pause');
    await run.request('abort');
    expect((await run.failure()).type).toBe('Aborted');
  });
});

const throttleable = ['planning', 'preparing', 'copying', 'catching-up', 'verifying'] as const;

describe('a throttle', () => {
  test.each(throttleable)('while %s sets the limit, and says who did', async (phase) => {
    const { run } = await migrationIn(phase);
    await run.request('throttle', { by: 'ann', note: 'office hours', maxItemsPerSecond: 1_500 });
    expect((await run.progress()).maxItemsPerSecond).toBe(1_500);
    expect(await run.notes()).toContain('Limited to 1,500 items/s by ann: office hours');
  });

  test.each(['planning', 'preparing', 'catching-up'] as const)(
    'while %s leaves the work alone: it has no speed',
    async (phase) => {
      const { run, release } = await migrationIn(phase);
      await run.request('throttle', { maxItemsPerSecond: 5 });
      const asked = run.asked(works[phase]).length;
      release();
      await run.reaches('awaiting-approval');
      const more = phase === 'catching-up' ? 1 : 0; // the one that follows while it waits
      expect(run.asked(works[phase])).toHaveLength(asked + more);
    },
  );

  test.each(['copyPiece', 'readPart'] as const)('begins %s again with the new limit', async (activity) => {
    const { run, release } = await migrationIn(activity === 'copyPiece' ? 'copying' : 'verifying');
    const before = run.asked(activity).length;
    await run.request('throttle', { maxItemsPerSecond: 5 });
    await run.calledFor(activity, before + 1);
    expect(run.asked(activity)[0]?.maxItemsPerSecond).toBeNull();
    expect(run.asked(activity)[before]?.maxItemsPerSecond).toBe(5);
    release();
    await run.reaches('awaiting-approval');
  });

  test('is removed with null', async () => {
    const { run } = await migrationIn('copying', { input: { ...migration, maxItemsPerSecond: 10 } });
    expect(run.asked('copyPiece')[0]?.maxItemsPerSecond).toBe(10);
    await run.request('throttle', { by: 'ann', maxItemsPerSecond: null });
    await run.calledFor('copyPiece', 2);
    expect(run.asked('copyPiece')[1]?.maxItemsPerSecond).toBeNull();
    expect(await run.notes()).toContain('Limit removed by ann');
  });

  test('of a paused copy waits with it for the resume', async () => {
    const { run } = await migrationIn('copying');
    await run.request('pause');
    await run.request('throttle', { maxItemsPerSecond: 5 });
    await skip('1 hour');
    expect(run.asked('copyPiece')).toHaveLength(1);
    await run.request('resume');
    await run.calledFor('copyPiece', 2);
    expect(run.asked('copyPiece')[1]?.maxItemsPerSecond).toBe(5);
  });

  test('is refused without a number, or with one that is none', async () => {
    const { run } = await migrationIn('copying');
    expect(await run.refusalOf('throttle', { by: 'ann' })).toMatch(/maxItemsPerSecond is missing/);
    expect(await run.refusalOf('throttle', { maxItemsPerSecond: 0 })).toMatch(/at least 1/);
  });

  test('is refused by a migration by replication, which knows no speed', async () => {
    const { run } = await migrationIn('planning', { input: { ...migration, method: 'replication' } });
    expect(await run.refusalOf('throttle', { maxItemsPerSecond: 5 })).toMatch(/it can only be paused/);
  });
});
