import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Mutex } from '../../../src/engine/work/one-at-a-time.ts';

const never = new AbortController().signal;

describe('turns', () => {
  test('come one after another, in the order in which they were asked for', async () => {
    const turns = new Mutex();
    const log: string[] = [];
    const work = (name: string) =>
      turns.take(never, async () => {
        log.push(`${name} begins`);
        await sleep(5);
        log.push(`${name} ends`);
        return name;
      });
    expect(await Promise.all([work('a'), work('b'), work('c')])).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  test('go on after one that failed', async () => {
    const turns = new Mutex();
    const failed = turns.take(never, () => Promise.reject(new Error('failed')));
    const next = turns.take(never, async () => 'done');
    await expect(failed).rejects.toThrow('failed');
    expect(await next).toBe('done');
  });

  test('are given up at once by one that is told to stop, which then does nothing', async () => {
    const turns = new Mutex();
    const gate = Promise.withResolvers<void>();
    const first = turns.take(never, () => gate.promise);
    const stop = new AbortController();
    let worked = false;
    const second = turns.take(stop.signal, async () => {
      worked = true;
    });
    const third = turns.take(never, async () => 'third');
    stop.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    gate.resolve();
    await first;
    expect(await third).toBe('third');
    expect(worked).toBe(false);
  });
});
