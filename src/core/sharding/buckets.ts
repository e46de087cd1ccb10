/**
 * Which shard holds a document. Source: RavenDB's `ShardHelper` and `debug/sharding/find/bucket`, against which the
 * tests check this.
 */
import xxhash from 'xxhash-wasm';

/** The part of a database record's `Sharding` that says which shard holds which bucket. */
export interface ShardingRecord {
  Shards?: Record<string, { Members?: string[] }> | null;
  /** Ascending by `BucketRangeStart`. */
  BucketRanges?: BucketRange[] | null;
  Prefixed?: PrefixedRange[] | null;
}

interface BucketRange {
  BucketRangeStart: number;
  ShardNumber: number;
}

/** Ids of a prefix have buckets of their own, from `BucketRangeStart` on. RavenDB lists longer prefixes first. */
interface PrefixedRange {
  Prefix: string;
  BucketRangeStart: number;
}

/** Number of buckets: of ids without a prefix, and of each prefix. */
export const BUCKETS = 1_048_576;

/**
 * Makes the function that gives the bucket of a document id (0 to {@link BUCKETS} - 1, without a prefix's start):
 * the hash of the lower-cased part after the last `$`, unless that `$` is the id's first character.
 */
export async function bucketing(): Promise<(lowerId: string) => number> {
  const { h64 } = await xxhash();
  const mask = BigInt(BUCKETS - 1);
  return (lowerId) => {
    const anchor = lowerId.lastIndexOf('$');
    return Number(h64(anchor > 0 ? lowerId.slice(anchor + 1) : lowerId) & mask);
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const HASHED_ESCAPED = /[\x00-\x07\x0b\x0e-\x1f]/;

/**
 * Makes the function that gives the number of the shard that holds a document id; undefined for an id with a control
 * character without a short escape in JSON: RavenDB hashes its escaped text, and not in the same way everywhere.
 */
export async function sharding(record: ShardingRecord): Promise<(id: string) => number | undefined> {
  const bucketOf = await idBuckets(record);
  const shardOf = bucketShards(record);
  return (id) => {
    const bucket = bucketOf(id);
    return bucket === undefined ? undefined : shardOf(bucket);
  };
}

/**
 * Makes the function that gives the bucket of a document id, that of its prefix where it has one; undefined where
 * {@link sharding} gives no shard.
 */
export async function idBuckets({ Prefixed }: ShardingRecord): Promise<(id: string) => number | undefined> {
  const bucketOf = await bucketing();
  const prefixes = (Prefixed ?? [])
    .map(({ Prefix, BucketRangeStart }) => ({ prefix: lowerCase(Prefix), start: BucketRangeStart }))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  return (id) => {
    if (HASHED_ESCAPED.test(id)) return undefined;
    const lowerId = lowerCase(id);
    const start = prefixes.find(({ prefix }) => lowerId.startsWith(prefix))?.start ?? 0;
    return start + bucketOf(lowerId);
  };
}

/** Makes the function that gives the number of the shard that holds a bucket. */
export function bucketShards({ BucketRanges }: ShardingRecord): (bucket: number) => number {
  const ranges = (BucketRanges ?? []).toSorted((a, b) => a.BucketRangeStart - b.BucketRangeStart);
  return (bucket) => shardOfBucket(ranges, bucket);
}

/** Whether an id chooses by a `$` with which other ids it shares a bucket. */
export function isAnchored(id: string): boolean {
  return id.lastIndexOf('$') > 0;
}

/** The sharding of a new database in RavenDB: equal ranges, the last one a little longer. */
export function newSharding(shards: number): ShardingRecord {
  const width = Math.floor(BUCKETS / shards);
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  return {
    Shards: Object.fromEntries(numbers.map((shard) => [shard, {}])),
    BucketRanges: numbers.map((shard) => ({ BucketRangeStart: shard * width, ShardNumber: shard })),
  };
}

function shardOfBucket(ranges: BucketRange[], bucket: number): number {
  let low = 0;
  let high = ranges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ranges[middle]?.BucketRangeStart ?? 0) <= bucket) low = middle;
    else high = middle - 1;
  }
  return ranges[low]?.ShardNumber ?? 0;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
const ASCII = /^[\x00-\x7f]*$/;

/** Each id once, whatever its case. */
export function distinctIds(ids: readonly string[]): string[] {
  return [...new Map(ids.map((id) => [lowerCase(id), id])).values()];
}

/**
 * Lower case as RavenDB makes it: UTF-16 unit by unit. A final sigma is like any other, nothing changes its length,
 * and letters beyond the basic plane stay as they are.
 */
export function lowerCase(id: string): string {
  if (ASCII.test(id)) return id.toLowerCase();
  let lower = '';
  for (const character of id) {
    const mapped = character.length === 1 ? character.toLowerCase() : character;
    lower += mapped.length === 1 ? mapped : character;
  }
  return lower;
}
