/** Opening the folder that the input of a workflow names. */
import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { FileError } from './errors.ts';
import { localStore } from './folder-store.ts';
import type { FileStore } from './store.ts';

/** What the input of a workflow says of where files lie. */
export interface FolderRef {
  /** In a bucket, or on the worker: absolute, or from its `dumpDirectory` on. */
  path: string;
  /** The name of a bucket in the configuration. */
  bucket?: string | null | undefined;
}

/**
 * Opens the folder that an input names. Nothing is asked of it yet.
 * @param signal ends what is running
 * @throws FileError when the configuration knows no such bucket
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
    const others = known.length > 0 ? `it knows ${known.join(', ')}` : 'it knows none';
    throw new FileError(
      'BucketUnknown',
      `The worker's configuration knows no bucket "${bucket}", ${others}: add it under \`buckets\`.`,
    );
  }
  // most workers never need the client for buckets, which is large
  const { bucketStore } = await import('./s3-store.ts');
  return bucketStore(bucket, settings, path, config.tuning.bucket, signal);
}
