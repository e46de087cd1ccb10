/** What each shard of a target will hold, and how unlike the shards will be. */

/** What a shard will hold. */
export interface ShardForecast {
  shard: number;
  documents: number;
  /** JSON and attachments; RavenDB keeps an attachment that documents of a shard share once. */
  bytes: number;
}

/** Documents that no resharding can part. */
export interface BucketForecast {
  bucket: number;
  shard: number;
  documents: number;
  bytes: number;
  /** The id of one of them. */
  example: string;
}

/** How unlike the shards will be, and why. */
export interface Forecast {
  documents: number;
  bytes: number;
  shards: ShardForecast[];
  /** The largest shard against the mean, by bytes: 1 when all are alike. */
  skew: number;
  /** The largest by bytes, and those with the most documents. */
  buckets: { largest: BucketForecast[]; fullest: BucketForecast[] };
  /** Ids that say by a `$` where they belong. */
  anchored: { documents: number; buckets: number };
  /** Documents whose shard only RavenDB can tell, for a control character in the id; they count for no shard. */
  untold: number;
  /** Documents by collection, those with the most bytes first. */
  collections: { collection: string; documents: number; bytes: number }[];
  /** By their JSON alone. */
  largestDocuments: { id: string; bytes: number; shard: number | null }[];
  /** Documents with the most attachments, counters and time series. */
  mostExtensions: Record<ExtensionKind, { id: string; count: number }[]>;
}

/** What may hang on a document in numbers. */
export const extensionKinds = ['attachments', 'counters', 'timeSeries'] as const;

export type ExtensionKind = (typeof extensionKinds)[number];
