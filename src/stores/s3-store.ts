/** Files in a bucket, of any server that speaks S3. */
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { BucketSettings } from '../config/s3-buckets.ts';
import type { Tuning } from '../core/contract/tuning.ts';
import type { ListedFile } from '../core/files/backup-names.ts';
import { whole } from './complete-stream.ts';
import { FileError } from './errors.ts';
import { type BucketContext, bucketFailure, cutOff } from './s3-errors.ts';
import type { FileStore } from './store.ts';

const TRIES = 4;
/** Servers of S3 other than Amazon's take any region, but a signature needs one. */
const ANY_REGION = 'us-east-1';

/**
 * Opens a folder of a bucket. Requests that fail in passing are tried a few times.
 * @param name what the configuration calls the bucket; errors name it by this alone
 * @param folder the first part of the keys; empty for the whole bucket
 */
export function bucketStore(
  name: string,
  settings: BucketSettings,
  folder: string,
  { connectWithinMs, silentMs }: Tuning['bucket'],
  signal?: AbortSignal,
): FileStore {
  const client = new S3Client({
    ...clientSettings(settings),
    maxAttempts: TRIES,
    requestHandler: {
      connectionTimeout: connectWithinMs,
      // only until an answer begins; `whole` watches the rest
      requestTimeout: silentMs,
      throwOnRequestTimeout: true,
      // a reader that is slow, as RavenDB may be, would be taken for a dead line
      socketTimeout: 0,
    },
  });
  const root = keyOf(folder);
  const context: BucketContext = { bucket: name };
  const bucket = { Bucket: settings.bucket };
  const abort = { ...(signal && { abortSignal: signal }) };

  const file = (path: string) => ({ ...bucket, Key: join(root, path) });
  return {
    root: root.split('/').at(-1) ?? '',
    list: async (prefix = '') => {
      const start = join(root, prefix);
      const files: ListedFile[] = [];
      const request = { ...bucket, Prefix: start ? `${start}/` : '' };
      try {
        for await (const page of paginateListObjectsV2({ client }, request, abort)) {
          signal?.throwIfAborted();
          for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
            const path = root ? Key.slice(root.length + 1) : Key;
            // made by programs that show a bucket as folders
            if (path === '' || path.endsWith('/')) continue;
            files.push({ path, bytes: Size, modifiedAt: (LastModified ?? new Date(0)).toISOString() });
          }
        }
      } catch (error) {
        throw bucketFailure(error, context, 'Listing', signal);
      }
      if (files.length > 0) return files;
      throw new FileError(
        'FolderNotFound',
        `The bucket "${name}" has no files ${start ? `below ${start}/` : 'at all'}: check the path.`,
      );
    },
    open: async (path) => {
      const key = file(path);
      const here = { ...context, file: key.Key };
      try {
        const { Body, ContentLength } = await client.send(new GetObjectCommand(key), abort);
        if (!(Body instanceof Readable) || ContentLength === undefined) {
          throw new FileError('BucketRefused', `The bucket "${name}" does not tell how long ${key.Key} is.`);
        }
        return whole(Body, {
          bytes: ContentLength,
          silentMs,
          signal,
          failure: (error, got) => cutOff(error, here, { got, of: ContentLength }),
        });
      } catch (error) {
        throw bucketFailure(error, here, 'Reading', signal);
      }
    },
    size: async (path) => {
      const key = file(path);
      try {
        return (await client.send(new HeadObjectCommand(key), abort)).ContentLength ?? 0;
      } catch (error) {
        throw bucketFailure(error, { ...context, file: key.Key }, 'Looking at', signal);
      }
    },
    close: () => client.destroy(),
  };
}

function clientSettings({ endpoint, region, accessKeyId, secretAccessKey, forcePathStyle }: BucketSettings) {
  const where = region ?? (endpoint && ANY_REGION);
  return {
    ...(endpoint && { endpoint }),
    ...(where && { region: where }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
    // names of buckets are seldom names of hosts but at Amazon
    forcePathStyle: forcePathStyle ?? endpoint !== undefined,
  };
}

/** A path as the first part of keys: without what a person may type around it. */
function keyOf(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/');
}

function join(root: string, path: string): string {
  const steps = path.split('/');
  if (steps.includes('..')) {
    throw new FileError('FileOutside', `${JSON.stringify(path)} leads out of the folder and is not read.`);
  }
  return [root, path.replace(/^\/+|\/+$/g, '')].filter((part) => part !== '').join('/');
}
