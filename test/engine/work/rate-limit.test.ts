import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RateLimit } from '../../../src/engine/work/rate-limit.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** How long the limit waits, as its clock sees it. */
async function waited(limit: RateLimit, items: number): Promise<number> {
  const real = performance.now();
  await limit.keep(items);
  return performance.now() - real;
}

describe('a limit of items a second', () => {
  test('waits for what is ahead of it, and not for what is behind', async () => {
    const limit = new RateLimit(100, new AbortController().signal);
    // 5 items at 100 a second: 50 ms
    expect(await waited(limit, 5)).toBeGreaterThan(40);
    vi.setSystemTime(Date.now() + 10_000);
    expect(await waited(limit, 500)).toBeLessThan(40);
  });

  test('does not wait where there is no limit', async () => {
    const { signal } = new AbortController();
    for (const none of [null, undefined])
      expect(await waited(new RateLimit(none, signal), 1e9)).toBeLessThan(40);
  });

  test('ends with the signal', async () => {
    const abort = new AbortController();
    const limit = new RateLimit(1, abort.signal);
    const kept = limit.keep(1_000);
    abort.abort();
    await expect(kept).rejects.toMatchObject({ name: 'AbortError' });
  });
});
