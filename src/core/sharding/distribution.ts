/**
 * What each shard will hold, from the ids of the source: each id has a bucket, and each bucket a shard. Memory does not
 * grow with the source: two numbers for each bucket, and the largest few.
 */
import {
  type BucketForecast,
  type ExtensionKind,
  extensionKinds,
  type Forecast,
  type ShardForecast,
} from '../plan/forecast.ts';
import { BUCKETS, bucketShards, idBuckets, isAnchored, type ShardingRecord } from './buckets.ts';

/** A document as the forecast sees it. */
export interface SeenDocument {
  id: string;
  collection: string;
  /** Size of its JSON. */
  bytes: number;
  attachments: number;
  attachmentBytes: number;
  counters: number;
  timeSeries: number;
}

/** How many of the largest are listed. */
const MAX_LISTED = 5;
const MAX_COLLECTIONS = 50;

/** Prefixes whose buckets are counted one by one, besides ids without a prefix; each takes 12 MB. */
const MAX_PREFIXES = 7;

/** Collects documents and forecasts where they will be. */
export class Distribution {
  readonly #bucketOf: (id: string) => number | undefined;
  readonly #shardOf: (bucket: number) => number;
  readonly #shards = new Map<number, ShardForecast>();
  /** Buckets of ids without a prefix, and of each prefix seen so far. */
  readonly #ranges = new Map<number, BucketSums>();
  readonly #collections = new Map<string, { documents: number; bytes: number }>();
  readonly #largestBuckets = new Largest<string>(MAX_LISTED);
  readonly #fullestBuckets = new Largest<string>(MAX_LISTED);
  readonly #largestDocuments = new Largest<string>(MAX_LISTED);
  readonly #extensions = {
    attachments: new Largest<string>(MAX_LISTED),
    counters: new Largest<string>(MAX_LISTED),
    timeSeries: new Largest<string>(MAX_LISTED),
  };
  #documents = 0;
  #bytes = 0;
  #unknownShard = 0;
  #anchoredDocuments = 0;
  #anchoredBuckets = 0;

  private constructor(record: ShardingRecord, bucketOf: (id: string) => number | undefined) {
    this.#bucketOf = bucketOf;
    this.#shardOf = bucketShards(record);
    for (const shard of Object.keys(record.Shards ?? {}).map(Number))
      this.#shards.set(shard, { shard, documents: 0, bytes: 0 });
  }

  static async over(record: ShardingRecord): Promise<Distribution> {
    return new Distribution(record, await idBuckets(record));
  }

  get documents(): number {
    return this.#documents;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(document: SeenDocument): void {
    const { id, collection } = document;
    const bytes = document.bytes + document.attachmentBytes;
    this.#documents++;
    this.#bytes += bytes;
    const sums = this.#collections.get(collection) ?? { documents: 0, bytes: 0 };
    this.#collections.set(collection, { documents: sums.documents + 1, bytes: sums.bytes + bytes });
    this.#largestDocuments.offer(this.#documents, document.bytes, id);
    for (const kind of extensionKinds)
      if (document[kind] > 1) this.#extensions[kind].offer(this.#documents, document[kind], id);
    const bucket = this.#bucketOf(id);
    if (bucket === undefined) this.#unknownShard++;
    else this.#place(bucket, id, bytes);
  }

  #place(bucket: number, id: string, bytes: number): void {
    const number = this.#shardOf(bucket);
    const shard = this.#shards.get(number) ?? { shard: number, documents: 0, bytes: 0 };
    shard.documents++;
    shard.bytes += bytes;
    this.#shards.set(number, shard);
    const sums = this.#sumsOf(bucket);
    if (isAnchored(id)) this.#anchoredDocuments++;
    if (!sums) return;
    const at = bucket % BUCKETS;
    const documents = (sums.documents[at] ?? 0) + 1;
    const size = (sums.bytes[at] ?? 0) + bytes;
    sums.documents[at] = documents;
    sums.bytes[at] = size;
    if (isAnchored(id) && !sums.anchored[at]) {
      sums.anchored[at] = 1;
      this.#anchoredBuckets++;
    }
    // buckets only grow, so the largest at the end are offered with their last document
    this.#largestBuckets.offer(bucket, size, id);
    this.#fullestBuckets.offer(bucket, documents, id);
  }

  #sumsOf(bucket: number): BucketSums | undefined {
    const range = Math.floor(bucket / BUCKETS);
    const known = this.#ranges.get(range);
    if (known || this.#ranges.size > MAX_PREFIXES) return known;
    const sums = {
      documents: new Uint32Array(BUCKETS),
      bytes: new Float64Array(BUCKETS),
      anchored: new Uint8Array(BUCKETS),
    };
    this.#ranges.set(range, sums);
    return sums;
  }

  #bucket(bucket: number, example: string): BucketForecast {
    const sums = this.#sumsOf(bucket);
    const at = bucket % BUCKETS;
    const [documents = 0, bytes = 0] = [sums?.documents[at], sums?.bytes[at]];
    return { bucket, shard: this.#shardOf(bucket), documents, bytes, example };
  }

  /** The forecast from the documents so far. */
  result(): Forecast {
    const shards = [...this.#shards.values()].sort((a, b) => a.shard - b.shard);
    const [documents, bytes] = [this.#documents, this.#bytes];
    const mean = bytes / Math.max(1, shards.length);
    const most = Math.max(0, ...shards.map((shard) => shard.bytes));
    const collections = [...this.#collections].map(([collection, sums]) => ({ collection, ...sums }));
    const extensions = (kind: ExtensionKind) =>
      this.#extensions[kind].list().map(({ size, what }) => ({ id: what, count: size }));
    return {
      documents,
      bytes,
      shards,
      skew: mean > 0 ? most / mean : 1,
      buckets: {
        largest: this.#largestBuckets.list().map(({ key, what }) => this.#bucket(key, what)),
        fullest: this.#fullestBuckets.list().map(({ key, what }) => this.#bucket(key, what)),
      },
      anchored: { documents: this.#anchoredDocuments, buckets: this.#anchoredBuckets },
      unknownShard: this.#unknownShard,
      collections: collections.sort((a, b) => b.bytes - a.bytes).slice(0, MAX_COLLECTIONS),
      largestDocuments: this.#largestDocuments.list().map(({ size, what }) => {
        const bucket = this.#bucketOf(what);
        return { id: what, bytes: size, shard: bucket === undefined ? null : this.#shardOf(bucket) };
      }),
      mostExtensions: {
        attachments: extensions('attachments'),
        counters: extensions('counters'),
        timeSeries: extensions('timeSeries'),
      },
    };
  }
}

interface BucketSums {
  documents: Uint32Array;
  bytes: Float64Array;
  anchored: Uint8Array;
}

/** Keeps the largest few that were offered. A key may be offered again after it has grown. */
class Largest<T> {
  readonly #most: number;
  readonly #kept = new Map<number, { size: number; what: T }>();
  /** Nothing smaller belongs to the largest. */
  #least = 0;

  constructor(most: number) {
    this.#most = most;
  }

  offer(key: number, size: number, what: T): void {
    if (size <= this.#least) return;
    this.#kept.set(key, { size, what });
    if (this.#kept.size > this.#most) {
      const [smallest] = [...this.#kept].reduce((a, b) => (b[1].size < a[1].size ? b : a));
      this.#kept.delete(smallest);
    }
    if (this.#kept.size === this.#most)
      this.#least = Math.min(...[...this.#kept.values()].map((kept) => kept.size));
  }

  list(): { key: number; size: number; what: T }[] {
    return [...this.#kept].map(([key, kept]) => ({ key, ...kept })).sort((a, b) => b.size - a.size);
  }
}
