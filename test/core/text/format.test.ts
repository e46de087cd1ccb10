import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatOutage,
  formatSeconds,
  percentOf,
  shellWord,
} from '../../../src/core/text/format.ts';

describe('a count', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
    [41.6, '42'],
  ])('%d is %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });
});

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1_234, '1.23 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [999_999, '1.00 MB'],
    [1_000_000, '1.00 MB'],
    [2_500_000_000, '2.50 GB'],
    [7_000_000_000_000, '7.00 TB'],
    [1_234_000_000_000_000, '1,230 TB'],
  ])('%d is %s', (value, text) => {
    expect(formatBytes(value)).toBe(text);
  });
});

describe('seconds', () => {
  test.each([
    [0, '0 s'],
    [0.04, '0 s'],
    [0.25, '0.3 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [10.4, '10 s'],
    [59.4, '59 s'],
    [59.9, '1 min 0 s'],
    [60, '1 min 0 s'],
    [185, '3 min 5 s'],
    [3599, '59 min 59 s'],
    [3599.6, '1 h 0 min'],
    [3600, '1 h 0 min'],
    [7_499, '2 h 4 min'],
    [360_000, '100 h 0 min'],
  ])('%d is %s', (value, text) => {
    expect(formatSeconds(value)).toBe(text);
  });
});

describe('percent', () => {
  test.each<[number, number | undefined, number | undefined]>([
    [0, 10, 0],
    [1, 3, 33],
    [999, 1000, 99],
    [999_999_999, 1_000_000_000, 99],
    [10, 10, 100],
    [12, 10, 99],
    [5, undefined, undefined],
    [0, 0, undefined],
    [0, -1, undefined],
  ])('%d of %s is %s', (done, total, percent) => {
    expect(percentOf(done, total)).toBe(percent);
  });

  test('is never 100 before the end, nor less than before', () => {
    const percents = Array.from({ length: 12_347 }, (_, done) => percentOf(done, 12_347) ?? -1);
    expect(Math.max(...percents)).toBe(99);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  });
});

describe('shellWord', () => {
  test.each([
    ['migrate-Shop-to-ShopSharded', 'migrate-Shop-to-ShopSharded'],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['', "''"],
  ])('%s is typed as %s', (word, typed) => expect(shellWord(word)).toBe(typed));
});

test.each([
  [0.0812, '81 ms'],
  [9.9, '9,900 ms'],
  [10, '10 s'],
  [75, '1 min 15 s'],
])('an outage of %d s is %s', (seconds, text) => expect(formatOutage(seconds)).toBe(text));
