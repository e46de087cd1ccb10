import { describe, expect, test } from 'vitest';
import type { Check } from '../../../src/core/plan/check.ts';
import {
  describeRange,
  isPossible,
  type MigrationPlan,
  planFindings,
} from '../../../src/core/plan/migration-plan.ts';

const PLAN: MigrationPlan = {
  possible: true,
  steps: [],
  notDone: [],
  forecast: null,
  estimate: null,
  estimateNote: '',
};
const CHECKS: Check[] = [
  { name: 'target', status: 'ok', message: 'It is there.' },
  { name: 'versions', status: 'warning', message: 'It is older.' },
  { name: 'license', status: 'blocker', message: 'It has ended.' },
];

test('a plan is possible unless a check blocks it', () => {
  expect(isPossible(CHECKS)).toBe(false);
  expect(isPossible(CHECKS.slice(0, 2))).toBe(true);
  expect(isPossible([])).toBe(true);
});

describe('the findings of a plan', () => {
  test('begin with whether it is possible, then name what blocks, then what people should know', () => {
    expect(planFindings(PLAN, [])).toEqual(['A migration is possible.']);
    expect(planFindings({ ...PLAN, possible: false }, CHECKS)).toEqual([
      'A migration is not possible yet.',
      'Blocker: license: It has ended.',
      'Warning: versions: It is older.',
    ]);
  });

  test('say where the documents will be, and how long it may take', () => {
    const forecast = {
      shards: [
        { shard: 0, documents: 1_500, bytes: 1 },
        { shard: 1, documents: 500, bytes: 1 },
      ],
      skew: 1.5,
    } as NonNullable<MigrationPlan['forecast']>;
    const estimate = {
      copySeconds: { from: 60, to: 120.4 },
      verificationSeconds: { from: 0.4, to: 5 },
    } as NonNullable<MigrationPlan['estimate']>;
    expect(planFindings({ ...PLAN, forecast, estimate }, [])).toEqual([
      'A migration is possible.',
      'Shards: 0 gets 1,500, 1 gets 500 documents; the largest holds 1.50 times the mean.',
      'Estimate: the copy takes 1 min 0 s to 2 min 0 s, a verification up to 5 s.',
    ]);
  });
});

test.each([
  [0, 5, 'up to 5 s'],
  [0.4, 5.4, 'up to 5 s'],
  [0.5, 5.5, '1 s to 6 s'],
  [59, 61, '59 s to 1 min 1 s'],
])('from %d to %d seconds is %s', (from, to, text) => {
  expect(describeRange({ from, to })).toBe(text);
});
