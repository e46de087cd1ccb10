import { beforeAll, describe, expect, test } from 'vitest';
import xxhash from 'xxhash-wasm';
import {
  FINE_RANGES,
  RANGES,
  RangeSums,
  rangeOf as rangeOfKey,
} from '../../../src/core/compare/range-sums.ts';
import { type DocumentDigest, documentDigester } from '../../../src/core/digest/document-digest.ts';

let digest: (line: Buffer) => DocumentDigest;
let keyOf: (id: string) => bigint;

beforeAll(async () => {
  digest = await documentDigester('kP4IlQ0BVECEEzlMpNbV+A');
  const { h64 } = await xxhash();
  keyOf = (id) => h64(id.toLowerCase());
});

function rangeOf(id: string): number {
  return rangeOfKey(keyOf(id));
}

function document(id: string, body: string, metadata = ''): DocumentDigest {
  return digest(Buffer.from(`{"Body":"${body}","@metadata":{"@id":"${id}"${metadata}}}`));
}

function sumsOf(documents: Pick<DocumentDigest, 'id' | 'hash'>[]): RangeSums {
  const sums = new RangeSums();
  for (const { id, hash } of documents) sums.add(keyOf(id), hash);
  return sums;
}

/** Documents from `orders/1`, each with a body of its own. */
function orders(count: number): DocumentDigest[] {
  return Array.from({ length: count }, (_, index) => document(`orders/${index + 1}`, `body ${index + 1}`));
}

/** A fixed order that has nothing to do with the given one. */
function shuffled<T>(items: T[]): T[] {
  return items.map((_, index) => items[(index * 7_919) % items.length] as T);
}

describe('two sides', () => {
  test('are equal in any order', () => {
    const all = orders(1_000);
    const other = shuffled(all);
    expect(new Set(other).size).toBe(1_000);
    expect(sumsOf(all).differing(sumsOf(other))).toEqual([]);
  });

  test('are equal when both are empty', () => {
    expect(sumsOf([]).differing(sumsOf([]))).toEqual([]);
  });

  test.each([1, 500, 1_000])('differ in the range of the one document that differs: orders/%d', (number) => {
    const id = `orders/${number}`;
    const other = orders(1_000).map((each) => (each.id === id ? document(id, 'changed') : each));
    const differing = sumsOf(orders(1_000)).differing(sumsOf(other));
    expect(differing).toEqual([rangeOf(id)]);
  });

  test('differ where a document is missing, on either side', () => {
    const some = orders(100).filter(({ id }) => id !== 'orders/42');
    expect(sumsOf(orders(100)).differing(sumsOf(some))).toEqual([rangeOf('orders/42')]);
    expect(sumsOf(some).differing(sumsOf(orders(100)))).toEqual([rangeOf('orders/42')]);
  });

  test('differ when a document came twice', () => {
    const twice = [...orders(100), ...orders(1)];
    expect(sumsOf(orders(100)).differing(sumsOf(twice))).toEqual([rangeOf('orders/1')]);
  });

  test('differ when a document came twice on one side and not at all on the other', () => {
    const [first, ...others] = orders(100) as [DocumentDigest, ...DocumentDigest[]];
    const differing = sumsOf([first, first, ...others]).differing(sumsOf(others));
    expect(differing).toEqual([rangeOf('orders/1')]);
  });

  test('differ when two documents swapped their bodies', () => {
    const swapped = [document('orders/1', 'body 2'), document('orders/2', 'body 1'), ...orders(100).slice(2)];
    const differing = sumsOf(orders(100)).differing(sumsOf(swapped));
    expect(new Set(differing)).toEqual(new Set([rangeOf('orders/1'), rangeOf('orders/2')]));
  });

  test('differ when two documents of one range swapped their bodies', () => {
    const [one, other] = twoOfOneRange();
    const before = sumsOf([document(one, 'a'), document(other, 'b')]);
    const after = sumsOf([document(one, 'b'), document(other, 'a')]);
    expect(before.differing(after)).toEqual([rangeOf(one)]);
  });

  test('differ when an id changed its case', () => {
    expect(sumsOf([document('orders/1', 'a')]).differing(sumsOf([document('Orders/1', 'a')]))).toEqual([
      rangeOf('orders/1'),
    ]);
  });
});

function twoOfOneRange(): [string, string] {
  const first = rangeOf('orders/0');
  for (let number = 1; ; number++)
    if (rangeOf(`orders/${number}`) === first) return ['orders/0', `orders/${number}`];
}

describe('the sums', () => {
  test('add up to the same in parts and as text', () => {
    const all = orders(1_000);
    const parts = [all.slice(0, 10), all.slice(10, 700), all.slice(700)];
    const sum = new RangeSums();
    for (const part of parts) sum.addAll(RangeSums.from(sumsOf(part).toText()));
    expect(sum.differing(sumsOf(all))).toEqual([]);
    expect(sum.toText()).toBe(sumsOf(all).toText());
  });

  test('of nothing are those of an empty text', () => {
    expect(RangeSums.from('').differing(sumsOf([]))).toEqual([]);
    expect(RangeSums.from().differing(sumsOf(orders(1)))).toEqual([rangeOf('orders/1')]);
  });

  test('are the digests themselves, sixteen digits a range', () => {
    const sums = new RangeSums();
    sums.add(1n << 60n, 0xabcn);
    sums.add(1n << 60n, 1n);
    sums.add(15n << 60n, 2n ** 64n - 1n);
    const text = sums.toText();
    expect(text).toHaveLength(RANGES * 16);
    expect(text.slice(0, 32)).toBe(`${'0'.repeat(29)}abd`);
    expect(text.slice(-16)).toBe('f'.repeat(16));
  });

  test('are so short that each part of a comparison may leave them in a history', () => {
    expect(sumsOf(orders(1_000)).toText().length).toBeLessThanOrEqual(256);
  });

  test('hold more than 64 bits of hashes without an error', () => {
    const largest = { id: 'orders/1', hash: 2n ** 64n - 1n };
    const sums = sumsOf([largest, largest, largest]);
    expect(sums.differing(sumsOf([largest, largest]))).toEqual([rangeOf('orders/1')]);
  });
});

test('ids spread over all ranges', () => {
  const seen = new Set<number>();
  for (let number = 0; number < 20_000; number++) seen.add(rangeOf(`orders/${number}`));
  expect(seen.size).toBe(RANGES);
  expect(Math.min(...seen)).toBe(0);
  expect(Math.max(...seen)).toBe(RANGES - 1);
});

test('fine ranges are parts of the others', () => {
  const ids = Array.from({ length: 5_000 }, (_, number) => keyOf(`orders/${number}`));
  const fine = new Set(ids.map((key) => rangeOfKey(key, FINE_RANGES)));
  expect(fine.size).toBeGreaterThan(4_500);
  for (const key of ids)
    expect(Math.floor(rangeOfKey(key, FINE_RANGES) / (FINE_RANGES / RANGES))).toBe(rangeOfKey(key));
});

test('fine sums differ where the one id differs', () => {
  const [one, other] = [new RangeSums(FINE_RANGES), new RangeSums(FINE_RANGES)];
  for (const { id, hash } of orders(100)) {
    one.add(keyOf(id), hash);
    other.add(keyOf(id), id === 'orders/7' ? hash + 1n : hash);
  }
  expect(one.differing(other)).toEqual([rangeOfKey(keyOf('orders/7'), FINE_RANGES)]);
});
