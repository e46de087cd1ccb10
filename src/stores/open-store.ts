/** Opening the folder that the input of a workflow names. */
import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { FileError } from './errors.ts';
import { localStore } from './folder-store.ts';
import type { FileStore } from './store.ts';

/** Where an input says that files are. */
export interface FolderRef {
  /** In a bucket, or on the worker: absolute, or relative to its `dumpDirectory`. */
  path: string;
  /** The name of a bucket in the configuration. */
  bucket?: string | null | undefined;
}

/**
 * Opens the folder that an input names, without reading from it yet.
 * @param signal ends its requests
 * @throws FileError when the configuration has no such bucket
 */
export async function openStore(
  config: Pick<Config, 'buckets' | 'dumpDirectory' | 'tuning'>,
  { path, bucket }: FolderRef,
  signal?: AbortSignal,
): Promise<FileStore> {
  if (!bucket) return localStore(resolve(config.dumpDirectory, path), signal);
  const settings = config.buckets[bucket];
  if (!settings) {
    const known = Object.keys(config.buckets);
    const others = known.length > 0 ? `only ${known.join(', ')}` : 'and no other';
    throw new FileError(
      'BucketUnknown',
      `The worker's configuration has no bucket "${bucket}", ${others}: add it under \`buckets\`.`,
    );
  }
  // the S3 client is large, and most workers never need it
  const { bucketStore } = await import('./s3-store.ts');
  return bucketStore(bucket, settings, path, config.tuning.bucket, signal);
}
