import { describe, expect, test } from 'vitest';
import { FileError } from '../../src/stores/errors.ts';
import { bucketFailure, cutOff } from '../../src/stores/s3-errors.ts';

/** An error as the client throws it: of the server by name and status, of the network by code. */
function thrown(name: string, more: { status?: number; code?: string; message?: string } = {}): Error {
  return Object.assign(new Error(more.message ?? 'Secret of https://s3.example:9000 was AKIA'), {
    name,
    ...(more.code && { code: more.code }),
    ...(more.status && { $metadata: { httpStatusCode: more.status } }),
  });
}

describe('an error of a bucket', () => {
  test.each([
    [thrown('NoSuchBucket', { status: 404 }), 'BucketNotFound', false],
    [thrown('NoSuchKey', { status: 404 }), 'FileNotFound', false],
    [thrown('NotFound', { status: 404 }), 'FileNotFound', false],
    [thrown('AccessDenied', { status: 403 }), 'BucketDenied', false],
    [thrown('403', { status: 403 }), 'BucketDenied', false],
    [thrown('InvalidAccessKeyId', { status: 403 }), 'BucketDenied', false],
    [thrown('SignatureDoesNotMatch', { status: 403 }), 'BucketDenied', false],
    [thrown('ExpiredToken', { status: 400 }), 'BucketDenied', false],
    [thrown('CredentialsProviderError'), 'BucketDenied', false],
    [thrown('PermanentRedirect', { status: 301 }), 'BucketRefused', false],
    [thrown('301', { status: 301 }), 'BucketRefused', false],
    [thrown('AuthorizationHeaderMalformed', { status: 400 }), 'BucketRefused', false],
    [thrown('Error', { message: 'Region is missing' }), 'BucketRefused', false],
    [thrown('MethodNotAllowed', { status: 405 }), 'BucketRefused', false],
    [thrown('Error', { status: 200, message: 'Unexpected close tag' }), 'BucketRefused', false],
    [thrown('InvalidObjectState', { status: 403 }), 'FileArchived', false],
    [thrown('SlowDown', { status: 503 }), 'BucketBusy', true],
    [thrown('InternalError', { status: 500 }), 'BucketBusy', true],
    [thrown('502', { status: 502 }), 'BucketBusy', true],
    [thrown('429', { status: 429 }), 'BucketBusy', true],
    [thrown('Error', { code: 'ECONNREFUSED' }), 'BucketUnreachable', true],
    [thrown('TimeoutError', { code: 'ECONNRESET' }), 'BucketUnreachable', true],
    [thrown('TimeoutError'), 'BucketUnreachable', true],
    [thrown('Error', { code: 'ENOTFOUND' }), 'BucketUnreachable', true],
    [thrown('Error', { code: 'EPROTO' }), 'BucketTls', false],
    [
      thrown('Error', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' }),
      'BucketTls',
      false,
    ],
    [thrown('Error', { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' }), 'BucketTls', false],
    [thrown('Error', { code: 'EWHATEVER' }), 'BucketUnreachable', true],
    [undefined, 'BucketUnreachable', true],
  ])('%s is of kind %s', (error, kind, retryable) => {
    const failure = bucketFailure(error, { bucket: 'archive', file: 'x/a' }, 'Reading') as FileError;
    expect(failure).toBeInstanceOf(FileError);
    expect(failure).toMatchObject({ kind, retryable });
    expect(failure.message).toMatch(/^Reading x\/a of bucket "archive" failed: [\w ]+\. .+[.?]$/);
    for (const secret of ['s3.example', 'AKIA', 'Secret of']) expect(failure.message).not.toContain(secret);
  });

  test('stays what it is when it is known already, or when all shall end', () => {
    const known = new FileError('FileCutOff', 'It was cut off.');
    expect(bucketFailure(known, { bucket: 'archive' }, 'Listing')).toBe(known);
    const reason = new Error('enough');
    expect(
      bucketFailure(thrown('AbortError'), { bucket: 'archive' }, 'Listing', AbortSignal.abort(reason)),
    ).toBe(reason);
  });

  test('tells how far a file came', () => {
    const message = (error: unknown) =>
      cutOff(error, { bucket: 'archive', file: 'a' }, { got: 3, of: 9 }).message;
    expect(message(undefined)).toBe(
      'Reading a of bucket "archive" was cut off: it ended after 3 of 9 bytes.',
    );
    expect(message(new Error('aborted'))).toBe(message(undefined));
    expect(message(new Error('Checksum mismatch: expected "x"'))).toContain('its checksum differs');
  });
});
