/** Files in a bucket, of any server that speaks S3. */
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { BucketSettings } from '../config/s3-buckets.ts';
import type { Tuning } from '../core/contract/tuning.ts';
import type { ListedFile } from '../core/files/backup-names.ts';
import { completeStream } from './complete-stream.ts';
import { FileError } from './errors.ts';
import { type BucketContext, bucketFailure, cutOff } from './s3-errors.ts';
import type { FileStore } from './store.ts';

const TRIES = 4;
/** S3 servers other than Amazon's accept any region, but a signature needs one. */
const ANY_REGION = 'us-east-1';

/**
 * Opens a folder of a bucket. Requests that fail temporarily are retried a few times.
 * @param name the bucket's name in the configuration, by which errors name it
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
      // it would take a slow reader, such as RavenDB, for a dead connection
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
            // entries made by programs that show a bucket as folders
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
          throw new FileError('BucketRefused', `The bucket "${name}" does not say how long ${key.Key} is.`);
        }
        return completeStream(Body, {
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
    // hardly any server but Amazon's resolves bucket names as host names
    forcePathStyle: forcePathStyle ?? endpoint !== undefined,
  };
}

/** A path as the first part of keys, without leading, trailing or doubled slashes. */
function keyOf(path: string): string {
  return path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/');
}

function join(root: string, path: string): string {
  const steps = path.split('/');
  if (steps.includes('..')) {
    throw new FileError(
      'FileOutside',
      `${JSON.stringify(path)} leads out of the folder: name a path inside it.`,
    );
  }
  return [root, path.replace(/^\/+|\/+$/g, '')].filter((part) => part !== '').join('/');
}
