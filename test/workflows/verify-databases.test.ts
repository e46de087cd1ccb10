/** A comparison of two databases: what it reads, how it is cut into parts, what it returns, and repairs on request. */
import { describe, expect, test } from 'vitest';
import type { VerifyResult } from '../../src/core/run/results.ts';
import { skip } from './support/clock.ts';
import { fails } from './support/failing.ts';
import { different, equal, healthy, type Outcome, PIECE, STORAGES } from './support/healthy.ts';
import { hold } from './support/hold.ts';
import { inputOf } from './support/inputs.ts';
import { type Run, type StartOptions, start } from './support/run.ts';

const input = inputOf.verifyDatabases as object;

function compare(more: object = {}, options: StartOptions = {}): Promise<Run> {
  return start('verifyDatabases', { ...input, ...more }, options);
}

/** So many parts of the source, of so many items together. */
function parts(number: number, totalItems: number) {
  const [storage = { ...STORAGES[0] }] = STORAGES;
  const reading = { storage, piece: PIECE } as Outcome<'planComparison'>['readings'][number];
  return async () => ({
    storages: STORAGES,
    readings: Array.from({ length: number }, () => reading),
    totalItems,
  });
}

describe('the depth', () => {
  test.each([
    { depth: 'full', calls: ['planComparison', 'readPart', 'compareDatabases'] },
    { depth: 'sample', calls: ['sampleDatabases'] },
    { depth: 'counts', calls: ['countDatabases'] },
  ])('"$depth" asks for $calls', async ({ depth, calls }) => {
    const run = await compare({ depth });
    expect(await run.result<VerifyResult>()).toMatchObject({ phase: 'completed', equal: true, depth });
    expect(run.calls).toEqual(['planVerification', ...calls, 'writeReport']);
  });

  test('"sample" draws as many documents as the input says', async () => {
    const run = await compare({ depth: 'sample', sampleSize: 77 });
    await run.result();
    expect(run.asked('sampleDatabases')[0]?.sampleSize).toBe(77);
  });

  test('of which only "full" reads has a phase of its own for it', async () => {
    const [full, counts] = [await compare(), await compare({ depth: 'counts' })];
    await Promise.all([full.result(), counts.result()]);
    expect(full.left.timings.map(({ phase }) => phase)).toEqual([
      'planning',
      'reading',
      'comparing',
      'completing',
    ]);
    expect(counts.left.timings.map(({ phase }) => phase)).toEqual(['planning', 'comparing', 'completing']);
  });

  test('goes with what the target may hold of its own', async () => {
    const run = await compare({ allowExtra: true });
    await run.result();
    expect(run.asked('compareDatabases')[0]?.allowExtra).toBe(true);
  });
});

describe('differences', () => {
  test('are a result and no failure', async () => {
    const run = await compare({}, { activities: { compareDatabases: async () => different() } });
    expect(await run.result<VerifyResult>()).toMatchObject({
      phase: 'completed',
      equal: false,
      mismatches: 1,
      differences: different().differences,
    });
  });

  test('do not include documents that were only behind', async () => {
    const run = await compare({}, { activities: { compareDatabases: async () => equal({ lagging: 2 }) } });
    expect(await run.result<VerifyResult>()).toMatchObject({ equal: true, lagging: 2 });
  });
});

describe('a plan with blockers', () => {
  test('ends the comparison before anything is read', async () => {
    const check = { name: 'target', status: 'blocker', message: 'The target does not exist.' } as const;
    const run = await compare({}, { activities: { planVerification: async () => [check] } });
    expect(await run.failure()).toMatchObject({
      type: 'PlanBlocked',
      message: expect.stringContaining('The target does not exist.'),
    });
    expect(run.calls).toEqual(['planVerification', 'writeReport']);
  });
});

describe('parts', () => {
  const MANY = 1_000_000;

  test.each([
    { totalItems: MANY - 1, atOnce: 2, queue: '' },
    { totalItems: MANY, atOnce: 8, queue: '/pieces' },
  ])('of $totalItems items are read $atOnce at a time', async ({ totalItems, atOnce, queue }) => {
    const reading = hold('readPart');
    const run = await compare(
      {},
      { holds: [reading], activities: { planComparison: parts(10, totalItems) } },
    );
    await run.calledFor('readPart', atOnce);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(reading.held).toBe(atOnce);
    expect(new Set(run.queues('readPart'))).toEqual(new Set([queue]));
    await run.request('abort');
    await run.failure();
  });

  test('are read one after another under a limit, not on the queue that workers share', async () => {
    const run = await compare({ maxItemsPerSecond: 5 }, { activities: { planComparison: parts(3, MANY) } });
    await run.result();
    expect(run.queues('readPart')).toEqual(['', '', '']);
    expect(run.asked('readPart').map(({ maxItemsPerSecond }) => maxItemsPerSecond)).toEqual([5, 5, 5]);
  });

  test('that were stopped go on where they stood', async () => {
    const read = { next: 40, items: 2, bytes: 200, sums: '', attachments: 0, counters: 0, misplaced: [] };
    const reading = hold('readPart', {
      when: (_asked, nth) => nth === 1,
      canceled: () => ({ done: false, read }),
    });
    const run = await compare({}, { holds: [reading] });
    await reading.begun;
    await run.request('throttle', { maxItemsPerSecond: 9 });
    await run.result();
    expect(run.asked('planComparison')).toHaveLength(1);
    expect(run.asked('readPart')[1]).toMatchObject({ reached: read, maxItemsPerSecond: 9 });
  });

  test('are added up for the comparison', async () => {
    const run = await compare(
      {},
      {
        activities: {
          planComparison: async () => ({
            storages: STORAGES,
            readings: STORAGES.map((storage) => ({ storage, piece: PIECE })),
            totalItems: 7,
          }),
          readPart: async (asked) => {
            const read = await healthy.readPart(asked);
            const items = asked.reading.storage.side === 'source' ? 4 : 3;
            return { ...read, read: { ...read.read, items } };
          },
        },
      },
    );
    await run.result();
    expect(run.asked('compareDatabases')[0]?.compared).toMatchObject({
      documents: { source: 4, target: 3 },
      shards: { '0': 3 },
    });
  });
});

describe('a repair on request', () => {
  async function asking(later = equal(), activities: StartOptions['activities'] = {}): Promise<Run> {
    let comparisons = 0;
    const run = await compare(
      { repair: 'ask' },
      {
        activities: {
          compareDatabases: async () => (comparisons++ === 0 ? different() : later),
          ...activities,
        },
      },
    );
    await run.reaches('awaiting-repair');
    return run;
  }

  test('is waited for, for a week, and tells what to send', async () => {
    const run = await asking();
    await skip('7 days');
    expect(await run.progress()).toMatchObject({
      phase: 'awaiting-repair',
      waitingFor: expect.stringMatching(/repair mends all that differs.*abort ends the comparison/),
    });
    expect(await run.page()).toContain('--name repair');
  });

  test('copies what was found, compares again, and says what became of it', async () => {
    const run = await asking();
    await run.request('repair', { by: 'ann', note: 'why not' });
    expect(await run.result<VerifyResult>()).toMatchObject({
      equal: true,
      repairs: [{ by: 'ann', note: 'why not', before: different().differences, after: [] }],
    });
    expect(run.asked('repairItems')).toMatchObject([{ items: different().differences }]);
    expect(run.asked('compareDatabases')).toHaveLength(2);
  });

  test('that left something is asked for again', async () => {
    const run = await asking(different());
    await run.request('repair');
    await run.calledFor('compareDatabases', 2);
    await run.reaches('awaiting-repair');
    expect(run.asked('repairItems')).toHaveLength(1);
  });

  test('that nobody wants is ended by an abort', async () => {
    const run = await asking();
    await run.request('abort', { by: 'ann' });
    expect((await run.failure()).type).toBe('Aborted');
    expect(run.left).toMatchObject({ mismatches: 1, differences: different().differences });
  });

  test('that fails for good ends the comparison', async () => {
    const run = await asking(equal(), { repairItems: fails('The target is disabled.', 'DatabaseDisabled') });
    await run.request('repair');
    expect((await run.failure()).type).toBe('DatabaseDisabled');
  });

  test('of more than are listed mends all of them, without what the target may have of its own', async () => {
    let comparisons = 0;
    const run = await compare(
      { repair: 'ask', allowExtra: true },
      {
        activities: {
          compareDatabases: async () => (comparisons++ === 0 ? different({ mismatches: 250 }) : equal()),
        },
      },
    );
    await run.reaches('awaiting-repair');
    await run.request('repair', { by: 'ann' });
    expect(await run.result<VerifyResult>()).toMatchObject({
      equal: true,
      repairs: [{ by: 'ann', documents: 3, after: [] }],
    });
    expect(run.asked('repairMany')).toMatchObject([{ allowExtra: true, storages: STORAGES }]);
    expect(run.asked('planComparison')).toHaveLength(2);
  });

  test('that the next comparison has to check goes on by itself', async () => {
    const found = [different({ mismatches: 250 }), different({ mismatches: 9 }), equal()];
    const run = await compare(
      { repair: 'ask' },
      {
        activities: {
          compareDatabases: async () => found.shift() ?? equal(),
          repairMany: async () => ({ documents: 241, left: [], isChecked: false }),
        },
      },
    );
    await run.reaches('awaiting-repair');
    await run.request('repair', { by: 'ann' });
    expect(await run.result<VerifyResult>()).toMatchObject({
      equal: true,
      repairs: [{ by: 'ann', documents: 482, after: [] }],
    });
  });

  test('of a sample reads everything first, for it mends what was not drawn, too', async () => {
    let samples = 0;
    const sampleDatabases = async () =>
      samples++ === 0 ? different({ depth: 'sample' }) : equal({ depth: 'sample' });
    const run = await compare({ repair: 'ask', depth: 'sample' }, { activities: { sampleDatabases } });
    await run.reaches('awaiting-repair');
    await run.request('repair', { by: 'ann' });
    expect(await run.result<VerifyResult>()).toMatchObject({ equal: true });
    const asked = run.calls.filter((name) => /Databases|planComparison|repair/.test(name));
    expect(asked).toEqual([
      'sampleDatabases',
      'planComparison',
      'repairMany',
      'repairItems',
      'sampleDatabases',
    ]);
  });

  test('is begun again after a pause, and ended by an abort', async () => {
    const repairing = hold('repairMany');
    const run = await compare(
      { repair: 'ask' },
      {
        holds: [repairing],
        activities: { compareDatabases: async () => different({ mismatches: 250 }) },
      },
    );
    await run.reaches('awaiting-repair');
    await run.request('repair', { by: 'ann' });
    await repairing.begun;
    await run.request('pause');
    await run.request('resume');
    await run.calledFor('repairMany', 2);
    await run.request('abort', { by: 'ann' });
    expect((await run.failure()).type).toBe('Aborted');
  });

  test('may be tried dry before, as often as one likes', async () => {
    const run = await asking();
    for (const times of [1, 2]) {
      await run.request('repair', { by: 'ann', dryRun: true });
      await run.until('it is done', async () => (await run.report()).dryRuns?.length === times);
    }
    expect(await run.progress()).toMatchObject({
      phase: 'awaiting-repair',
      dryRun: { by: 'ann', found: { missing: 2, changed: 1 } },
    });
    expect(run.asked('repairItems')).toEqual([]);
    await run.request('repair', { by: 'ann' });
    expect(await run.result<VerifyResult>()).toMatchObject({ equal: true });
    expect(run.left.dryRuns).toHaveLength(2);
  });

  test('is not waited for where nothing differs', async () => {
    const run = await compare({ repair: 'ask' });
    expect(await run.result()).toMatchObject({ phase: 'completed', equal: true });
  });
});

describe('laggards', () => {
  test('of one comparison are told to the next', async () => {
    const laggards = [{ id: 'items/9', since: '2026-01-01T00:00:00.000Z' }];
    let comparisons = 0;
    const run = await compare(
      { repair: 'ask' },
      {
        activities: {
          compareDatabases: async () => (comparisons++ === 0 ? different({ lagging: 1, laggards }) : equal()),
        },
      },
    );
    await run.reaches('awaiting-repair');
    await run.request('repair');
    await run.result();
    expect(run.asked('compareDatabases').map((asked) => asked.laggards)).toEqual([undefined, laggards]);
  });
});

describe('under a schedule', () => {
  test('each run hands its figures on to the next', async () => {
    const run = await compare({ depth: 'counts' }, { cronSchedule: '0 * * * *' });
    // whatever minute it is: three full hours come in less
    await skip('180m');
    await run.until('it has run three times', () => run.reports.length >= 3);
    expect(run.reports.map(({ trend }) => trend?.length)).toEqual([1, 2, 3]);
    await run.handle.terminate();
  });
});
