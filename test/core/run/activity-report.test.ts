import { describe, expect, test } from 'vitest';
import { defaultTuning, defaultWorkflowTuning } from '../../../src/core/contract/tuning.ts';
import { reportIntervalMs } from '../../../src/core/run/activity-report.ts';

const HOUR = 3_600_000;

/** A report is a signal, and a task of the workflow: scheduled, started and completed. */
const EVENTS_OF_A_REPORT = 4;

function intervalAfter(runningMs: number, goesOn = true): number {
  return reportIntervalMs(runningMs, goesOn, defaultTuning.activity);
}

function reportsIn(totalMs: number, goesOn = true): number {
  let reports = 0;
  for (let now = 0; now < totalMs; now += intervalAfter(now, goesOn)) reports++;
  return reports;
}

describe('the interval of reports', () => {
  test.each([
    [0, 1_500],
    [1, 1_500],
    [30_000, 1_500],
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

  test('of work that cannot go on where it stood fits the longest attempt into one history', () => {
    const { bulkTimeoutMs, continueAfterEvents } = defaultWorkflowTuning;
    const events = EVENTS_OF_A_REPORT * reportsIn(bulkTimeoutMs, false);
    expect(events).toBeLessThan(0.75 * continueAfterEvents);
    expect(reportsIn(8 * HOUR, false)).toBe(reportsIn(8 * HOUR));
  });
});
