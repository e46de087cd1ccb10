/** The first copy by a dump on a worker's disk, and what happens when that worker is gone. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hostTaskQueue } from '../../../src/core/contract/task-queues.ts';
import { fails, first } from '../support/failing.ts';
import { HOST, healthy, type Outcome } from '../support/healthy.ts';
import { hold } from '../support/hold.ts';
import { byMethod } from '../support/inputs.ts';
import { type Run, start } from '../support/run.ts';
import { world } from '../support/world.ts';

/** An activity that waits for a worker holds the clock: this passes in real time. */
const input = { ...byMethod.dump, hostGoneAfter: '300ms' };

/** The first dump lies on a host that has no worker, the next ones on one that has. */
async function gone() {
  const { taskQueue } = await world();
  const queue = hostTaskQueue(taskQueue, `gone-${randomUUID().slice(0, 8)}`);
  const dump = { taskQueue: queue, file: '/dumps/lost', bytes: 1, totalItems: 3 };
  return { queue, exportDump: first(1, async () => dump, healthy.exportDump) };
}

async function waiting(run: Run): Promise<void> {
  await run.reaches('awaiting-approval');
}

describe('a dump', () => {
  test('is written by any worker, and imported and removed on its host', async () => {
    const run = await start('migrateDatabase', input);
    await waiting(run);
    const order = run.calls.filter((name) => name.endsWith('Dump'));
    expect(order).toEqual(['exportDump', 'importDump', 'removeDump']);
    expect(run.queues('exportDump')).toEqual(['']);
    expect([...run.queues('importDump'), ...run.queues('removeDump')]).toEqual([`@${HOST}`, `@${HOST}`]);
  });

  test('that cannot be removed is noted, and the migration goes on', async () => {
    const run = await start('migrateDatabase', input, {
      activities: { removeDump: fails('The disk is read-only.') },
    });
    await waiting(run);
    expect(await run.notes()).toContainEqual(expect.stringMatching(/dump was left on the disk.*read-only/));
  });

  test.each([
    ['an abort', (run: Run) => run.request('abort'), 'FAILED'],
    ['a cancellation', (run: Run) => run.handle.cancel(), 'CANCELLED'],
  ] as const)('is removed after %s in the middle of its import', async (_what, end, state) => {
    const importing = hold('importDump');
    const run = await start('migrateDatabase', input, { holds: [importing] });
    await importing.begun;
    await end(run);
    await run.ends(state);
    expect(run.calls.slice(-4)).toEqual(['removeDump', 'releaseTombstones', 'releaseTarget', 'writeReport']);
  });

  test('is removed when its import fails for good', async () => {
    const run = await start('migrateDatabase', input, {
      activities: { importDump: fails('The disk is full.', 'DiskFull') },
    });
    expect((await run.failure()).type).toBe('DiskFull');
    expect(run.asked('removeDump')).toHaveLength(1);
  });

  test('that is lost is written again', async () => {
    const run = await start('migrateDatabase', input, {
      activities: { importDump: first(1, fails('It is not there.', 'DumpLost'), healthy.importDump) },
    });
    await waiting(run);
    expect(run.asked('exportDump')).toHaveLength(2);
    expect(await run.notes()).toContainEqual(expect.stringMatching(/exporting again: It is not there/));
  });
});

describe('an import of a dump', () => {
  const stopped = (): Outcome<'importDump'> => ({ stoppedAt: 2 });

  test('goes on after a pause where it stood', async () => {
    const importing = hold('importDump', { when: (_asked, nth) => nth === 1, canceled: stopped });
    const run = await start('migrateDatabase', input, { holds: [importing] });
    await importing.begun;
    await run.request('pause');
    await run.until('it has stopped', () => importing.held === 0);
    await run.request('resume');
    await waiting(run);
    expect(run.asked('importDump').map(({ itemsDone }) => itemsDone)).toEqual([0, 2]);
    expect(run.asked('exportDump')).toHaveLength(1);
  });

  test('goes on with a new limit where it stood', async () => {
    const importing = hold('importDump', { when: (_asked, nth) => nth === 1, canceled: stopped });
    const run = await start('migrateDatabase', input, { holds: [importing] });
    await importing.begun;
    await run.request('throttle', { maxItemsPerSecond: 9 });
    await waiting(run);
    expect(run.asked('importDump')).toMatchObject([
      { itemsDone: 0, maxItemsPerSecond: null },
      { itemsDone: 2, maxItemsPerSecond: 9 },
    ]);
  });

  test('begins at the beginning of another dump', async () => {
    const importing = hold('importDump', { when: (_asked, nth) => nth === 1, canceled: stopped });
    let imports = 0;
    const run = await start('migrateDatabase', input, {
      activities: {
        importDump: async (asked) => {
          if (++imports === 2) return await fails('It is not there.', 'DumpLost')();
          return (await importing.activities.importDump?.(asked)) ?? {};
        },
      },
    });
    await importing.begun;
    await run.request('throttle', { maxItemsPerSecond: 9 });
    await waiting(run);
    expect(run.asked('importDump').map(({ itemsDone }) => itemsDone)).toEqual([0, 2, 0]);
  });
});

describe('a host that stays away', () => {
  test('has its dump written again by another one', async () => {
    const { exportDump } = await gone();
    const run = await start('migrateDatabase', input, { activities: { exportDump } });
    await waiting(run);
    expect(run.asked('exportDump')).toHaveLength(2);
    expect(run.asked('importDump')).toHaveLength(1);
    expect(await run.notes()).toContainEqual(
      expect.stringMatching(/worker that held the dump is gone; exporting again/),
    );
    // the file that is lost with its host is left there
    expect(run.asked('removeDump')).toMatchObject([{ file: '/dumps/shop' }]);
  });

  test('is waited for as long as the input says, and 5 minutes without', async () => {
    const run = await start('migrateDatabase', byMethod.dump);
    await waiting(run);
    const { events } = await run.handle.fetchHistory();
    const [scheduled] = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'importDump' ? [scheduled] : [],
    );
    expect(Number(scheduled?.scheduleToStartTimeout?.seconds)).toBe(300);
  });

  describe('where it is to be waited for', () => {
    const patient = { ...input, onHostGone: 'wait' };

    async function asking() {
      const { queue, exportDump } = await gone();
      const run = await start('migrateDatabase', patient, { activities: { exportDump } });
      await run.until('it asks', async () => /stays away/.test((await run.attention()) ?? ''));
      return { run, queue };
    }

    test('is asked for by name, and nothing is exported again', async () => {
      const { run, queue } = await asking();
      expect(await run.attention()).toMatch(/which holds the dump, stays away: start it again, or abort/);
      expect(await run.attention()).toContain(queue);
      expect(run.asked('exportDump')).toHaveLength(1);
      await run.request('abort');
      expect((await run.failure()).type).toBe('Aborted');
    });

    test('imports when it is back', async () => {
      const { run, queue } = await asking();
      const { startWorker } = await world();
      const worker = await startWorker(queue);
      await waiting(run);
      expect(run.asked('exportDump')).toHaveLength(1);
      expect(await run.attention()).toBeNull();
      worker.shutdown();
    });
  });
});
