import { describe, expect, test } from 'vitest';
import { addLag, addWork, type GrowingSeries, ratesOf } from '../../../src/core/run/series.ts';

interface Keeper {
  series?: GrowingSeries;
}

const copying = (at: number) => ({ at, phase: 'copying' as const });
const since = '2026-11-30T10:00:00.000Z';

function work({ series }: Keeper) {
  return series?.work.points ?? [];
}

/** A copy that is told of each second. */
function copied(seconds: number, itemsPerSecond: (second: number) => number): Keeper {
  const kept: Keeper = {};
  let items = 0;
  for (let at = 0; at <= seconds; at++) {
    addWork(kept, copying(at), { since, items });
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

  test('has each report of the same moment', () => {
    const kept: Keeper = {};
    for (const items of [0, 5, 9]) addWork(kept, copying(0), { since, items });
    expect(work(kept).map(({ items }) => items)).toEqual([0, 5, 9]);
  });

  test('loses each second moment when there are more than 120, and no earlier', () => {
    expect(work(copied(119, () => 1))).toHaveLength(120);
    const moments = work(copied(120, () => 1)).map(({ at }) => at);
    expect(moments).toEqual(Array.from({ length: 61 }, (_, index) => index * 2));
  });

  test('is as dense where the first report comes late', () => {
    const kept: Keeper = {};
    for (let at = 10_000; at <= 11_000; at++) addWork(kept, copying(at), { since, items: at });
    expect(work(kept).length).toBeGreaterThan(55);
  });

  test('has a report after a long silence once', () => {
    const kept = copied(119, () => 1);
    addWork(kept, copying(10_000), { since, items: 500 });
    expect(work(kept).map(({ at }) => at)).toEqual([0, 10_000]);
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
    addWork(kept, copying(510), { since, items: 1_530 });
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

  test('know nothing between two phases, and two times of one', () => {
    const kept = copied(2, () => 10);
    const verifying = (at: number) => ({ at, phase: 'verifying' as const });
    for (const [at, items, began] of [
      [3, 500, 'once'],
      [4, 540, 'once'],
      [8, 540, 'again'],
      [9, 570, 'again'],
    ] as const)
      addWork(kept, verifying(at), { since: began, items });
    expect(ratesOf(work(kept)).slice(2)).toEqual([
      { phase: 'verifying', from: 3, to: 4, itemsPerSecond: 40 },
      { phase: 'verifying', from: 8, to: 9, itemsPerSecond: 30 },
    ]);
  });

  test('go on when a phase does something else, which counts from the beginning', () => {
    const kept: Keeper = {};
    for (let file = 0; file < 500; file++)
      for (const items of [10, 20])
        addWork(kept, copying(file * 2 + items / 10), { since, items, doing: `importing file ${file}` });
    const rates = ratesOf(work(kept));
    expect(rates.length).toBeGreaterThan(25);
    for (const { itemsPerSecond } of rates) expect(itemsPerSecond).toBeCloseTo(10, 0);
  });

  test('are never below 0, also when a try begins anew', () => {
    const kept = copied(2, () => 10);
    addWork(kept, copying(3), { since, items: 0 });
    addWork(kept, copying(4), { since, items: 40 });
    expect(ratesOf(work(kept)).map(({ itemsPerSecond }) => itemsPerSecond)).toEqual([10, 10, 0, 40]);
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
      addWork(kept, copying(at), { since, items });
    const rates = ratesOf(work(kept)).map(({ from, to, itemsPerSecond }) => [
      from,
      to,
      Math.round(itemsPerSecond),
    ]);
    expect(rates).toEqual([
      [0, 50, 10],
      // a short rest belongs to what comes before it
      [50, 100.001, 10],
    ]);
  });

  test('leave out what comes at once at the very beginning, too', () => {
    const kept: Keeper = {};
    for (const at of [0, 0.001, 50, 50.5, 100]) addWork(kept, copying(at), { since, items: at * 10 });
    expect(ratesOf(work(kept)).map(({ from, to }) => [from, to])).toEqual([
      [0, 50],
      [50, 100],
    ]);
  });

  test('are as many of a short time at the end of a long run', () => {
    const kept: Keeper = {};
    for (const at of [1_000, 1_001, 1_002]) addWork(kept, copying(at), { since, items: at });
    expect(ratesOf(work(kept)).map(({ from, to }) => [from, to])).toEqual([
      [1_000, 1_001],
      [1_001, 1_002],
    ]);
  });

  test('are none between two reports of the same moment', () => {
    const kept: Keeper = {};
    for (const items of [0, 500]) addWork(kept, copying(7), { since, items });
    expect(ratesOf(work(kept))).toEqual([]);
  });

  test('are none of a step that was told of once', () => {
    const kept: Keeper = {};
    addWork(kept, copying(1), { since, items: 5 });
    expect(ratesOf(work(kept))).toEqual([]);
    expect(ratesOf([])).toEqual([]);
  });
});
