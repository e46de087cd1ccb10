import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sideBySide } from '../../../src/engine/work/side-by-side.ts';

test('so many items are at work at a time, and all are done', async () => {
  let atWork = 0;
  let most = 0;
  const done: number[] = [];
  await sideBySide([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++atWork);
    await sleep(2);
    atWork--;
    done.push(item);
  });
  expect(most).toBe(2);
  expect(new Set(done)).toEqual(new Set([1, 2, 3, 4, 5]));
});

test('an error is thrown when nothing is at work any more, and nothing more is begun', async () => {
  const begun: number[] = [];
  const done: number[] = [];
  const failing = sideBySide([1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    await sleep(item === 1 ? 2 : 20);
    if (item === 1) throw new Error('refused');
    done.push(item);
  });
  await expect(failing).rejects.toThrow('refused');
  expect(begun).toEqual([1, 2]);
  expect(done).toEqual([2]);
});
