import { beforeAll, describe, expect, test } from 'vitest';
import { bucketing, lowerCase, sharding } from '../../../src/core/sharding/buckets.ts';

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

test.each([
  ['ORDERS/1-A', 'orders/1-a'],
  ['ÄÖÜ', 'äöü'],
  ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
  ['İ', 'İ'],
  ['I', 'i'],
  ['ẞ', 'ß'],
  ['\u{10400}', '\u{10400}'],
])('%s in lower case is %s, as RavenDB makes it', (id, lower) => {
  expect(lowerCase(id)).toBe(lower);
});
