import { expect, test } from 'vitest';
import { slowest } from '../../scripts/slowest.ts';

test('the slowest files and tests come first, ten of each at most', () => {
  const testResults = Array.from({ length: 12 }, (_, n) => ({
    name: `/repo/test/${n}.test.ts`,
    startTime: 1_000,
    endTime: 1_000 + n * 100,
    assertionResults: [
      { fullName: `quick ${n}`, duration: null },
      { fullName: `slow ${n}`, duration: n * 90 },
    ],
  }));
  const lines = slowest({ testResults }, '/repo');
  expect(lines).toHaveLength(23);
  expect(lines.slice(0, 3)).toEqual([
    'The slowest files',
    '     1.1 s  test/11.test.ts',
    '     1.0 s  test/10.test.ts',
  ]);
  expect(lines.slice(12, 14)).toEqual(['The slowest tests', '     1.0 s  test/11.test.ts: slow 11']);
});
