/** Moving documents between the shards of a database, as an operator does. */

import { until } from '../servers/until.ts';
import type { Application } from './application.ts';

interface Place {
  Bucket: number;
  Shard: number;
}

/** Moves the bucket of a document to another shard, and waits until it is there. */
export async function moveBucketOf(application: Application, id: string): Promise<void> {
  const { http } = application.raven;
  const name = application.database;
  const find = () =>
    http.json<Place>({
      doing: 'Looking for a bucket',
      path: `/debug/sharding/find/bucket?${new URLSearchParams({ name, id })}`,
    });
  const { Bucket, Shard } = await find();
  const query = new URLSearchParams({
    database: name,
    fromBucket: `${Bucket}`,
    toBucket: `${Bucket}`,
    toShard: `${Shard === 0 ? 1 : 0}`,
  });
  await http.json({
    doing: 'Moving a bucket',
    method: 'POST',
    path: `/admin/resharding/start?${query}`,
  });
  await until('the bucket is on the other shard', async () => (await find()).Shard !== Shard);
  // the one that it left forgets it a little later
  await until('the move is over', async () => {
    const record = await http.json<{ Sharding: { BucketMigrations?: object } }>({
      doing: 'Reading the record',
      path: `/admin/databases?name=${encodeURIComponent(name)}`,
    });
    return Object.keys(record.Sharding.BucketMigrations ?? {}).length === 0;
  });
}
