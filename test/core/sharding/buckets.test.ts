import { beforeAll, describe, expect, test } from 'vitest';
import {
  BUCKETS,
  bucketing,
  bucketShards,
  idBuckets,
  isAnchored,
  lowerCase,
  newSharding,
  sharding,
} from '../../../src/core/sharding/buckets.ts';

describe('the bucket of an id', () => {
  let bucketOf: (id: string) => number;

  beforeAll(async () => {
    bucketOf = await bucketing();
  });

  // what RavenDB 7.1.5 answers at debug/sharding/find/bucket
  test.each([
    ['a\tb', 897_795],
    ['a"b', 600_504],
    ['tab\n', 434_804],
    ['a\\b', 862_845],
  ])('%j', (id, bucket) => {
    expect(bucketOf(id)).toBe(bucket);
  });

  test('is that of the part after the last $, unless the id begins with it', () => {
    expect(bucketOf('orders/1$customers/7')).toBe(bucketOf('customers/7'));
    expect(bucketOf('a$b$c')).toBe(bucketOf('c'));
    expect(bucketOf('$c')).not.toBe(bucketOf('c'));
  });
});

describe('the shard of an id', () => {
  const BucketRanges = [
    { BucketRangeStart: 0, ShardNumber: 4 },
    { BucketRangeStart: 600_504, ShardNumber: 7 },
    { BucketRangeStart: 600_505, ShardNumber: 9 },
  ];

  test('is that of the range of its bucket, edges included', async () => {
    const shardOf = await sharding({ BucketRanges });
    expect(shardOf('tab\n')).toBe(4);
    expect(shardOf('a"b')).toBe(7);
    expect(shardOf('A"B')).toBe(7);
    expect(shardOf('a\\b')).toBe(9);
  });

  test('with a prefix is found in the ranges of the prefix, the longest first', async () => {
    const shardOf = await sharding({
      BucketRanges: [
        ...BucketRanges,
        { BucketRangeStart: 1_048_576, ShardNumber: 1 },
        { BucketRangeStart: 2_097_152, ShardNumber: 2 },
      ],
      Prefixed: [
        { Prefix: 'EU/', BucketRangeStart: 1_048_576 },
        { Prefix: 'eu/north/', BucketRangeStart: 2_097_152 },
      ],
    });
    expect(shardOf('eu/1')).toBe(1);
    expect(shardOf('Eu/North/1')).toBe(2);
    expect([4, 7, 9]).toContain(shardOf('us/1'));
  });

  test('with a control character is left to RavenDB', async () => {
    const shardOf = await sharding({ BucketRanges });
    expect(shardOf('x\u0001')).toBeUndefined();
    expect(shardOf('x\u001f')).toBeUndefined();
    expect(shardOf('x\t\n\b\f\r')).not.toBeUndefined();
  });
});

test('a bucket belongs to the last range that begins at it or before, in whatever order ranges come', () => {
  const starts = [0, 10, 20, 30, 40];
  const BucketRanges = starts.map((BucketRangeStart) => ({
    BucketRangeStart,
    ShardNumber: BucketRangeStart / 10 + 1,
  }));
  for (const ranges of [BucketRanges, BucketRanges.toReversed()]) {
    const shardOf = bucketShards({ BucketRanges: ranges });
    expect([0, 9, 10, 19, 20, 29, 30, 39, 40, 1e9].map(shardOf)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  }
  expect(bucketShards({})(7)).toBe(0);
});

test('the bucket of an id counts from the start of its prefix', async () => {
  const plain = await idBuckets({ Prefixed: null });
  const prefixed = await idBuckets({ Prefixed: [{ Prefix: 'Eu/', BucketRangeStart: BUCKETS }] });
  expect(prefixed('eU/1')).toBe(BUCKETS + (plain('eu/1') ?? Number.NaN));
  expect(prefixed('us/1')).toBe(plain('us/1'));
  expect(prefixed('us/eu/1')).toBe(plain('us/eu/1'));
  expect(prefixed('eu/\u0001')).toBeUndefined();
});

test.each([
  ['orders/1$customers/7', true],
  ['a$', true],
  ['$orders/1', false],
  ['orders/1', false],
])('%s shares its bucket by a $: %s', (id, anchored) => {
  expect(isAnchored(id)).toBe(anchored);
});

test('a new database has equal ranges, from the first bucket on', () => {
  expect(newSharding(3)).toEqual({
    Shards: { 0: {}, 1: {}, 2: {} },
    BucketRanges: [
      { BucketRangeStart: 0, ShardNumber: 0 },
      { BucketRangeStart: 349_525, ShardNumber: 1 },
      { BucketRangeStart: 699_050, ShardNumber: 2 },
    ],
  });
});

test.each([
  ['ORDERS/1-A', 'orders/1-a'],
  ['ÄÖÜ', 'äöü'],
  ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
  ['İ', 'İ'],
  ['I', 'i'],
  ['ẞ', 'ß'],
  ['\u{10400}', '\u{10400}'],
  ['É\u{10400}É', 'é\u{10400}é'],
])('%s in lower case is %s, as RavenDB makes it', (id, lower) => {
  expect(lowerCase(id)).toBe(lower);
});
