import { describe, expect, test } from 'vitest';
import { addBounded } from '../../../src/core/run/bounded-list.ts';

function filled(entries: readonly string[], most?: number): { list: string[]; dropped: number } {
  const list: string[] = [];
  let dropped = 0;
  for (const entry of entries) dropped += addBounded(list, entry, most);
  return { list, dropped };
}

describe('a list that grows with a run', () => {
  test('keeps the first and the last entries, and says how many are left out', () => {
    const entries = Array.from({ length: 1_000 }, (_, n) => `${n}`);
    const { list, dropped } = filled(entries, 20);
    expect(list).toEqual([...entries.slice(0, 10), ...entries.slice(-10)]);
    expect(dropped).toBe(980);
  });

  test('keeps fewer where they are long, and always the first and the last', () => {
    const entries = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(15_000)}`);
    const { list, dropped } = filled(entries);
    expect(list.join('').length).toBeLessThan(200_000);
    expect([list[0], list.at(-1)]).toEqual([entries[0], entries.at(-1)]);
    expect(list.length + dropped).toBe(100);
    expect(filled(['a', 'y'.repeat(300_000), 'z']).list).toEqual(['a', 'z']);
  });
});
