/** What part of the documents each shard of a target will hold, from a few of them. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { ShareForecast } from '../../core/plan/forecast.ts';
import { newSharding, type ShardingRecord } from '../../core/sharding/buckets.ts';
import { Distribution } from '../../core/sharding/distribution.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId } from '../../ravendb/dump/dump-items.ts';
import type { DatabaseRecord } from '../../ravendb/requests/databases.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import { itemsOf } from '../../ravendb/smuggler/item-stream.ts';
import { addDocument } from './forecast-shards.ts';

/** Old documents may be unlike new ones. */
const PLACES = 20;
const AT_A_PLACE = 100;
/** Of JSON that is read: large documents say as much in smaller numbers. */
const MOST_BYTES = 32_000_000;

/** Reads up to 2,000 documents, from places all over the source. Undefined for an empty source. @throws RavenError */
export async function sampleShares(
  source: Database,
  { target }: MigrateDatabaseConfig,
  record: DatabaseRecord | undefined,
): Promise<ShareForecast | undefined> {
  const sharding: ShardingRecord = record?.Sharding ?? newSharding(target.shards ?? 1);
  const distribution = await Distribution.over(sharding);
  const { lastEtag } = await storageStats(source);
  const seen = new Set<string>();
  let read = 0;
  for (let place = 0; place < PLACES && read < MOST_BYTES; place++) {
    const from = Math.floor((lastEtag / PLACES) * place);
    for await (const items of itemsOf(source, 'Documents', from, AT_A_PLACE)) {
      for (const { json } of items) {
        read += json.length;
        const id = documentId(json);
        // places overlap where there are few documents, or other items have the etags between them
        if (!seen.has(id)) addDocument(distribution, json);
        seen.add(id);
      }
      if (read >= MOST_BYTES) break;
    }
  }
  const { documents, bytes, shards } = distribution.result();
  if (documents === 0) return undefined;
  return {
    sampled: documents,
    shards: shards.map((each) => ({
      shard: each.shard,
      documents: each.documents / documents,
      bytes: bytes > 0 ? each.bytes / bytes : 0,
    })),
  };
}
