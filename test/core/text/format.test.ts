import { describe, expect, test } from 'vitest';
import {
  capitalized,
  firstOf,
  formatBytes,
  formatCount,
  formatOutage,
  formatSeconds,
  parseUtc,
  percentOf,
  quoted,
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

test.each([
  ['the worker is gone', 'The worker is gone'],
  ['RavenDB refuses it', 'RavenDB refuses it'],
  ['', ''],
])('a sentence begins with a capital letter, and is left alone after it: %s', (text, sentence) => {
  expect(capitalized(text)).toBe(sentence);
});

describe('names', () => {
  test('stand in quotation marks, so that one with a comma is still one', () => {
    expect(quoted(['Orders', 'Lines, old'])).toBe('"Orders", "Lines, old"');
    expect(quoted([])).toBe('');
  });

  test.each([
    [['a'], 'a'],
    [['a', 'b', 'c'], 'a, b, c'],
    [['a', 'b', 'c', 'd'], 'a, b, c and 1 more'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
  ])('are cut short where they are many: %j', (names, text) => {
    expect(firstOf(names)).toBe(text);
  });

  test('are cut where somebody wants it', () => {
    expect(firstOf(['a', 'b', 'c'], 1)).toBe('a and 2 more');
  });
});

test.each([
  ['2026-01-02T03:04:05.1230000', '2026-01-02T03:04:05.123Z'],
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
  ['2026-01-02T03:04:05-07:30', '2026-01-02T10:34:05.000Z'],
  // the end of a time without seconds is no zone
  ['2026-10-20T03:04', '2026-10-20T03:04:00.000Z'],
])('RavenDB means UTC where it names no zone: %s', (written, time) => {
  expect(new Date(parseUtc(written)).toISOString()).toBe(time);
});
