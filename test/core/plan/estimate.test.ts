import { describe, expect, test } from 'vitest';
import { catchUpCheck, estimate, type Sample } from '../../../src/core/plan/estimate.ts';
import type { Forecast } from '../../../src/core/plan/forecast.ts';

const NO_ITEMS = { revisions: 0, counterGroups: 0, timeSeriesSegments: 0 };
const SAMPLE: Sample = {
  slices: [
    { documents: 1_000, bytes: 1_000_000, seconds: 1 },
    { documents: 1_000, bytes: 3_000_000, seconds: 2 },
  ],
  readSeconds: 0.2,
};

function estimated(
  documents: number,
  bytes: number,
  more: { sample?: Sample; limit?: number; revisions?: number } = {},
) {
  const { sample = SAMPLE, limit = null, revisions = 0 } = more;
  const forecast = { documents, bytes } as Forecast;
  const items = { ...NO_ITEMS, revisions };
  return estimate(sample, { forecast, items, readSeconds: 10, maxItemsPerSecond: limit });
}

describe('an estimate', () => {
  test('spans the times by documents and by bytes, with room at both ends', () => {
    const { copySeconds, sample } = estimated(1_000_000, 4_000_000_000);
    // by documents 1500 s, by bytes 3000 s
    expect(copySeconds.from).toBeCloseTo(0.5 * 1500);
    expect(copySeconds.to).toBeCloseTo(15 + 2.5 * 3000);
    expect(sample).toEqual({ documents: 2_000, bytes: 4_000_000, seconds: 3, documentsPerSecond: 667 });
  });

  test('counts revisions, counters and time series as documents of the mean size', () => {
    const [without, twice] = [estimated(1_000, 1_000_000), estimated(1_000, 1_000_000, { revisions: 1_000 })];
    expect(twice.copySeconds.to - 15).toBeCloseTo(2 * (without.copySeconds.to - 15));
  });

  test('is never faster than a limit', () => {
    const { from, to } = estimated(1_000_000, 2_000_000_000, { limit: 100 }).copySeconds;
    expect(from).toBe(10_000);
    expect(to).toBeGreaterThan(from);
  });

  test('of a verification is at least what reading the source took', () => {
    const { verificationSeconds } = estimated(1_000, 1_000);
    expect(verificationSeconds.from).toBeCloseTo(0.5 * 10);
    expect(verificationSeconds.to).toBeGreaterThan(10);
  });

  test('of all kinds of items is that of their sum', () => {
    const items = { revisions: 100, counterGroups: 200, timeSeriesSegments: 300 };
    const forecast = { documents: 400, bytes: 800_000 } as Forecast;
    const of = { forecast, items, readSeconds: 10, maxItemsPerSecond: null };
    const { copySeconds, verificationSeconds } = estimate(SAMPLE, of);
    // 1,000 items of 2,000 bytes; in the sample 2,000 documents and 4 MB took 3 s, and 0.2 s to read
    expect(copySeconds.from).toBeCloseTo(0.5 * 1.5);
    expect(copySeconds.to).toBeCloseTo(15 + 2.5 * 1.5);
    expect(verificationSeconds.from).toBeCloseTo(0.5 * 10);
    expect(verificationSeconds.to).toBeCloseTo(15 + 2.5 * (10 + 0.1));
  });

  test('of a database without documents counts their bytes once', () => {
    expect(estimated(0, 4_000_000, { revisions: 10 }).copySeconds.to).toBeCloseTo(15 + 2.5 * 3);
  });

  test('of a sample that took no time names no speed', () => {
    const sample = { slices: [{ documents: 5, bytes: 5, seconds: 0 }], readSeconds: 0 };
    expect(estimated(10, 10, { sample }).sample.documentsPerSecond).toBe(0);
  });

  test('of slices that found nothing has ends all the same', () => {
    const sample = { slices: [{ documents: 0, bytes: 0, seconds: 1 }], readSeconds: 0 };
    expect(estimated(10, 10, { sample }).copySeconds).toEqual({ from: 0, to: 15 });
  });

  test.each([
    [1, 'ok'],
    [300, 'ok'],
    [400, 'warning'],
  ])('with %d changes a second: catching up is %s', (changes, status) => {
    expect(catchUpCheck(changes, estimated(1_000, 1_000)).status).toBe(status);
  });

  test('says how fast is written, and how fast was copied', () => {
    const slow = estimated(10, 10, {
      sample: { slices: [{ documents: 600, bytes: 600, seconds: 1 }], readSeconds: 0 },
    });
    expect(catchUpCheck(299, slow)).toEqual({
      name: 'catching up',
      status: 'ok',
      message: '17,940 changes a minute while the source was read; about 600 documents a second were copied.',
    });
    expect(catchUpCheck(300, slow)).toEqual({
      name: 'catching up',
      status: 'warning',
      message:
        '18,000 changes a minute while the source was read, and only about 600 documents a second were copied: the rounds may never catch up. Migrate at a quieter time, or stop some of the writers.',
    });
  });

  test('says nothing against a source of which nothing was copied', () => {
    const sample = { slices: [{ documents: 0, bytes: 0, seconds: 1 }], readSeconds: 0 };
    expect(catchUpCheck(50, estimated(0, 0, { sample })).status).toBe('ok');
  });
});
