import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareById } from '../../src/activities/compare-by-id.ts';
import { carryRound } from '../../src/activities/round.ts';
import type { Position } from '../../src/core/progress.ts';
import type { Difference } from '../../src/core/verification.ts';
import { readPosition } from '../../src/ravendb/statistics.ts';
import { ActivityBench } from '../support/activities.ts';
import { Application } from '../support/application.ts';
import { differences } from '../support/compare.ts';
import { createEverything } from '../support/everything.ts';
import { PLANTS } from '../support/plants.ts';

describe('repairing what differs', () => {
  let bench: ActivityBench;
  let ids: string[];
  let position: Position;

  beforeAll(async () => {
    bench = await ActivityBench.open();
    await bench.databases({ withTarget: true });
    const { raven } = bench.stack;
    bench.source = bench.stack.databaseName('everything');
    await createEverything(raven, bench.source, { plain: 20 });
    position = await readPosition(raven, bench.source);
    await bench.call('copy', { ...bench.input(), from: position });
    ids = await bench.allIds(bench.source);
  });
  afterAll(() => bench.close());

  const sides = () => ({
    source: { connection: 'local', database: bench.source },
    target: { connection: 'local', database: bench.target },
  });

  async function found(): Promise<Difference[]> {
    return await compareById(bench.run, sides(), [...ids, 'extra/1'], { extraAllowed: false });
  }

  async function ownComparison(): Promise<string[]> {
    const without = ['indexes', 'settings'] as const;
    return await differences(bench.stack.raven, bench.source, bench.target, { without: [...without] });
  }

  test('makes each damage good, and a round after that finds all as it was', async () => {
    const { raven } = bench.stack;
    const application = new Application(raven, bench.target);
    for (const { plant } of PLANTS) await plant(application);
    const items = await found();
    expect(items.length).toBeGreaterThanOrEqual(PLANTS.length);
    const { before, after } = await bench.call('repairItems', { ...sides(), items });
    expect(after).toEqual([]);
    expect(new Set(before)).toEqual(new Set(items));
    expect(await ownComparison()).toEqual([]);

    const source = new Application(raven, bench.source);
    await source.increment('loose/5', { likes: 1 });
    await source.increment('loose/6', { likes: 1 });
    await source.increment('counted/large', { odd: -3 });
    await carryRound(bench.environment, bench.run, { ...bench.input(), from: position });
    expect(await ownComparison()).toEqual([]);
  });
});
