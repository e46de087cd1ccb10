import { describe, expect, test } from 'vitest';
import { addLag, addWork, type GrowingSeries, ratesOf } from '../../../src/core/run/series.ts';

interface Keeper {
  series?: GrowingSeries;
}

const copying = (at: number) => ({ at, phase: 'copying' as const });

function work({ series }: Keeper) {
  return series?.work.points ?? [];
}

/** A copy that is told of each second. */
function copied(seconds: number, itemsPerSecond: (second: number) => number): Keeper {
  const kept: Keeper = {};
  let items = 0;
  for (let at = 0; at <= seconds; at++) {
    addWork(kept, copying(at), { items });
    items += itemsPerSecond(at);
  }
  return kept;
}

describe('the series of a run', () => {
  test('has each report of a short run', () => {
    const kept = copied(10, () => 5);
    expect(work(kept)).toHaveLength(11);
    expect(work(kept).at(-1)).toEqual({ at: 10, phase: 'copying', items: 50, step: 1 });
  });

  test.each([
    ['an hour', 3_600],
    ['a week', 7 * 24 * 3_600],
  ])('stays small in %s, spread over all of it, and has its first and its latest moment', (_, seconds) => {
    const kept = copied(seconds, () => 7);
    const points = work(kept);
    expect(points.length).toBeGreaterThan(55);
    expect(points.length).toBeLessThanOrEqual(120);
    expect(points[0]?.at).toBe(0);
    expect(points.at(-1)).toMatchObject({ at: seconds, items: seconds * 7 });
    const gaps = points.slice(1, -1).map(({ at }, index) => at - (points[index]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(seconds / 25);
    expect(JSON.stringify(kept).length).toBeLessThan(10_000);
  });

  test('keeps the lag in the same way', () => {
    const kept: Keeper = {};
    for (let at = 0; at < 10_000; at++) addLag(kept, { at, phase: 'awaiting-approval' }, at % 100);
    expect(kept.series?.lag.points.length).toBeLessThanOrEqual(120);
    expect(kept.series?.lag.points.at(-1)).toEqual({ at: 9_999, phase: 'awaiting-approval', lag: 99 });
  });

  test('goes on as plain data', () => {
    const kept = JSON.parse(JSON.stringify(copied(500, () => 3)));
    const before = work(kept).length;
    addWork(kept, copying(510), { items: 1_530 });
    expect(work(kept).length - before).toBeLessThanOrEqual(1);
    expect(work(kept).at(-1)).toMatchObject({ items: 1_530, step: 1 });
  });
});

describe('the rates of a run', () => {
  test('are those between the reports', () => {
    const kept = copied(4, (at) => (at < 2 ? 100 : 50));
    expect(ratesOf(work(kept)).map(({ from, to, itemsPerSecond }) => [from, to, itemsPerSecond])).toEqual([
      [0, 1, 100],
      [1, 2, 100],
      [2, 3, 50],
      [3, 4, 50],
    ]);
  });

  test.each([
    ['of another phase', { at: 3, phase: 'verifying' as const }, { items: 500 }],
    ['that does something else', copying(3), { items: 500, doing: 'importing the dump' }],
    ['of a try that begins anew', copying(3), { items: 0 }],
  ])('know nothing across the beginning of a step %s', (_, moment, transferred) => {
    const kept = copied(2, () => 10);
    addWork(kept, moment, transferred);
    addWork(kept, { ...moment, at: 4 }, { ...transferred, items: transferred.items + 40 });
    const rates = ratesOf(work(kept));
    expect(rates.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [3, 4],
    ]);
    expect(rates.at(-1)).toMatchObject({ phase: moment.phase, itemsPerSecond: 40 });
  });

  test('are not those of two reports that came at once', () => {
    const kept: Keeper = {};
    for (const [at, items] of [
      [0, 0],
      [50, 500],
      [50.001, 1_000],
      [100, 1_000],
      [100.001, 1_010],
    ] as const)
      addWork(kept, copying(at), { items });
    const rates = ratesOf(work(kept));
    expect(rates.map(({ itemsPerSecond }) => Math.round(itemsPerSecond))).toEqual([10, 10]);
  });

  test('are none of a step that was told of once', () => {
    const kept: Keeper = {};
    addWork(kept, copying(1), { items: 5 });
    expect(ratesOf(work(kept))).toEqual([]);
    expect(ratesOf([])).toEqual([]);
  });
});
