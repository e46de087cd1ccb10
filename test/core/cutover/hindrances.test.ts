import { describe, expect, test } from 'vitest';
import { hindrancesOf } from '../../../src/core/cutover/hindrances.ts';

const NOW = Date.parse('2026-01-01T00:01:00.000Z');
const bounds = { longOperationMs: 10_000, mostLag: 100 };

function operation(secondsAgo: number) {
  const startedAt = new Date(NOW - secondsAgo * 1000).toISOString();
  return { type: 'UpdateByQuery', description: 'from Orders', startedAt };
}

describe('what keeps the source from being frozen', () => {
  test('is an operation that has run for long', () => {
    expect(hindrancesOf({ operations: [operation(10), operation(42)], lag: 0 }, bounds, NOW)).toEqual([
      'UpdateByQuery (from Orders) has been running on the source for 42 s, and the freeze would break it off.',
    ]);
  });

  test('is a target that lags', () => {
    expect(hindrancesOf({ operations: [], lag: 100 }, bounds, NOW)).toEqual([]);
    expect(hindrancesOf({ operations: [], lag: 1_234 }, bounds, NOW)).toEqual([
      'The target lacks 1,234 changes, and the application would wait for them.',
    ]);
  });
});
