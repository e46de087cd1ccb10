import { describe, expect, test } from 'vitest';
import { durationMs, parseDuration } from '../../../src/core/contract/duration.ts';

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['0s', 0],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['10 minutes', 600_000],
    ['2H', 7_200_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
  ])('%s is %d ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
    expect(durationMs(text)).toBe(expected);
  });

  test.each([
    '',
    ' ',
    '5',
    '5.',
    '-5s',
    '+5s',
    's',
    'soon',
    '5s 3ms',
    '5s.',
    ' 5s',
    '5s ',
    '5s5',
    'x5s',
    '5x',
    '1e3ms',
    'NaNs',
    `${'1'.repeat(200)}s`,
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(() => durationMs(text)).toThrow(RangeError);
    expect(() => durationMs(text)).toThrow(`not a duration: ${JSON.stringify(text)}`);
  });
});
