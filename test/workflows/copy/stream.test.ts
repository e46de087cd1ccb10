/** The first copy, database to database: stages, pieces, and what goes on where it stood. */
import { describe, expect, test } from 'vitest';
import { transferReport } from '../../../src/core/run/activity-report.ts';
import { fails } from '../support/failing.ts';
import { type Asked, healthy, type Outcome, POSITION } from '../support/healthy.ts';
import { hold } from '../support/hold.ts';
import { migration } from '../support/inputs.ts';
import { start } from '../support/run.ts';

type Plan = Outcome<'planCopy'>;
type Piece = Plan['stages'][number][number];

/** Pieces of a kind, one etag each. */
function pieces(kind: Piece['kind'], number: number): Piece[] {
  return Array.from({ length: number }, (_, at) => ({ kind, from: at, before: at + 1 }));
}

function planned(...stages: Piece[][]) {
  return async (): Promise<Plan> => ({ stages, totalItems: 100 });
}

describe('pieces', () => {
  test('are handed out eight at a time, on the queue that workers share', async () => {
    const copying = hold('copyPiece');
    const run = await start('migrateDatabase', migration, {
      holds: [copying],
      activities: { planCopy: planned(pieces('Documents', 11)) },
    });
    await run.calledFor('copyPiece', 8);
    await settles();
    expect(copying.held).toBe(8);
    copying.release();
    await run.reaches('awaiting-approval');
    expect(run.asked('copyPiece')).toHaveLength(11);
    expect(new Set(run.queues('copyPiece'))).toEqual(new Set(['/pieces']));
  });

  test('are copied one after another under a limit, and not on that queue', async () => {
    const copying = hold('copyPiece');
    const run = await start(
      'migrateDatabase',
      { ...migration, maxItemsPerSecond: 5 },
      { holds: [copying], activities: { planCopy: planned(pieces('Documents', 3)) } },
    );
    await copying.begun;
    await settles();
    expect(copying.held).toBe(1);
    copying.release();
    await run.reaches('awaiting-approval');
    expect(run.queues('copyPiece')).toEqual(['', '', '']);
    expect(run.asked('copyPiece').map(({ maxItemsPerSecond }) => maxItemsPerSecond)).toEqual([5, 5, 5]);
  });

  test('of a stage are all done before the next stage begins', async () => {
    const copying = hold('copyPiece', { when: ({ piece }) => piece.from === 1 });
    const run = await start('migrateDatabase', migration, {
      holds: [copying],
      activities: { planCopy: planned(pieces('Documents', 2), pieces('RevisionDocuments', 2)) },
    });
    await copying.begun;
    await run.calledFor('copyPiece', 2);
    await settles();
    expect(run.asked('copyPiece').map(({ piece }) => piece.kind)).toEqual(['Documents', 'Documents']);
    copying.release();
    await run.reaches('awaiting-approval');
    expect(run.asked('copyPiece').map(({ piece }) => piece.kind)).toEqual([
      ...['Documents', 'Documents'],
      ...['RevisionDocuments', 'RevisionDocuments'],
    ]);
  });

  test('bear numbers of their own, of which none comes twice', async () => {
    const run = await start('migrateDatabase', migration, {
      activities: { planCopy: planned(pieces('Documents', 2), pieces('RevisionDocuments', 1)) },
    });
    await run.reaches('awaiting-approval');
    const copied = run.asked('copyPiece').map(({ number }) => number);
    const read = run.asked('readPart').map(({ number }) => number);
    expect(new Set([...copied, ...read])).toHaveProperty('size', 3 + read.length);
  });

  test.each(['CounterGroups', 'TimeSeries'] as const)(
    'of %s come after a round, since they need their documents',
    async (kind) => {
      const later = { ...POSITION, etag: 130 };
      const run = await start('migrateDatabase', migration, {
        activities: {
          planCopy: planned(pieces('Documents', 1), pieces(kind, 1)),
          catchUp: async (asked) => (asked.until === 'carried' ? later : healthy.catchUp(asked)),
        },
      });
      await run.reaches('awaiting-approval');
      const order = run.calls.filter((name) => name === 'copyPiece' || name === 'catchUp').slice(0, 4);
      expect(order).toEqual(['copyPiece', 'catchUp', 'copyPiece', 'catchUp']);
      // the next round begins where that one has come to
      expect(
        run
          .asked('catchUp')
          .map(({ until, from }) => [until, from.etag])
          .slice(0, 2),
      ).toEqual([
        ['carried', 100],
        ['close', 130],
      ]);
    },
  );

  test('are followed by what belongs to the database as a whole, and by the indexes', async () => {
    const run = await start('migrateDatabase', migration, {
      activities: { copyIndexes: async () => ['Index "Corax" is not carried.'] },
    });
    await run.reaches('awaiting-approval');
    const from = run.calls.indexOf('copyPiece');
    expect(run.calls.slice(from, from + 3)).toEqual(['copyPiece', 'copyClusterItems', 'copyIndexes']);
    expect((await run.report()).notCarried).toContain('Index "Corax" is not carried.');
  });

  test('of which one fails for good stop the others', async () => {
    const failing = fails('The disk is full.', 'DiskFull');
    const copying = hold('copyPiece', {
      when: ({ piece }) => piece.from !== 0,
      does: failing,
    });
    const run = await start('migrateDatabase', migration, {
      activities: {
        planCopy: planned(pieces('Documents', 3)),
        // it fails when the others are at work
        copyPiece: async (asked: Asked<'copyPiece'>) => {
          const { copyPiece } = copying.activities;
          if (asked.piece.from === 0) await copying.begun;
          return await (copyPiece?.(asked) ?? failing());
        },
      },
    });
    expect((await run.failure()).type).toBe('DiskFull');
    expect(copying.held).toBe(0);
  });
});

describe('a piece that was stopped', () => {
  const half = { done: false, progress: { next: 40, items: 2, bytes: 200 } };

  test.each([
    [
      'by a pause',
      async (run: Awaited<ReturnType<typeof start>>) => {
        await run.request('pause');
        await run.until('it has stopped', async () => (await run.pending()).length === 0);
        await run.request('resume');
      },
    ],
    [
      'by a new limit',
      (run: Awaited<ReturnType<typeof start>>) => run.request('throttle', { maxItemsPerSecond: 9 }),
    ],
  ])('%s goes on where it stood', async (_how, interrupt) => {
    const copying = hold('copyPiece', { when: (_asked, nth) => nth === 1, canceled: () => half });
    const run = await start('migrateDatabase', migration, { holds: [copying] });
    await copying.begun;
    await interrupt(run);
    await run.calledFor('copyPiece', 2);
    expect(run.asked('copyPiece').map(({ reached }) => reached)).toEqual([undefined, half.progress]);
    await run.reaches('awaiting-approval');
  });

  test('leaves those alone that were done', async () => {
    const copying = hold('copyPiece', {
      when: ({ piece }, nth) => piece.from === 1 && nth <= 2,
      canceled: () => half,
    });
    const run = await start('migrateDatabase', migration, {
      holds: [copying],
      activities: { planCopy: planned(pieces('Documents', 2)) },
    });
    await copying.begun;
    await run.calledFor('copyPiece', 2);
    await run.until('the other is done', async () => (await run.pending()).length === 1);
    await run.request('pause');
    await run.until('it has stopped', async () => (await run.pending()).length === 0);
    await run.request('resume');
    await run.reaches('awaiting-approval');
    const first = run.asked('copyPiece').filter(({ piece }) => piece.from === 0);
    expect(first).toHaveLength(1);
    expect(run.asked('copyPiece')).toHaveLength(3);
  });

  test('shows how far it is while it stands', async () => {
    const copying = hold('copyPiece', { canceled: () => half });
    const run = await start('migrateDatabase', migration, { holds: [copying] });
    await copying.begun;
    await run.request('pause');
    await run.until('it has stopped', async () => (await run.pending()).length === 0);
    expect((await run.progress()).transferred).toMatchObject({ items: 2, totalItems: 3, bytes: 200 });
  });
});

describe('a report of a piece', () => {
  test('shows in the progress and on the page', async () => {
    const copying = hold('copyPiece');
    const run = await start('migrateDatabase', migration, { holds: [copying] });
    await copying.begun;
    const [{ number } = { number: -1 }] = run.asked('copyPiece');
    await run.handle.signal(transferReport, {
      piece: { number, progress: { next: 40, items: 2, bytes: 200 } },
    });
    await run.until('it shows', async () => (await run.progress()).transferred?.items === 2);
    expect(await run.page()).toMatch(/2 of 3 items \(66%\)/);
  });

  test('of an earlier work changes nothing', async () => {
    const reading = hold('readPart');
    const run = await start('migrateDatabase', migration, { holds: [reading] });
    await reading.begun;
    const [{ number } = { number: -1 }] = run.asked('copyPiece');
    await run.handle.signal(transferReport, {
      piece: { number, progress: { next: 99, items: 99, bytes: 99 } },
    });
    await settles();
    expect((await run.progress()).transferred?.items ?? 0).toBe(0);
  });
});

/** Lets what is on its way arrive. */
async function settles(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
