/** What each shard of a target will hold, and how unlike the shards will be. */

/** What a shard will hold. */
export interface ShardForecast {
  shard: number;
  documents: number;
  /** JSON and attachments; RavenDB keeps an attachment that documents of a shard share once. */
  bytes: number;
}

/** What part of a database each shard will hold, as a sample of its documents tells. Parts of 1. */
export interface ShareForecast {
  /** Documents that were looked at. */
  sampled: number;
  shards: ShardForecast[];
}

/** Documents of one bucket, which resharding cannot split. */
export interface BucketForecast {
  bucket: number;
  shard: number;
  documents: number;
  bytes: number;
  /** The id of one of them. */
  example: string;
}

/** How uneven the shards will be, and why. */
export interface Forecast {
  documents: number;
  bytes: number;
  shards: ShardForecast[];
  /** Bytes of the largest shard divided by the mean: 1 if all are equal. */
  skew: number;
  /** Those with the most bytes, and those with the most documents. */
  buckets: { largest: BucketForecast[]; fullest: BucketForecast[] };
  /** Ids that choose their bucket by a `$`. */
  anchored: { documents: number; buckets: number };
  /** Documents with a control character in the id: only RavenDB knows their shard, so they count for none. */
  unknownShard: number;
  /** Documents by collection, the most bytes first. */
  collections: { collection: string; documents: number; bytes: number }[];
  /** By their JSON alone. */
  largestDocuments: { id: string; bytes: number; shard: number | null }[];
  /** Documents with the most attachments, counters and time series. */
  mostExtensions: Record<ExtensionKind, { id: string; count: number }[]>;
}

/** Items of which a document may have many. */
export const extensionKinds = ['attachments', 'counters', 'timeSeries'] as const;

export type ExtensionKind = (typeof extensionKinds)[number];
