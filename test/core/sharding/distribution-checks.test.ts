import { describe, expect, test } from 'vitest';
import type { Forecast, ShardForecast } from '../../../src/core/plan/forecast.ts';
import { newSharding } from '../../../src/core/sharding/buckets.ts';
import { forecastChecks, type Writes, writesCheck } from '../../../src/core/sharding/distribution-checks.ts';

const shard = (number: number, documents: number, bytes: number): ShardForecast => ({
  shard: number,
  documents,
  bytes,
});

/** Two equal shards of small documents, but for what is given. */
function forecast(more: Partial<Forecast> = {}): Forecast {
  const shards = more.shards ?? [shard(0, 1_000, 100_000), shard(1, 1_000, 100_000)];
  const documents = shards.reduce((sum, each) => sum + each.documents, 0);
  const bytes = shards.reduce((sum, each) => sum + each.bytes, 0);
  return {
    documents,
    bytes,
    shards,
    skew: Math.max(...shards.map((each) => each.bytes)) / (bytes / shards.length),
    buckets: { largest: [], fullest: [] },
    anchored: { documents: 0, buckets: 0 },
    unknownShard: 0,
    collections: [],
    largestDocuments: [],
    mostExtensions: { attachments: [], counters: [], timeSeries: [] },
    ...more,
  };
}

const bucket = (bytes: number, documents = 50) => ({
  largest: [{ bucket: 7, shard: 1, documents, bytes, example: 'lines/1$a' }],
  fullest: [],
});

describe('the distribution', () => {
  const judged = (more: Partial<Forecast>) => {
    const [check] = forecastChecks(forecast(more));
    return [check?.status, check?.message];
  };

  test('of equal shards is fine', () => {
    expect(judged({})).toEqual([
      'ok',
      '2,000 documents, 200 kB; the largest shard holds 1.00 times the mean.',
    ]);
  });

  test.each([
    ['of one shard', { shards: [shard(0, 5_000, 5e6)] }],
    ['of no shard', { shards: [], documents: 5_000, bytes: 1, skew: 9 }],
    // half as much again is what a server has in reserve
    ['with half as much again on one shard', { shards: [shard(0, 1_500, 150), shard(1, 500, 50)] }],
    ['with a bucket of a tenth of a shard', { buckets: bucket(10_000) }],
    [
      'with a large bucket of one document, which no other bucket would make smaller',
      { buckets: bucket(90_000, 1) },
    ],
  ])('%s is fine', (_case, more) => {
    expect(judged(more)[0]).toBe('ok');
  });

  test('of few documents is not judged', () => {
    const uneven = [shard(0, 998, 100_000), shard(1, 1, 1)];
    expect(judged({ shards: uneven })).toEqual([
      'ok',
      '999 documents, 100 kB; the largest shard holds 2.00 times the mean. Too few documents to judge the distribution.',
    ]);
    expect(judged({ shards: [shard(0, 999, 100_000), shard(1, 1, 1)] })[0]).toBe('warning');
  });

  test('names the shard with the most bytes, and the one with the most documents', () => {
    expect(judged({ shards: [shard(0, 1_600, 400), shard(1, 400, 1_600)] })).toEqual([
      'warning',
      'Shard 1 will hold 1.60 times the mean (1.60 kB); ' +
        'shard 0 will hold 1.60 times the mean of the documents (1,600). ' +
        'Spread large content over more documents, or size that server for it.',
    ]);
  });

  test('names a bucket that resharding cannot split', () => {
    expect(judged({ buckets: bucket(10_600) })).toEqual([
      'warning',
      'One bucket, that of "lines/1$a", holds 50 documents, 10.6 kB: 11% of a mean shard, which resharding cannot split. ' +
        'Spread large content over more documents, or size that server for it.',
    ]);
    const small = { bucket: 8, shard: 0, documents: 1, bytes: 95_000, example: 'large' };
    const buckets = { largest: [small, ...bucket(10_600).largest], fullest: [] };
    expect(judged({ buckets })[1]).toContain('that of "lines/1$a"');
  });

  test('is put right by other anchors where ids choose their bucket', () => {
    expect(judged({ buckets: bucket(90_000), anchored: { documents: 1_500, buckets: 3 } })[1]).toMatch(
      /1,500 ids choose their bucket by "\$", in 3 buckets: anchor them to more, smaller groups, or size that server for it\.$/,
    );
  });

  test.each([
    ['half of what is too much', 1, 401, true],
    ['less than that', 1, 400, false],
    ['as much, but on another shard', 0, 900, false],
    ['as much, on a shard that nobody knows', null, 900, false],
  ])('is put right by splitting a document that holds %s', (_case, on, bytes, split) => {
    const shards = [shard(0, 1_000, 200), shard(1, 1_000, 1_800)];
    const largestDocuments = [{ id: 'large', bytes, shard: on }];
    const [, message] = judged({ shards, largestDocuments });
    expect(message?.includes(`"large" alone has ${bytes} B of it: split it into several documents.`)).toBe(
      split,
    );
  });

  test('is not put right by splitting a document where bytes are alike', () => {
    const largestDocuments = [{ id: 'large', bytes: 90_000, shard: 0 }];
    expect(judged({ buckets: bucket(90_000), largestDocuments })[1]).not.toContain('split it');
  });
});

describe('large documents', () => {
  const judged = (largestDocuments: Forecast['largestDocuments']) => {
    const check = forecastChecks(forecast({ largestDocuments }))[1];
    return [check?.status, check?.message];
  };
  const document = (id: string, bytes: number) => ({ id, bytes, shard: 0 });

  test('are named from 16 MiB on', () => {
    const most = 16 * 1024 * 1024;
    expect(judged([])).toEqual(['ok', 'There are none.']);
    expect(judged([document('a', most)])).toEqual(['ok', 'The largest is "a" with 16.8 MB.']);
    expect(judged([document('a', 2 * most), document('b', most + 1), document('c', most)])).toEqual([
      'warning',
      'Larger than 16.8 MB: "a" (33.6 MB), "b" (16.8 MB). Each is sent, compared and indexed as a whole: give the ' +
        'worker memory for a few of them, or move large content into attachments first.',
    ]);
  });
});

describe('extensions of documents', () => {
  const judged = (mostExtensions: Forecast['mostExtensions']) => {
    const check = forecastChecks(forecast({ mostExtensions }))[2];
    return [check?.status, check?.message];
  };
  const most = (id: string, count: number) => [
    { id, count },
    { id: 'next', count: count - 1 },
  ];

  test('are counted, the most of each kind', () => {
    expect(judged({ attachments: [], counters: [], timeSeries: [] })).toEqual([
      'ok',
      'No document has more than one of a kind.',
    ]);
    expect(
      judged({ attachments: most('a', 1_000), counters: most('b', 20), timeSeries: most('c', 3) }),
    ).toEqual(['ok', 'The most: "a" with 1,000 attachments, "b" with 20 counters, "c" with 3 time series.']);
  });

  test('are too many from a thousand on', () => {
    expect(
      judged({ attachments: most('a', 1_000), counters: most('b', 1_001), timeSeries: most('c', 5_000) }),
    ).toEqual([
      'warning',
      'The most: "b" with 1,001 counters, "c" with 5,000 time series. The document\'s metadata lists each and is written ' +
        'again with each, on the source and on the target: spread them over several documents.',
    ]);
  });
});

describe('writes while the source was read', () => {
  const record = newSharding(2);
  const judged = async (writes: Partial<Writes>, more: Partial<Forecast> = {}) => {
    const { status, message } = await writesCheck(
      { changes: 1_234, seconds: 5, changed: [], ...writes },
      record,
      forecast(more),
    );
    return [status, message];
  };
  const changed = (count: number, id: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => ({ id: id(n), collection: `C${n % 5}` }));

  test('may be none: then the largest collection is named', async () => {
    const collections = [
      { collection: 'Small', documents: 500, bytes: 9e9 },
      { collection: 'Large', documents: 1_500, bytes: 1 },
    ];
    expect(await judged({}, { collections })).toEqual([
      'ok',
      'No document was written while the source was read; the largest collection is Large with 75% of the documents.',
    ]);
    expect(await judged({})).toEqual(['ok', 'There are no documents.']);
  });

  test('are named by the three busiest collections', async () => {
    const some = [...changed(10, (n) => `items/${n}`), ...changed(2, (n) => `more/${n}`)];
    expect(await judged({ changed: some })).toEqual(['ok', '1,234 changes in 5 s: C0 25%, C1 25%, C2 17%.']);
  });

  test('to one shard are a warning, where they are many', async () => {
    const [status, message] = await judged({ changed: changed(100, (n) => `items/${n}$one`) });
    expect(status).toBe('warning');
    expect(message).toMatch(
      /^1,234 changes in 5 s: C0 20%, C1 20%, C2 20%; 100% of the writes would go to shard [01], 2\.0 times the mean: spread them over more ids or anchors, or size that server for it\.$/,
    );
    expect((await judged({ changed: changed(99, (n) => `items/${n}$one`) }))[0]).toBe('ok');
  });

  test('to one shard are no warning up to half as much again', async () => {
    const spread = (hot: number) => [
      ...changed(hot, (n) => `items/${n}$one`),
      ...changed(200 - hot, (n) => `items/${n}$two`),
    ];
    expect((await judged({ changed: spread(150) }))[0]).toBe('ok');
    expect((await judged({ changed: spread(152) }))[0]).toBe('warning');
  });
});
