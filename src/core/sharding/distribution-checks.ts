/** Checks of a forecast: what people should know before the documents are moved. */

import { type Check, ok, warning } from '../plan/check.ts';
import { extensionKinds, type Forecast, type ShardForecast } from '../plan/forecast.ts';
import { capitalized, formatBytes, formatCount, formatSeconds } from '../text/format.ts';
import { type ShardingRecord, sharding } from './buckets.ts';

/** Fewer documents are uneven by chance, and fit on one server anyway. */
const MIN_DOCUMENTS = 1_000;
/** Servers sized for the mean hardly have more than half as much again in reserve. */
const MAX_SKEW = 1.5;
/** Resharding moves whole buckets: one that is a large part of a shard cannot be balanced. */
const MAX_BUCKET_SHARE = 0.1;
/** The size of a load: a larger document is sent and held in memory as a whole. RavenDB itself warns from 5 MB. */
const HUGE_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** The document's metadata lists each of them and is written again with each. */
const MANY_EXTENSIONS = 1_000;

/** With fewer writes, their distribution is chance. */
const MIN_WRITES = 100;

/** Writes to the source within some time. */
export interface Writes {
  /** Number of etags: documents, deletions, revisions, counters, time series, attachments. */
  changes: number;
  seconds: number;
  /** Some of the changed documents. */
  changed: { id: string; collection: string }[];
}

/** Checks whether one collection, or one shard, gets most of the writes. */
export async function writesCheck(
  { changes, seconds, changed }: Writes,
  record: ShardingRecord,
  { collections, documents, shards }: Forecast,
): Promise<Check> {
  const name = 'hot collections';
  if (changed.length === 0) {
    const [largest] = collections.toSorted((a, b) => b.documents - a.documents);
    const share = largest ? percent(largest.documents, documents) : '';
    const message = largest
      ? `No document was written while the source was read; the largest collection is ${largest.collection} with ${share} of the documents.`
      : 'There are no documents.';
    return ok(name, message);
  }
  const byCollection = counted(changed.map(({ collection }) => collection));
  const shardOf = await sharding(record);
  const byShard = counted(changed.map(({ id }) => shardOf(id)));
  const few = byCollection
    .slice(0, 3)
    .map(([collection, count]) => `${collection} ${percent(count, changed.length)}`);
  const message = `${formatCount(changes)} changes in ${formatSeconds(seconds)}: ${few.join(', ')}`;
  const [hottest] = byShard;
  const skew = hottest ? (hottest[1] / changed.length) * shards.length : 0;
  if (changed.length < MIN_WRITES || skew <= MAX_SKEW || !hottest) return ok(name, `${message}.`);
  return warning(
    name,
    `${message}; ${percent(hottest[1], changed.length)} of the writes would go to shard ${hottest[0]}, ${skew.toFixed(1)} times the ` +
      'mean: spread them over more ids or anchors, or size that server for it.',
  );
}

function counted<T>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / Math.max(1, whole)) * 100)}%`;
}

/** Checks the distribution, large documents, and documents with many attachments, counters or time series. */
export function forecastChecks(forecast: Forecast): Check[] {
  return [distribution(forecast), largeDocuments(forecast), extensions(forecast)];
}

function distribution(forecast: Forecast): Check {
  const name = 'distribution';
  const { documents, bytes, shards, skew, buckets } = forecast;
  const even = `${formatCount(documents)} documents, ${formatBytes(bytes)}; the largest shard holds ${skew.toFixed(2)} times the mean.`;
  const [largest] = shards.toSorted((a, b) => b.bytes - a.bytes);
  const [fullest] = shards.toSorted((a, b) => b.documents - a.documents);
  if (shards.length < 2 || !largest || !fullest) return ok(name, even);
  if (documents < MIN_DOCUMENTS) return ok(name, `${even} Too few documents to judge the distribution.`);
  const fullness = (fullest.documents / documents) * shards.length;
  const bucket = buckets.largest.find((each) => each.documents > 1);
  const share = bucket ? bucket.bytes / (bytes / shards.length) : 0;
  const reasons = [
    ...(skew > MAX_SKEW
      ? [`shard ${largest.shard} will hold ${skew.toFixed(2)} times the mean (${formatBytes(largest.bytes)})`]
      : []),
    ...(fullness > MAX_SKEW
      ? [
          `shard ${fullest.shard} will hold ${fullness.toFixed(2)} times the mean of the documents ` +
            `(${formatCount(fullest.documents)})`,
        ]
      : []),
    ...(bucket && share > MAX_BUCKET_SHARE
      ? [
          `one bucket, that of ${JSON.stringify(bucket.example)}, holds ${formatCount(bucket.documents)} documents, ${formatBytes(bucket.bytes)}: ` +
            `${Math.round(share * 100)}% of a mean shard, which resharding cannot split`,
        ]
      : []),
  ];
  if (reasons.length === 0) return ok(name, even);
  return warning(name, `${capitalized(reasons.join('; '))}. ${wayOut(forecast, largest)}`);
}

function wayOut(
  { bytes, shards, skew, anchored, largestDocuments }: Forecast,
  largest: ShardForecast,
): string {
  const excess = largest.bytes - bytes / shards.length;
  const [document] = largestDocuments;
  if (skew > MAX_SKEW && document?.shard === largest.shard && document.bytes > excess / 2)
    return `${JSON.stringify(document.id)} alone has ${formatBytes(document.bytes)} of it: split it into several documents.`;
  return anchored.documents > 0
    ? `${formatCount(anchored.documents)} ids choose their bucket by "$", in ${formatCount(anchored.buckets)} buckets: ` +
        'anchor them to more, smaller groups, or size that server for it.'
    : 'Spread large content over more documents, or size that server for it.';
}

function largeDocuments({ largestDocuments }: Forecast): Check {
  const name = 'large documents';
  const huge = largestDocuments.filter(({ bytes }) => bytes > HUGE_DOCUMENT_BYTES);
  const [largest] = largestDocuments;
  if (huge.length === 0) {
    const message = largest
      ? `The largest is ${JSON.stringify(largest.id)} with ${formatBytes(largest.bytes)}.`
      : 'There are none.';
    return ok(name, message);
  }
  const names = huge.map(({ id, bytes }) => `${JSON.stringify(id)} (${formatBytes(bytes)})`).join(', ');
  return warning(
    name,
    `Larger than ${formatBytes(HUGE_DOCUMENT_BYTES)}: ${names}. Each is sent, compared and indexed as a whole: give the worker memory ` +
      'for a few of them, or move large content into attachments first.',
  );
}

function extensions({ mostExtensions }: Forecast): Check {
  const name = 'extensions of documents';
  const many = extensionKinds.flatMap((kind) =>
    mostExtensions[kind].slice(0, 1).map(({ id, count }) => ({
      id,
      count,
      what: kind === 'timeSeries' ? 'time series' : kind,
    })),
  );
  const describe = (each: typeof many) =>
    each.map(({ id, count, what }) => `${JSON.stringify(id)} with ${formatCount(count)} ${what}`).join(', ');
  const crowded = many.filter(({ count }) => count > MANY_EXTENSIONS);
  if (crowded.length === 0) {
    const message =
      many.length > 0 ? `The most: ${describe(many)}.` : 'No document has more than one of a kind.';
    return ok(name, message);
  }
  return warning(
    name,
    `The most: ${describe(crowded)}. The document's metadata lists each and is written again with each, on the source ` +
      'and on the target: spread them over several documents.',
  );
}
