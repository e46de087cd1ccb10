/** What the shards will hold, from the ids of all documents of the source, which are read once for it. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { SourceForecast } from '../../core/plan/estimate.ts';
import { newSharding, type ShardingRecord } from '../../core/sharding/buckets.ts';
import { Distribution } from '../../core/sharding/distribution.ts';
import { forecastChecks, writesCheck } from '../../core/sharding/distribution-checks.ts';
import { documentId, metadataOf } from '../../ravendb/dump/dump-items.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { changedSince, documentLines } from '../../ravendb/requests/documents.ts';
import { databaseCounts, storageStats } from '../../ravendb/requests/statistics.ts';
import { Meter } from '../work/meter.ts';
import { RateLimit } from '../work/rate-limit.ts';
import { openPair, type Work } from '../work/work.ts';

/** Changed documents whose ids are looked at. */
const MOST_CHANGES = 1_000;
const TELL_EVERY_DOCUMENTS = 5_000;

/** Reads every document of the source and says where it will lie. Changes nothing. */
export async function forecastShards(work: Work, input: MigrateDatabaseConfig): Promise<SourceForecast> {
  const { maxItemsPerSecond } = input;
  const { source, target } = openPair(work, input);
  const record = await databaseRecord(target);
  const sharding: ShardingRecord = record?.Sharding ?? newSharding(input.target.shards ?? 1);
  const [counts, before] = await Promise.all([databaseCounts(source), storageStats(source)]);
  const startedAt = Date.now();
  const distribution = await Distribution.over(sharding);
  const meter = new Meter(work, 'reading the source', counts.documents);
  // who limits the copy wants the source spared
  const limit = new RateLimit(maxItemsPerSecond, work.signal);
  for await (const lines of documentLines(source)) {
    for (const line of lines) {
      addDocument(distribution, line);
      if (distribution.documents % TELL_EVERY_DOCUMENTS === 0) meter.report(distribution.documents);
    }
    await limit.keep(distribution.documents);
  }
  meter.report(distribution.documents);
  const readSeconds = (Date.now() - startedAt) / 1000;
  const left = work.tuning.plan.writesWatchMs - (Date.now() - startedAt);
  if (left > 0) await sleep(left, undefined, { signal: work.signal });
  const after = await storageStats(source);
  const watchedSeconds = (Date.now() - startedAt) / 1000;
  const changes = after.lastEtag - before.lastEtag;
  const changed =
    changes > 0 ? await changedSince(source, { etag: before.lastEtag + 1, most: MOST_CHANGES }) : [];
  const forecast = distribution.result();
  const writes = { changes, seconds: watchedSeconds, changed };
  return {
    forecast,
    checks: [...forecastChecks(forecast), await writesCheck(writes, sharding, forecast)],
    items: {
      revisions: counts.revisions,
      counterGroups: counts.counterGroups,
      timeSeriesSegments: counts.timeSeriesSegments,
    },
    readSeconds,
    changesPerSecond: changes / watchedSeconds,
  };
}

/** Counts a document of the source, which is one with its metadata. */
export function addDocument(distribution: Distribution, line: Buffer): void {
  const metadata = metadataOf(line);
  // what an index has written is not copied
  if (metadata['@flags'].includes('Artificial')) return;
  const attachments = metadata['@attachments'];
  distribution.add({
    id: documentId(line),
    collection: metadata['@collection'],
    bytes: line.length,
    attachments: attachments.length,
    attachmentBytes: attachments.reduce((sum, { Size }) => sum + Size, 0),
    counters: metadata['@counters'].length,
    timeSeries: metadata['@timeseries'].length,
  });
}
