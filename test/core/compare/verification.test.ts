import { describe, expect, test } from 'vitest';
import { describeVerification, type Verification } from '../../../src/core/compare/verification.ts';

const EQUAL: Verification = {
  at: '2026-01-01T00:00:00.000Z',
  depth: 'full',
  mismatches: 0,
  differences: [],
  lagging: 0,
  laggards: [],
  documents: { source: 1000, target: 1000 },
  counts: {},
  itemsCompared: true,
  shards: {},
};

describe('a verification in one sentence', () => {
  test('says how many documents were compared', () => {
    expect(describeVerification(EQUAL)).toBe('1,000 documents compared by content, no difference');
  });

  test('says how many changed meanwhile', () => {
    expect(describeVerification({ ...EQUAL, lagging: 3 })).toBe(
      '1,000 documents compared by content, no difference, 3 changed meanwhile',
    );
  });

  test('says since when one has lagged', () => {
    const laggards = [
      { id: 'a', since: '2026-01-01T00:05:00.000Z' },
      { id: 'b', since: '2026-01-01T00:01:00.000Z' },
    ];
    expect(describeVerification({ ...EQUAL, lagging: 2, laggards })).toContain(
      '2 changed meanwhile (the first seen at 2026-01-01T00:01:00.000Z)',
    );
  });

  test('gives the first difference as an example', () => {
    const first = { kind: 'document', id: 'orders/1', what: 'differs' } as const;
    const second = { kind: 'index', id: 'Orders', what: 'is missing on the target' } as const;
    expect(describeVerification({ ...EQUAL, mismatches: 2, differences: [first, second] })).toBe(
      '2 differences, the first: document "orders/1": differs',
    );
    expect(describeVerification({ ...EQUAL, mismatches: 1, differences: [second] })).toBe(
      '1 difference, the first: index "Orders": is missing on the target',
    );
  });

  test('does without an example', () => {
    expect(describeVerification({ ...EQUAL, mismatches: 5 })).toBe('5 differences');
  });
});
