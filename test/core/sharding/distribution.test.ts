import { describe, expect, test } from 'vitest';
import type { Forecast } from '../../../src/core/plan/forecast.ts';
import { idBuckets, newSharding, sharding } from '../../../src/core/sharding/buckets.ts';
import { Distribution, type SeenDocument } from '../../../src/core/sharding/distribution.ts';
import { forecastChecks, writesCheck } from '../../../src/core/sharding/distribution-checks.ts';

const plain = (id: string, more: Partial<SeenDocument> = {}): SeenDocument => ({
  id,
  collection: 'Items',
  bytes: 100,
  attachments: 0,
  attachmentBytes: 0,
  counters: 0,
  timeSeries: 0,
  ...more,
});

async function forecastOf(documents: Iterable<SeenDocument>, shards = 3): Promise<Forecast> {
  const distribution = await Distribution.over(newSharding(shards));
  for (const document of documents) distribution.add(document);
  return distribution.result();
}

function* many(
  count: number,
  idOf: (n: number) => string,
  more: (n: number) => Partial<SeenDocument> = () => ({}),
) {
  for (let n = 0; n < count; n++) yield plain(idOf(n), more(n));
}

function statusOf(forecast: Forecast) {
  return Object.fromEntries(forecastChecks(forecast).map(({ name, status }) => [name, status]));
}

describe('a forecast', () => {
  test('puts each document where the router sends it, and adds up their bytes', async () => {
    const documents = [
      ...many(
        5_000,
        (n) => `items/${n}`,
        (n) => ({ bytes: n, attachmentBytes: n % 7 }),
      ),
    ];
    const shardOf = await sharding(newSharding(5));
    const { shards, skew, ...sums } = await forecastOf(documents, 5);
    for (const { shard, documents: count, bytes } of shards) {
      const there = documents.filter(({ id }) => shardOf(id) === shard);
      expect(count).toBe(there.length);
      expect(bytes).toBe(there.reduce((sum, each) => sum + each.bytes + each.attachmentBytes, 0));
    }
    expect(sums).toMatchObject({ documents: 5_000, unknownShard: 0, anchored: { documents: 0, buckets: 0 } });
    expect(skew).toBe((Math.max(...shards.map(({ bytes }) => bytes)) / sums.bytes) * 5);
  });

  test('names the largest and the fullest buckets, as counting them all does', async () => {
    const documents = [
      ...many(
        3_000,
        (n) => `lines/${n}$orders/${n % 100 < 3 ? n % 100 : n}`,
        (n) => ({ bytes: 1 + (n % 900) }),
      ),
    ];
    const bucketOf = await idBuckets({});
    const counted = new Map<number, { documents: number; bytes: number }>();
    for (const { id, bytes } of documents) {
      const bucket = bucketOf(id) ?? -1;
      const sums = counted.get(bucket) ?? { documents: 0, bytes: 0 };
      counted.set(bucket, { documents: sums.documents + 1, bytes: sums.bytes + bytes });
    }
    const { buckets, anchored } = await forecastOf(documents);
    const best = (by: 'documents' | 'bytes') =>
      [...counted.values()]
        .map((sums) => sums[by])
        .sort((a, b) => b - a)
        .slice(0, 5);
    expect(buckets.largest.map(({ bytes }) => bytes)).toEqual(best('bytes'));
    expect(buckets.fullest.map((bucket) => bucket.documents)).toEqual(best('documents'));
    for (const { bucket, example, ...sums } of [...buckets.largest, ...buckets.fullest]) {
      expect(counted.get(bucket)).toEqual({ documents: sums.documents, bytes: sums.bytes });
      expect(bucketOf(example)).toBe(bucket);
    }
    expect(anchored).toEqual({ documents: 3_000, buckets: counted.size });
  });

  test('knows the buckets of prefixes, and the shards of an existing target', async () => {
    const distribution = await Distribution.over({
      Shards: { 4: {}, 9: {} },
      BucketRanges: [
        { BucketRangeStart: 0, ShardNumber: 9 },
        { BucketRangeStart: 1_048_576, ShardNumber: 4 },
      ],
      Prefixed: [{ Prefix: 'eu/', BucketRangeStart: 1_048_576 }],
    });
    for (const id of ['eu/1', 'EU/2', 'us/1']) distribution.add(plain(id));
    expect(distribution.result().shards.map(({ shard, documents }) => [shard, documents])).toEqual([
      [4, 2],
      [9, 1],
    ]);
  });

  test('has a shard that the record names by its buckets alone, in the order of their numbers', async () => {
    const distribution = await Distribution.over({
      Shards: { 4: {} },
      BucketRanges: [{ BucketRangeStart: 0, ShardNumber: 2 }],
    });
    distribution.add(plain('items/1', { bytes: 70 }));
    expect(distribution.result().shards).toEqual([
      { shard: 2, documents: 1, bytes: 70 },
      { shard: 4, documents: 0, bytes: 0 },
    ]);
  });

  test('counts the buckets of seven prefixes, and the documents of all', async () => {
    const prefixes = Array.from({ length: 8 }, (_, n) => ({
      Prefix: `p${n}/`,
      BucketRangeStart: (n + 1) * 1_048_576,
    }));
    const distribution = await Distribution.over({
      ...newSharding(1),
      BucketRanges: [0, ...prefixes.map((each) => each.BucketRangeStart)].map((BucketRangeStart) => ({
        BucketRangeStart,
        ShardNumber: 0,
      })),
      Prefixed: prefixes,
    });
    for (const folder of ['x', ...prefixes.map((_, n) => `p${n}`)]) distribution.add(plain(`${folder}/1$a`));
    for (let n = 0; n < 3; n++) distribution.add(plain(`p6/${n}$a`));
    for (let n = 0; n < 9; n++) distribution.add(plain(`p7/${n}$a`));
    const { buckets, shards, anchored } = distribution.result();
    expect(buckets.fullest[0]).toMatchObject({ documents: 4, example: expect.stringMatching(/^p6/) });
    expect(JSON.stringify(buckets)).not.toContain('p7');
    expect(shards[0]?.documents).toBe(21);
    expect(anchored).toEqual({ documents: 21, buckets: 8 });
  });

  test('says how much it has seen while it goes on', async () => {
    const distribution = await Distribution.over(newSharding(3));
    distribution.add(plain('a', { attachmentBytes: 5 }));
    distribution.add(plain('b'));
    expect([distribution.documents, distribution.bytes]).toEqual([2, 205]);
  });

  test('has the 50 largest collections with all that is in them, the largest first', async () => {
    const { collections } = await forecastOf([
      ...many(
        60,
        (n) => `a/${n}`,
        (n) => ({ collection: `C${n}`, bytes: n }),
      ),
      plain('more', { collection: 'C59', bytes: 30, attachmentBytes: 11 }),
    ]);
    expect(collections).toHaveLength(50);
    expect(collections[0]).toEqual({ collection: 'C59', documents: 2, bytes: 100 });
    expect(collections.map(({ bytes }) => bytes)).toEqual([
      100,
      ...Array.from({ length: 49 }, (_, n) => 58 - n),
    ]);
  });

  test('names of documents that are alike the first ones', async () => {
    const { largestDocuments } = await forecastOf(many(9, (n) => `items/${n}`));
    expect(largestDocuments.map(({ id }) => id)).toEqual(Array.from({ length: 5 }, (_, n) => `items/${n}`));
  });

  test('lists documents with more than one attachment, counter or time series', async () => {
    const { mostExtensions } = await forecastOf([
      plain('one', { attachments: 1, counters: 1, timeSeries: 1 }),
      plain('two', { attachments: 2 }),
    ]);
    expect(mostExtensions).toEqual({ attachments: [{ id: 'two', count: 2 }], counters: [], timeSeries: [] });
  });

  test('leaves ids whose shard only RavenDB can tell to no shard', async () => {
    const { shards, unknownShard, documents } = await forecastOf([plain('a\u0001'), plain('a')]);
    expect({ unknownShard, documents }).toEqual({ unknownShard: 1, documents: 2 });
    expect(shards.reduce((sum, shard) => sum + shard.documents, 0)).toBe(1);
    const { largestDocuments } = await forecastOf([plain('a\u0001')]);
    expect(largestDocuments).toEqual([{ id: 'a\u0001', bytes: 100, shard: null }]);
  });

  test('of nothing is even', async () => {
    expect(await forecastOf([])).toMatchObject({
      documents: 0,
      skew: 1,
      buckets: { largest: [], fullest: [] },
    });
  });
});

describe('what a forecast warns of', () => {
  test('is nothing where ids are many and plain', async () => {
    const status = statusOf(await forecastOf(many(20_000, (n) => `items/${n}`)));
    expect(status).toEqual({ distribution: 'ok', 'large documents': 'ok', 'extensions of documents': 'ok' });
  });

  test('is not the chance of a few documents', async () => {
    expect(statusOf(await forecastOf(many(20, () => 'a$b'))).distribution).toBe('ok');
  });

  test('is one anchor for all', async () => {
    const [distribution] = forecastChecks(await forecastOf(many(2_000, (n) => `lines/${n}$orders/1`)));
    expect(distribution).toMatchObject({ name: 'distribution', status: 'warning' });
    expect(distribution?.message).toContain('3.00 times the mean');
    expect(distribution?.message).toContain('$orders/1", holds 2,000 documents');
  });

  test('is one large document, by its name', async () => {
    const documents = [...many(2_000, (n) => `lines/${n}$${n}`), plain('large', { bytes: 5_000_000 })];
    const [distribution] = forecastChecks(await forecastOf(documents));
    expect(distribution).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('"large" alone has 5.00 MB'),
    });
    expect(distribution?.message).not.toContain('of the documents');
  });

  test('is a shard of many small documents beside one of large ones', async () => {
    const documents = [
      ...many(
        1_000,
        (n) => `small/${n}$a`,
        () => ({ bytes: 1 }),
      ),
      ...many(
        500,
        (n) => `items/${n}`,
        () => ({ bytes: 10_000 }),
      ),
    ];
    const [distribution] = forecastChecks(await forecastOf(documents));
    expect(distribution?.message).toMatch(/^Shard \d will hold 2\.\d\d times the mean of the documents/);
    expect(distribution?.message).not.toContain('alone');
  });

  test('is a bucket that is a good part of a shard, although shards are alike', async () => {
    const documents = [...many(9_000, (n) => `items/${n}`), ...many(600, (n) => `lines/${n}$orders/1`)];
    const [distribution] = forecastChecks(await forecastOf(documents));
    expect(distribution?.status).toBe('warning');
    expect(distribution?.message).not.toContain('times the mean');
    expect(distribution?.message).toMatch(/\d+% of a mean shard/);
  });

  test('are large documents, by their JSON alone', async () => {
    const large = 17 * 1024 * 1024;
    expect(statusOf(await forecastOf([plain('a', { bytes: large })]))['large documents']).toBe('warning');
    expect(statusOf(await forecastOf([plain('a', { attachmentBytes: large })]))['large documents']).toBe(
      'ok',
    );
  });

  test.each(['attachments', 'counters', 'timeSeries'] as const)(
    'are documents with many %s',
    async (kind) => {
      const checks = forecastChecks(
        await forecastOf([plain('crowded', { [kind]: 1_001 }), plain('b', { [kind]: 1_000 })]),
      );
      expect(checks.at(-1)).toMatchObject({
        status: 'warning',
        message: expect.stringContaining('"crowded" with 1,001'),
      });
      expect(statusOf(await forecastOf([plain('b', { [kind]: 1_000 })]))['extensions of documents']).toBe(
        'ok',
      );
    },
  );

  test('are writes that all go to one shard', async () => {
    const forecast = await forecastOf(many(10, (n) => `items/${n}`));
    const writes = (idOf: (n: number) => string, count = 200) => {
      const changed = Array.from({ length: count }, (_, n) => ({
        id: idOf(n),
        collection: n % 4 ? 'Lines' : 'Orders',
      }));
      return writesCheck({ changes: count, seconds: 5, changed }, newSharding(3), forecast);
    };
    expect((await writes((n) => `items/${n}`)).status).toBe('ok');
    expect(await writes((n) => `items/${n}$hot`)).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(
        /200 changes in 5 s: Lines 75%, Orders 25%; 100% of the writes would go to shard \d/,
      ),
    });
    expect((await writes((n) => `items/${n}$hot`, 20)).status).toBe('ok');
    expect((await writes(() => '', 0)).message).toContain('the largest collection is Items with 100%');
  });
});
