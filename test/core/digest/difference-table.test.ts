import { describe, expect, test } from 'vitest';
import { DifferenceTable } from '../../../src/core/digest/difference-table.ts';

/** As many keys, spread as hashes are. */
function keys(count: number): bigint[] {
  return Array.from({ length: count }, (_, index) =>
    BigInt.asUintN(64, (BigInt(index) + 1n) * 0x9e3779b97f4a7c15n),
  );
}

function tableOf(source: [bigint, bigint][], target: [bigint, bigint][]): DifferenceTable {
  const table = new DifferenceTable();
  for (const [key, hash] of source) table.add('source', key, hash);
  for (const [key, hash] of target) table.add('target', key, hash);
  return table;
}

describe('a table of differences', () => {
  test('finds nothing between equal sides in another order, however many', () => {
    const all = keys(5_000).map((key, index): [bigint, bigint] => [key, BigInt(index)]);
    const table = tableOf(all, all.toReversed());
    expect(table.size).toBe(5_000);
    expect([...table.differing()]).toEqual([]);
  });

  test('finds the one that differs, the one that is missing and the one too many', () => {
    const [a, b, c, d] = keys(4) as [bigint, bigint, bigint, bigint];
    const table = tableOf(
      [
        [a, 1n],
        [b, 2n],
        [c, 3n],
      ],
      [
        [a, 1n],
        [b, 20n],
        [d, 4n],
      ],
    );
    expect(new Map(table.differing())).toEqual(
      new Map([
        [b, 'both'],
        [c, 'source'],
        [d, 'target'],
      ]),
    );
    expect(new Set(new Map(table.differing('target')).keys())).toEqual(new Set([b, c]));
    expect(new Set(new Map(table.differing('source')).keys())).toEqual(new Set([b, d]));
  });

  test('adds up the items of an id, of which there may be several', () => {
    const [key] = keys(1) as [bigint];
    const several: [bigint, bigint][] = [
      [key, 7n],
      [key, 2n ** 64n - 3n],
    ];
    expect([...tableOf(several, several.toReversed()).differing()]).toEqual([]);
    expect([...tableOf(several, [[key, 7n]]).differing()]).toEqual([[key, 'both']]);
  });

  test('says at once whether an id differs by now, and which side has it', () => {
    const [a, b] = keys(2) as [bigint, bigint];
    const table = new DifferenceTable();
    expect([table.has(a), table.isMissing(a)]).toEqual([false, false]);
    expect(table.add('source', a, 5n)).toBe(true);
    expect([table.has(a), table.isMissing(a)]).toEqual([true, true]);
    expect(table.add('target', a, 5n)).toBe(false);
    expect([table.has(a), table.isMissing(a)]).toEqual([true, false]);
    expect(table.add('target', b, 5n)).toBe(true);
    expect([table.has(b), table.isMissing(b)]).toEqual([true, false]);
  });

  test('knows a key of nothing but zeros', () => {
    expect([...tableOf([[0n, 5n]], []).differing()]).toEqual([[0n, 'source']]);
  });

  test('keeps apart keys that fall into the same slot', () => {
    const same = [1n, 1n + 2n ** 40n, 1n + 2n ** 41n];
    const table = tableOf(
      same.map((key) => [key, 1n]),
      [[same[1] ?? 0n, 1n]],
    );
    expect(new Set(new Map(table.differing()).keys())).toEqual(new Set([same[0], same[2]]));
  });
});
