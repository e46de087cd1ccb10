import { describe, expect, test } from 'vitest';
import { compareUtf8, mergeByKey } from '../../../src/core/compare/merge-by-key.ts';

async function* list(keys: string[]) {
  for (const key of keys) yield { key };
}

async function merged(left: string[], right: string[]): Promise<string[]> {
  const pairs: string[] = [];
  for await (const pair of mergeByKey(list(left), list(right))) {
    pairs.push(`${pair.key}:${pair.left?.key ?? '-'}${pair.right?.key ?? '-'}`);
  }
  return pairs;
}

describe('two sorted lists side by side', () => {
  test('are paired by key', async () => {
    expect(await merged(['a', 'b', 'd'], ['b', 'c', 'd', 'e'])).toEqual([
      'a:a-',
      'b:bb',
      'c:-c',
      'd:dd',
      'e:-e',
    ]);
  });

  test('may be empty', async () => {
    expect(await merged([], [])).toEqual([]);
    expect(await merged([''], [])).toEqual([':-']);
    expect(await merged([], ['a'])).toEqual(['a:-a']);
  });

  test('may be of any kind, without a way to close them', async () => {
    const bare = (keys: string[]): AsyncIterable<{ key: string }> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const key = keys.shift();
          return Promise.resolve(key === undefined ? { done: true, value: undefined } : { value: { key } });
        },
      }),
    });
    const pairs: unknown[] = [];
    for await (const pair of mergeByKey(bare(['a', 'b']), bare(['b']))) pairs.push(pair);
    expect(pairs).toEqual([
      { key: 'a', left: { key: 'a' } },
      { key: 'b', left: { key: 'b' }, right: { key: 'b' } },
    ]);
  });

  test('are both closed when the reader stops', async () => {
    const closed: string[] = [];
    async function* endless(name: string) {
      try {
        for (let n = 0; ; n++) yield { key: `${n}`.padStart(9, '0') };
      } finally {
        closed.push(name);
      }
    }
    for await (const _ of mergeByKey(endless('left'), endless('right'))) break;
    expect(closed.toSorted((a, b) => a.localeCompare(b))).toEqual(['left', 'right']);
  });
});

describe('the order of keys', () => {
  test('is that of their bytes in UTF-8', () => {
    const keys = [
      '',
      'a',
      'a b',
      'a/b',
      'ab',
      'z',
      'ß',
      'é',
      '\u{d7ff}',
      '\u{e000}',
      '\u{ff41}',
      '\u{fffd}',
      '\u{10000}',
      '\u{1f600}',
      '\u{1f600}x',
    ];
    expect([...keys].reverse().sort(compareUtf8)).toEqual(keys);
    const bytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(bytes).toEqual(keys);
    expect(compareUtf8('same', 'same')).toBe(0);
  });
});
