/** What a forecast says that a person should know before it is true. */

import type { Check } from '../plan/check.ts';
import { extensionKinds, type Forecast, type ShardForecast } from '../plan/forecast.ts';
import { formatBytes, formatCount, formatSeconds } from '../text/format.ts';
import { type ShardingRecord, sharding } from './buckets.ts';

/** Fewer documents lie unevenly by chance, and fit on one server whatever they do. */
const ENOUGH_DOCUMENTS = 1_000;
/** Servers that are sized for the mean have half as much again to spare, hardly more. */
const MOST_SKEW = 1.5;
/** Resharding moves whole buckets: one that is a good part of a shard can never be balanced. */
const MOST_OF_A_SHARD = 0.1;
/** A load of the copy; larger ones are sent and held in memory as a whole. RavenDB's own hint comes from 5 MB on. */
const HUGE_DOCUMENT = 16 * 1024 * 1024;
/** The document's metadata names each of them, and is written anew with each. */
const MANY_EXTENSIONS = 1_000;

/** With fewer writes, where they went is chance. */
const ENOUGH_WRITES = 100;

/** Writes between two looks at the source. */
export interface Writes {
  /** By etags: documents, deletions, revisions, what hangs on documents. */
  changes: number;
  seconds: number;
  /** Some of the changed documents. */
  changed: { id: string; collection: string }[];
}

/** Whether one collection, or one shard, takes most of the writes. */
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
    return { name, status: 'ok', message };
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
  if (changed.length < ENOUGH_WRITES || skew <= MOST_SKEW || !hottest)
    return { name, status: 'ok', message: `${message}.` };
  return {
    name,
    status: 'warning',
    message:
      `${message}; ${percent(hottest[1], changed.length)} of the writes would go to shard ${hottest[0]}, ${skew.toFixed(1)} times the ` +
      'mean: spread them over more ids or anchors, or size that server for it.',
  };
}

function counted<T>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / Math.max(1, whole)) * 100)}%`;
}

/** Distribution, large documents, and documents with much that hangs on them. */
export function forecastChecks(forecast: Forecast): Check[] {
  return [distribution(forecast), largeDocuments(forecast), extensions(forecast)];
}

function distribution(forecast: Forecast): Check {
  const name = 'distribution';
  const { documents, bytes, shards, skew, buckets } = forecast;
  const even = `${formatCount(documents)} documents, ${formatBytes(bytes)}; the largest shard holds ${skew.toFixed(2)} times the mean.`;
  const [largest] = shards.toSorted((a, b) => b.bytes - a.bytes);
  const [fullest] = shards.toSorted((a, b) => b.documents - a.documents);
  if (shards.length < 2 || !largest || !fullest) return { name, status: 'ok', message: even };
  if (documents < ENOUGH_DOCUMENTS)
    return { name, status: 'ok', message: `${even} So few lie as chance has it.` };
  const fullness = (fullest.documents / documents) * shards.length;
  const bucket = buckets.largest.find((each) => each.documents > 1);
  const share = bucket ? bucket.bytes / (bytes / shards.length) : 0;
  const reasons = [
    ...(skew > MOST_SKEW
      ? [`shard ${largest.shard} will hold ${skew.toFixed(2)} times the mean (${formatBytes(largest.bytes)})`]
      : []),
    ...(fullness > MOST_SKEW
      ? [
          `shard ${fullest.shard} will hold ${fullness.toFixed(2)} times the mean of the documents ` +
            `(${formatCount(fullest.documents)})`,
        ]
      : []),
    ...(bucket && share > MOST_OF_A_SHARD
      ? [
          `one bucket, that of ${JSON.stringify(bucket.example)}, holds ${formatCount(bucket.documents)} documents, ${formatBytes(bucket.bytes)}: ` +
            `${Math.round(share * 100)}% of a mean shard, which no resharding can part`,
        ]
      : []),
  ];
  if (reasons.length === 0) return { name, status: 'ok', message: even };
  return { name, status: 'warning', message: `${capital(reasons.join('; '))}. ${wayOut(forecast, largest)}` };
}

function wayOut(
  { bytes, shards, skew, anchored, largestDocuments }: Forecast,
  largest: ShardForecast,
): string {
  const excess = largest.bytes - bytes / shards.length;
  const [document] = largestDocuments;
  if (skew > MOST_SKEW && document?.shard === largest.shard && document.bytes > excess / 2)
    return `${JSON.stringify(document.id)} alone has ${formatBytes(document.bytes)} of it: part it into several documents.`;
  return anchored.documents > 0
    ? `${formatCount(anchored.documents)} ids name by "$" where they belong, in ${formatCount(anchored.buckets)} buckets: ` +
        'anchor them to more, smaller groups, or size that server for it.'
    : 'Spread what is large over more documents, or size that server for it.';
}

function largeDocuments({ largestDocuments }: Forecast): Check {
  const name = 'large documents';
  const huge = largestDocuments.filter(({ bytes }) => bytes > HUGE_DOCUMENT);
  const [largest] = largestDocuments;
  if (huge.length === 0) {
    const message = largest
      ? `The largest is ${JSON.stringify(largest.id)} with ${formatBytes(largest.bytes)}.`
      : 'There are none.';
    return { name, status: 'ok', message };
  }
  const names = huge.map(({ id, bytes }) => `${JSON.stringify(id)} (${formatBytes(bytes)})`).join(', ');
  return {
    name,
    status: 'warning',
    message:
      `Larger than ${formatBytes(HUGE_DOCUMENT)}: ${names}. Each is sent, compared and indexed as a whole: give the worker memory ` +
      'for a few of them, or move what is large into attachments first.',
  };
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
      many.length > 0 ? `The most has ${describe(many)}.` : 'No document has more than one of a kind.';
    return { name, status: 'ok', message };
  }
  return {
    name,
    status: 'warning',
    message:
      `The most has ${describe(crowded)}. The document's metadata names each, and is written anew with each, here and on ` +
      'the target: spread them over several documents.',
  };
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
