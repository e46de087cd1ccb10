import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idBuckets, newSharding } from '../../../src/core/sharding/buckets.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import {
  createShardedDatabase,
  databaseRecord,
  shardNumbers,
} from '../../../src/ravendb/requests/databases.ts';
import type { Application } from '../../support/data/application.ts';
import { createPrefixed } from '../../support/data/prefixed.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { newSource, plan, planInput } from '../../support/work/planning.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.open();
  stack.shareWorker();
});
afterAll(() => stack.close());

describe('the forecast of the shards', () => {
  const IDS = [
    ...[
      'Upper/Case-KEPT',
      'MIXED/case',
      'Ünïcödé/日本語',
      'greek/ΟΔΥΣΣΕΥΣ',
      'turkish/İSTANBUL',
      'non-bmp/😀',
      ' space ',
    ],
    ...[
      'a$orders/1-A',
      'b$orders/1-A',
      'two$anchors$orders/2-A',
      '$first',
      'last$',
      'LAST/2$',
      '$',
      '$$',
      'x$Ünï/Mixed',
    ],
    ...['EU/1', 'eu/2', 'us/1', 'Us/2$eu/3', 'eu/4$us/5', 'quote"back\\slash', 'tab\tnewline\n'],
  ];
  const fill = async (application: Application) => {
    const many = Array.from({ length: 900 }, (_, n) => (n % 3 ? `items/${n}` : `lines/${n}$eu/${n % 7}`));
    await application.putAll([...IDS, ...many].map((id) => [id, '{"@metadata":{"@collection":"Docs"}}']));
    // what it writes is not copied
    await application.putIndexes({
      Name: 'Sums',
      Maps: ['from d in docs.Docs select new { Name = Id(d), Count = 1 }'],
      Reduce:
        'from r in results group r by r.Name into g select new { Name = g.Key, Count = g.Sum(x => x.Count) }',
      OutputReduceToCollection: 'Sums',
    });
    await until('the index has written', async () =>
      (await application.send('GET', 'collections/stats')).includes('Sums'),
    );
    await application.attach('MIXED/case', 'picture', 'x'.repeat(50_000));
  };

  test.each([2, 3, 5])('knows the ranges of a new database of %i shards', async (shards) => {
    const database = stack.databaseName('ranges');
    await createShardedDatabase(new Database(stack.raven, database), { shards, replicationFactor: 1 });
    const { Sharding } = (await databaseRecord(new Database(stack.raven, database))) ?? {};
    expect(Sharding?.BucketRanges).toEqual(newSharding(shards).BucketRanges);
  });

  test.each(['new', 'prefixed'])('is where RavenDB puts the documents: a %s target', async (kind) => {
    const source = await newSource(stack, fill);
    const target = stack.databaseName('target');
    if (kind === 'prefixed') await createPrefixed(stack.raven, target);
    const input = planInput(stack, source, target);
    const { forecast, checks } = await plan(stack, input);
    expect(checks.filter(({ status }) => status === 'blocker')).toEqual([]);

    const migration = await stack.migrate(source, { target, input });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ mismatches: 0 });

    const record = await databaseRecord(new Database(stack.raven, target));
    const shards = record ? shardNumbers(record) : [];
    const real = await Promise.all(
      shards.map(async (shard) => ({
        shard,
        documents: (await storageOf(`${target}$${shard}`)).reduce((sum, bucket) => sum + bucket.documents, 0),
      })),
    );
    expect(forecast?.shards.map(({ shard, documents }) => ({ shard, documents }))).toEqual(real);

    const buckets = new Map((await storageOf(target)).map((each) => [each.bucket, each.documents]));
    const bucketOf = await idBuckets(record?.Sharding ?? {});
    for (const id of IDS) expect(buckets.has(bucketOf(id) ?? -1), id).toBe(true);
    for (const { bucket, documents } of forecast?.buckets.fullest ?? [])
      expect(buckets.get(bucket)).toBe(documents);
    expect(forecast?.buckets.fullest[0]?.documents).toBeGreaterThan(40);
    expect(forecast?.buckets.largest[0]).toMatchObject({ example: 'MIXED/case' });
  });

  /** Every bucket of a database or shard that has documents. */
  async function storageOf(database: string): Promise<{ bucket: number; documents: number }[]> {
    const { BucketRanges } = await new Database(stack.raven, database).json<{
      BucketRanges: Record<string, { FromBucket: number; DocumentsCount: number }>;
    }>({ doing: 'Reading buckets', path: 'debug/sharding/buckets?range=1' });
    return Object.values(BucketRanges)
      .map(({ FromBucket, DocumentsCount }) => ({ bucket: FromBucket, documents: DocumentsCount }))
      .filter(({ documents }) => documents > 0);
  }
});
