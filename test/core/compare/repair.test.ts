import { describe, expect, test } from 'vitest';
import {
  altogether,
  describeForecast,
  isRepairOver,
  NOTHING_TO_REPAIR,
} from '../../../src/core/compare/repair.ts';
import type { Difference } from '../../../src/core/compare/verification.ts';

const one: Difference = { kind: 'document', id: 'a/1', what: 'differs' };
const other: Difference = { kind: 'document', id: 'a/2', what: 'differs' };

describe('what a dry run found, in one sentence', () => {
  test('names what differs and leaves out the rest', () => {
    expect(describeForecast(NOTHING_TO_REPAIR)).toBe('nothing to mend');
    expect(describeForecast({ ...NOTHING_TO_REPAIR, missing: 100_000, changed: 2 })).toBe(
      'documents: 100,000 missing, 2 changed',
    );
    expect(describeForecast({ ...NOTHING_TO_REPAIR, compareExchange: 3 })).toBe('compare-exchange keys: 3');
    const all = Object.fromEntries(
      Object.entries(NOTHING_TO_REPAIR).map(([name, value]) => [name, typeof value === 'number' ? 1 : value]),
    ) as unknown as typeof NOTHING_TO_REPAIR;
    expect(describeForecast(all)).toBe(
      'documents: 1 missing, 1 changed, 1 on the target only, to be deleted, 1 with other attachments, ' +
        '1 with other counters, 1 with other time series, 1 with other revisions; ' +
        'compare-exchange keys: 1; identities: 1; indexes: 1',
    );
  });

  test('says what is an upper bound', () => {
    expect(
      describeForecast({ ...NOTHING_TO_REPAIR, counters: 2, timeSeries: 5, timeSeriesAtMost: true }),
    ).toBe('documents: 2 with other counters, at most 5 with other time series');
  });
});

describe('a repair of several rounds', () => {
  test('has what differed before the first, what is left by the last, and the documents of all', () => {
    const last = { before: [other], after: [], documents: 3 };
    expect(altogether(undefined, last)).toEqual(last);
    expect(altogether({ before: [one], after: [other], documents: 10 }, last)).toEqual({
      before: [one],
      after: [],
      documents: 13,
    });
    expect(altogether({ before: [one], after: [other] }, { before: [], after: [] }).documents).toBe(0);
  });

  test('is over when nothing differs, or when it has left as much as before', () => {
    const before = { repair: { before: [one], after: [] }, mismatches: 5 };
    expect([0, 4, 5, 6].map((mismatches) => isRepairOver(before, { mismatches }))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});
