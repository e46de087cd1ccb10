/** What a migration does while it waits for a decision: for days, with a target that is equal, and with one that is not. */
import { describe, expect, test } from 'vitest';
import { transferReport } from '../../src/core/run/activity-report.ts';
import { skip } from './support/clock.ts';
import { fails } from './support/failing.ts';
import { different, equal, healthy, POSITION } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { migration } from './support/inputs.ts';
import { migrationIn, migrationThatDiffers } from './support/migration.ts';
import { type Run, start } from './support/run.ts';

const MINUTE = 60_000;

/** Minutes between the comparisons that a run made. */
function minutesBetween(run: Run): number[] {
  const times = run.times('verifyMigration');
  return times.slice(1).map((time, at) => Math.round((time - (times[at] ?? 0)) / MINUTE));
}

describe('an approval that comes after a month', () => {
  const input = { ...migration, compareEvery: '60d' };

  test('completes the migration', async () => {
    const { run } = await migrationIn('awaiting-approval', { input });
    await skip('30 days');
    expect((await run.progress()).phase).toBe('awaiting-approval');
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });

  test('was waited for without work, and without events of history', async () => {
    const { run } = await migrationIn('awaiting-approval', { input });
    await run.calledFor('catchUp', 2);
    const [calls, events] = [run.calls.length, await run.events()];
    await skip('30 days');
    expect(run.calls).toHaveLength(calls);
    expect((await run.events()) - events).toBeLessThanOrEqual(1);
  });
});

describe('while it waits', () => {
  /** A try that follows the source, and hands back where it stands when it is canceled. */
  const following = (etag: number) =>
    hold('catchUp', {
      when: ({ until }) => until === 'canceled',
      does: healthy.catchUp,
      canceled: () => ({ ...POSITION, etag }),
    });

  test('changes are followed from where the last round has come to, and the next begins where this one stood', async () => {
    const follows = following(140);
    const run = await start('migrateDatabase', migration, { holds: [follows] });
    await follows.begun;
    await run.request('approveCutover');
    await run.result();
    expect(run.asked('catchUp').map(({ until, from }) => [until, from.etag])).toEqual([
      ['close', 100],
      ['canceled', 100],
      ['equal', 140],
    ]);
  });

  test('a pause stops that, and a resume goes on where it stood', async () => {
    const follows = following(140);
    const run = await start('migrateDatabase', migration, { holds: [follows] });
    await follows.begun;
    await run.request('pause');
    await run.until('it has stopped', () => follows.held === 0);
    await run.request('resume');
    await run.calledFor('catchUp', 3);
    expect(run.asked('catchUp')[2]).toMatchObject({ until: 'canceled', from: { etag: 140 } });
  });

  test('what it reports shows in the progress', async () => {
    const { run } = await migrationIn('awaiting-approval');
    await run.handle.signal(transferReport, { lag: 12, position: { ...POSITION, etag: 133 } });
    await run.until('it shows', async () => (await run.progress()).lag?.etags === 12);
    expect((await run.progress()).position).toMatchObject({ etag: 133 });
    expect(await run.page()).toMatch(/Lag: 12 changes/);
  });

  test('one that fails for good ends the migration', async () => {
    const expired = fails('The certificate has expired.', 'NotAuthorized');
    const run = await start('migrateDatabase', migration, {
      activities: {
        catchUp: (asked) => (asked.until === 'canceled' ? expired() : healthy.catchUp(asked)),
      },
    });
    expect(await run.failure()).toMatchObject({
      type: 'NotAuthorized',
      message: expect.stringContaining('The certificate has expired.'),
    });
  });

  test('the page tells what to send', async () => {
    const { run } = await migrationIn('awaiting-approval');
    expect((await run.progress()).waitingFor).toMatch(
      /Stop every writer of "shop", then send approveCutover/,
    );
    expect(await run.page()).toContain('--name approveCutover');
  });

  test('the page of one whose target differs tells how to repair it', async () => {
    const run = await migrationThatDiffers();
    expect((await run.progress()).waitingFor).toMatch(/repair copies what differs again/);
    expect(await run.page()).toContain('--name repair');
    expect(await run.page()).toContain('`items/7`');
  });
});

describe('a target that differs', () => {
  test('is compared again after 5, 10, 20 minutes and so on, up to six hours', async () => {
    const run = await migrationThatDiffers();
    await skip('30 hours');
    expect(minutesBetween(run).slice(0, 9)).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360]);
  });

  test('for a week costs a bounded number of comparisons and events', async () => {
    const run = await migrationThatDiffers();
    const before = await run.events();
    await skip('7 days');
    const comparisons = run.asked('verifyMigration').length;
    expect(comparisons).toBeLessThanOrEqual(36);
    const each = ((await run.events()) - before) / comparisons;
    // a few activities and one timer, each of a few events
    expect(each).toBeLessThan(60);
  });

  test('is caught up with before each comparison', async () => {
    const run = await migrationThatDiffers();
    await skip('6m');
    await run.calledFor('verifyMigration', 2);
    const again = run.calls.slice(run.calls.indexOf('verifyMigration') + 1);
    expect(again.slice(0, 5)).toEqual([
      ...['catchUp', 'catchUp', 'planComparison', 'readPart'],
      'verifyMigration',
    ]);
  });

  test('and was corrected by hand can be approved, and is not compared any more', async () => {
    const run = await migrationThatDiffers([different(), equal()]);
    await skip('20m');
    await run.reaches('awaiting-approval');
    await skip('1 day');
    expect(run.asked('verifyMigration')).toHaveLength(3);
    await run.request('approveCutover');
    expect(await run.result()).toMatchObject({ phase: 'completed' });
  });

  test('again after it was equal begins with short waits again', async () => {
    const run = await migrationThatDiffers([different(), equal(), different()]);
    await skip('20m');
    await run.reaches('awaiting-approval');
    // the final comparison finds a difference, and so does the one after it
    await run.request('approveCutover');
    await run.calledFor('verifyMigration', 5);
    await run.reaches('awaiting-approval');
    await skip('1 hour');
    expect(minutesBetween(run).slice(-2)).toEqual([10, 20]);
  });

  test('is compared again at once after a pause', async () => {
    const run = await migrationThatDiffers();
    await run.request('pause');
    await skip('2 days');
    expect(run.asked('verifyMigration')).toHaveLength(1);
    await run.request('resume');
    await run.calledFor('verifyMigration', 2);
  });

  test('is told so by attention, with the first difference', async () => {
    const run = await migrationThatDiffers();
    expect(await run.attention()).toMatch(/Verification found 1 difference, the first: document "items\/7"/);
  });
});
