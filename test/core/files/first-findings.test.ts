import { describe, expect, test } from 'vitest';
import { firstChecks, firstLines } from '../../../src/core/files/first-findings.ts';
import type { Check } from '../../../src/core/plan/check.ts';

const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`);

const checks = (count: number, status: Check['status']): Check[] =>
  Array.from({ length: count }, (_, n) => ({ name: 'files', status, message: `check ${n}` }));

describe('what a look at many files finds', () => {
  test('is told as it is where it is short', () => {
    expect(firstLines(lines(50))).toEqual(lines(50));
    const few = [...checks(50, 'warning'), ...checks(1, 'blocker')];
    expect(firstChecks(few)).toEqual(few);
    expect([firstLines([]), firstChecks([])]).toEqual([[], []]);
  });

  test('is cut where it is long, with the sum at its end', () => {
    const cut = firstLines([...lines(2_000), 'in all']);
    expect(cut).toHaveLength(51);
    expect(cut.slice(-3)).toEqual(['line 48', '... and 1951 more.', 'in all']);
  });

  test('is cut for each status, so that no blocker gets lost among warnings', () => {
    const cut = firstChecks([...checks(2_000, 'warning'), ...checks(60, 'blocker')]);
    expect(cut).toHaveLength(102);
    expect(cut[50]).toEqual({ name: 'more', status: 'warning', message: 'There are 1950 more like these.' });
    expect(cut.at(-1)).toEqual({ name: 'more', status: 'blocker', message: 'There are 10 more like these.' });
  });
});
