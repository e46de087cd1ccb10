import { expect, test } from 'vitest';
import { chunks } from '../../../src/engine/work/chunks.ts';

test.each([
  [[], 2, []],
  [[1], 2, [[1]]],
  [
    [1, 2, 3, 4],
    2,
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [[1, 2, 3, 4, 5], 2, [[1, 2], [3, 4], [5]]],
])('%j in chunks of %i', (list, size, expected) => {
  expect([...chunks(list, size)]).toEqual(expected);
});
