import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { concurrently } from '../../../src/engine/work/concurrently.ts';

test('keeps the order of results and no more than some at a time', async () => {
  let running = 0;
  let most = 0;
  const results = await concurrently([30, 1, 20, 2, 5], 2, async (ms) => {
    most = Math.max(most, ++running);
    await sleep(ms);
    running--;
    return ms;
  });
  expect(results).toEqual([30, 1, 20, 2, 5]);
  expect(most).toBe(2);
  expect(await concurrently([], 2, () => Promise.resolve(1))).toEqual([]);
});

test('begins nothing more after a failure, and leaves nothing under way', async () => {
  const ended: number[] = [];
  const all = concurrently([1, 2, 3, 4], 2, async (n) => {
    if (n === 1) throw new Error('one');
    await sleep(20);
    ended.push(n);
  });
  await expect(all).rejects.toThrow('one');
  expect(ended).toEqual([2]);
});
