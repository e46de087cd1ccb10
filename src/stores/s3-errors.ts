/** What an error of an S3 server, of its client or of the network means. */
import { FileError, type FileErrorKind } from './errors.ts';

/** Where an error happened, for its message. */
export interface BucketContext {
  /** The name in the configuration, never an address. */
  bucket: string;
  file?: string;
}

type Rule = [kind: FileErrorKind, advice: string];

const NO_KEYS: Rule = [
  'BucketDenied',
  'No credentials were found: set `accessKeyId` and `secretAccessKey`, or give the worker its own identity.',
];
const WRONG_KEYS: Rule = ['BucketDenied', 'The access key is unknown, or its secret is wrong: check both.'];
const OLD_KEYS: Rule = ['BucketDenied', 'The credentials have expired: replace them.'];
const ELSEWHERE: Rule = ['BucketRefused', 'The bucket is in another region: check `region` and `endpoint`.'];
const BUSY: Rule = ['BucketBusy', 'The server is busy.'];
const ARCHIVED: Rule = ['FileArchived', 'The file is archived: restore it in the bucket first.'];

/** By the code of S3, or by the name that the client gives the error. */
const RULES: Record<string, Rule> = {
  NoSuchBucket: ['BucketNotFound', 'There is no such bucket: check `bucket` and `endpoint`.'],
  NoSuchKey: ['FileNotFound', 'The file does not exist, or was deleted.'],
  NotFound: ['FileNotFound', 'The file does not exist, or was deleted.'],
  AccessDenied: [
    'BucketDenied',
    'The credentials lack permission to list the bucket or to read the file: grant it.',
  ],
  AccountProblem: ['BucketDenied', 'There is a problem with the account: check it with the provider.'],
  AllAccessDisabled: ['BucketDenied', 'All access to the bucket is disabled.'],
  InvalidAccessKeyId: WRONG_KEYS,
  SignatureDoesNotMatch: WRONG_KEYS,
  InvalidSecurity: WRONG_KEYS,
  // Versity's gateway
  XAdminUserNotFound: WRONG_KEYS,
  ExpiredToken: OLD_KEYS,
  ExpiredTokenException: OLD_KEYS,
  InvalidToken: OLD_KEYS,
  TokenRefreshRequired: OLD_KEYS,
  CredentialsProviderError: NO_KEYS,
  RequestTimeTooSkewed: ['BucketRefused', "The worker's clock is wrong: correct it."],
  PermanentRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
  InvalidObjectState: ARCHIVED,
  SlowDown: BUSY,
  ServiceUnavailable: BUSY,
  InternalError: BUSY,
  RequestTimeout: BUSY,
  TimeoutError: ['BucketUnreachable', 'Its server did not answer in time.'],
  ECONNREFUSED: ['BucketUnreachable', 'Nothing listens at its endpoint: check that the server is running.'],
  ECONNRESET: ['BucketUnreachable', 'Its server closed the connection.'],
  EPIPE: ['BucketUnreachable', 'Its server closed the connection.'],
  ETIMEDOUT: ['BucketUnreachable', 'Its server did not answer in time.'],
  ENOTFOUND: ['BucketUnreachable', 'The host name of its endpoint is unknown: check `endpoint`.'],
  EAI_AGAIN: ['BucketUnreachable', 'The host name of its endpoint cannot be resolved at the moment.'],
  EHOSTUNREACH: ['BucketUnreachable', 'The host of its endpoint cannot be reached.'],
  ENETUNREACH: ['BucketUnreachable', 'The network of its endpoint cannot be reached.'],
};

const TLS = /certificate|self-signed|CERT_|ERR_TLS|ERR_SSL|EPROTO/i;
const LONGEST_CODE = 60;

interface S3Failure {
  name?: string;
  code?: unknown;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/**
 * Turns whatever was thrown while talking to a bucket into a FileError, or into the reason of the abort.
 * @param doing the beginning of the message, before the file and the bucket
 */
export function bucketFailure(
  thrown: unknown,
  context: BucketContext,
  doing: string,
  signal?: AbortSignal,
): unknown {
  if (thrown instanceof FileError) return thrown;
  if (signal?.aborted) return signal.reason;
  const [kind, advice, code] = ruleFor((thrown ?? {}) as S3Failure);
  return new FileError(kind, `${doing} ${where(context)} failed: ${code}. ${advice}`);
}

/** The error of a file whose bytes stopped coming. */
export function cutOff(
  error: unknown,
  context: BucketContext,
  { got, of }: { got: number; of: number },
): FileError {
  const damaged = /checksum mismatch/i.test((error as Error | undefined)?.message ?? '');
  const what = damaged ? 'arrived damaged: its checksum differs' : `ended after ${got} of ${of} bytes`;
  return new FileError('FileCutOff', `Reading ${where(context)} was cut off: it ${what}.`);
}

function where({ bucket, file }: BucketContext): string {
  return file === undefined ? `bucket "${bucket}"` : `${file} of bucket "${bucket}"`;
}

/** By the code alone: messages of the client name hosts, and some servers repeat keys in theirs. */
function ruleFor({ name = 'Error', code, message = '', $metadata }: S3Failure): [...Rule, code: string] {
  const status = $metadata?.httpStatusCode;
  for (const known of [code, name]) {
    const rule = typeof known === 'string' ? RULES[known] : undefined;
    if (rule) return [...rule, String(known)];
  }
  if (/region is missing/i.test(message))
    return ['BucketRefused', 'Set `region`, or `endpoint`.', 'no region'];
  if (TLS.test(`${String(code)} ${message}`)) {
    return [
      'BucketTls',
      'The certificate of its endpoint is not trusted: check which certificate authorities the worker trusts.',
      'TLS',
    ];
  }
  const shown =
    status === undefined || /^[A-Z]\w+$/.test(name) ? name.slice(0, LONGEST_CODE) : `HTTP ${status}`;
  if (status === undefined) {
    return ['BucketUnreachable', 'Its server cannot be reached.', typeof code === 'string' ? code : shown];
  }
  if (status === 401 || status === 403)
    return ['BucketDenied', 'The credentials are wrong, or lack permission.', shown];
  if (status === 301 || status === 307) return [...ELSEWHERE, shown];
  if (status === 429 || status >= 500) return [...BUSY, shown];
  return [
    'BucketRefused',
    'What answers at its endpoint does not speak S3 as expected: check `endpoint`.',
    shown,
  ];
}
