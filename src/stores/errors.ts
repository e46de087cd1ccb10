/** What can go wrong with files: a sentence for people, and whether a retry can help. */

/** An error in finding or reading files. Its message never contains a server's address, a key or a secret. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly kind: FileErrorKind;
  /** Whether a retry may succeed without anybody's help. */
  readonly retryable: boolean;

  constructor(kind: FileErrorKind, message: string) {
    super(message);
    this.kind = kind;
    this.retryable = RETRYABLE.has(kind);
  }
}

export type FileErrorKind =
  /** The folder does not exist, or a bucket has nothing below it. */
  | 'FolderNotFound'
  | 'NotAFolder'
  | 'FileNotFound'
  /** The worker lacks permission to read the file or folder. */
  | 'FileDenied'
  /** The path leads out of the folder. */
  | 'FileOutside'
  /** The bytes ended early, or were damaged on the way. */
  | 'FileCutOff'
  /** The disk or the network share cannot deliver it at the moment. */
  | 'FileUnavailable'
  /** The file is in archive storage and has to be restored first. */
  | 'FileArchived'
  | 'BucketUnknown'
  | 'BucketNotFound'
  | 'BucketDenied'
  /** The server refuses the request, or does not speak S3. */
  | 'BucketRefused'
  | 'BucketUnreachable'
  | 'BucketBusy'
  | 'BucketTls';

const RETRYABLE = new Set<FileErrorKind>([
  'FileCutOff',
  'FileUnavailable',
  'BucketUnreachable',
  'BucketBusy',
]);
