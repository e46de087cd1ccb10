import { describe, expect, test } from 'vitest';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { LoadSize } from '../../../src/engine/transfer/load-size.ts';

const MEBIBYTE = 1024 * 1024;

/** The sizes in MiB of the loads of a copy whose loads are confirmed after so many milliseconds each. */
function sizesAfter(confirmedAfter: number[], attemptsInVain = 0): number[] {
  const size = new LoadSize(defaultTuning.copy, attemptsInVain);
  let now = Date.now();
  return confirmedAfter.map((ms) => {
    now += ms;
    size.confirmed(now);
    return size.bytes / MEBIBYTE;
  });
}

describe('a load', () => {
  test('is small at first, and grows up to the largest one while the target confirms soon', () => {
    expect(new LoadSize(defaultTuning.copy, 0).bytes).toBe(2 * MEBIBYTE);
    expect(sizesAfter([300, 300, 300])).toEqual([8, 16, 16]);
  });

  test('stays as it is where the target takes a second or two, and shrinks where it takes longer', () => {
    expect(sizesAfter([300, 1_500, 1_500, 3_000, 3_000, 3_000])).toEqual([8, 8, 8, 4, 2, 2]);
  });

  test('is smaller after attempts in vain, down to the smallest one', () => {
    expect(sizesAfter([300, 300], 2)).toEqual([4, 4]);
    expect(sizesAfter([300, 3_000], 5)).toEqual([0.5, 0.5]);
    expect(sizesAfter([300], 30)).toEqual([16 / 1024]);
    expect([0, 1, 30].map((vain) => new LoadSize(defaultTuning.copy, vain).ms)).toEqual([2_000, 1_000, 100]);
  });
});
