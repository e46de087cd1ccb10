import { describe, expect, test } from 'vitest';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { reportIntervalMs } from '../../../src/core/run/activity-report.ts';

const HOUR = 3_600_000;

function intervalAfter(runningMs: number): number {
  return reportIntervalMs(runningMs, defaultTuning.activity);
}

function reportsIn(totalMs: number): number {
  let reports = 0;
  for (let now = 0; now < totalMs; now += intervalAfter(now)) reports++;
  return reports;
}

describe('the interval of reports', () => {
  test.each([
    [0, 2_000],
    [1, 2_000],
    [40_000, 2_000],
    [60_000, 3_000],
    [HOUR, 180_000],
    [200 * 60_000, 600_000],
    [7 * 24 * HOUR, 600_000],
  ])('after %d ms it is %d ms', (running, interval) => {
    expect(intervalAfter(running)).toBe(interval);
  });

  test('never gets shorter', () => {
    for (let running = 0; running < 24 * HOUR; running += 7_919) {
      expect(intervalAfter(running + 7_919)).toBeGreaterThanOrEqual(intervalAfter(running));
    }
  });

  test('makes about 100 reports in an hour and about 1,100 in a week', () => {
    expect(Math.round(reportsIn(HOUR) / 100)).toBe(1);
    expect(Math.round(reportsIn(7 * 24 * HOUR) / 100)).toBe(11);
  });
});
