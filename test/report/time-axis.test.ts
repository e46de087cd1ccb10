import { describe, expect, test } from 'vitest';
import { timeAxis } from '../../src/report/time-axis.ts';
import { empty, full } from './samples.ts';

const labels = (axis: ReturnType<typeof timeAxis>) => axis.ticks.map(({ label }) => label);

describe('the time of a run from left to right', () => {
  test('is even where the run waits for nobody', () => {
    const timings = [
      { phase: 'copying' as const, startedAt: empty.startedAt, seconds: 60 },
      { phase: 'verifying' as const, startedAt: '2026-11-30T10:01:00.000Z', seconds: 65 },
    ];
    const axis = timeAxis({ ...empty, timings }, 0);
    expect(axis.isShortened).toBe(false);
    expect(axis.place(62.5)).toBe(50);
    expect(axis.bands.map(({ phase, from, to }) => [phase, from, to])).toEqual([
      ['copying', 0, 48],
      ['verifying', 48, 100],
    ]);
    expect(labels(axis)).toEqual(['0 s', '20 s', '40 s', '60 s', '80 s', '100 s', '120 s']);
  });

  test('gives a night of waiting a third of the width, and keeps its order', () => {
    const axis = timeAxis(full, 0);
    const waiting = axis.bands.find(({ phase }) => phase === 'awaiting-approval');
    expect(axis.isShortened).toBe(true);
    expect((waiting?.to ?? 0) - (waiting?.from ?? 0)).toBeCloseTo(100 / 3, 1);
    const places = [0, 60, 2_400, 3_300, 30_000, 54_000, 54_060].map(axis.place);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.at(-1)).toBe(100);
  });

  test('has labels that do not run into each other, in units of what they stand beside', () => {
    const { ticks } = timeAxis(full, 0);
    expect(ticks.map(({ label }) => label)).toEqual(['0 min', '20 min', '40 min', '5 h', '15 h']);
    const gaps = ticks.slice(1).map(({ place }, index) => place - (ticks[index]?.place ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(12);
  });

  test('reaches what was told last, also of a run that goes on', () => {
    const [planning] = full.timings;
    const axis = timeAxis({ ...full, endedAt: null, timings: planning ? [planning] : [] }, 100);
    expect(axis.place(100)).toBe(100);
    expect(timeAxis(empty, 0).place(0)).toBe(0);
  });
});
