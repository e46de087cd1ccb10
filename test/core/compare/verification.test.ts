import { describe, expect, test } from 'vitest';
import {
  type Difference,
  describeRepair,
  describeVerification,
  subjectOf,
  type Verification,
} from '../../../src/core/compare/verification.ts';

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
      '2 changed meanwhile (first seen at 2026-01-01T00:01:00.000Z)',
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

  test('says what was compared: numbers alone, what changed, or a sample', () => {
    expect(describeVerification({ ...EQUAL, depth: 'counts' })).toBe(
      'numbers of items compared, no difference',
    );
    const changes = { since: '2026-01-01T00:00:00.000Z', documents: 1_234 };
    expect(describeVerification({ ...EQUAL, depth: 'changes', changes })).toBe(
      '1,234 documents that changed since 2026-01-01T00:00:00.000Z compared by content, no difference',
    );
    const sample = { documents: 1_010, statement: 'as drawn' };
    expect(describeVerification({ ...EQUAL, depth: 'sample', sample })).toBe(
      '1,010 documents compared by content, no difference',
    );
  });
});

describe('a repair in one sentence', () => {
  const gone: Difference = { kind: 'attachment', id: 'orders/1', what: 'photo.png differs' };
  const left: Difference = { kind: 'setting', id: 'Expiration', what: 'differs' };

  test('says how much was looked at, and whether anything is left', () => {
    expect(describeRepair({ before: [gone], after: [] })).toBe('1 difference was checked, none is left');
    expect(describeRepair({ before: [gone, left], after: [] })).toBe(
      '2 differences were checked, none is left',
    );
    expect(describeRepair({ before: [gone, left], after: [left] })).toBe(
      '2 differences were checked, 1 left, the first: setting "Expiration": differs',
    );
    expect(describeRepair({ before: [gone], after: [left], documents: 11_000 })).toBe(
      '11,000 documents were mended, 1 left, the first: setting "Expiration": differs',
    );
  });
});

test.each([
  ['document', 'document'],
  ['attachment', 'document'],
  ['counter', 'document'],
  ['time series', 'document'],
  ['revision', 'document'],
  ['placement', 'document'],
  ['compare exchange', 'compare exchange'],
  ['identity', 'identity'],
  ['index', 'index'],
  ['setting', 'setting'],
  ['number of items', 'number of items'],
])('the id of a difference of the kind %s is that of a %s', (kind, subject) => {
  expect(subjectOf({ kind })).toBe(subject);
});
