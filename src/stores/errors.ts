/** What can go wrong with files, told by a sentence and by whether another try can help. */

/** An error in finding or reading files. The message never holds an address of a server, a key or a secret. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly kind: FileErrorKind;
  /** Whether the same may succeed later without anybody's help. */
  readonly retryable: boolean;

  constructor(kind: FileErrorKind, message: string) {
    super(message);
    this.kind = kind;
    this.retryable = RETRYABLE.has(kind);
  }
}

export type FileErrorKind =
  /** The folder is not there, or a bucket has nothing below it. */
  | 'FolderNotFound'
  | 'NotAFolder'
  | 'FileNotFound'
  /** The file or folder may not be read. */
  | 'FileDenied'
  /** The path leads out of the folder. */
  | 'FileOutside'
  /** The bytes ended, or changed on the way, before the file was whole. */
  | 'FileCutOff'
  /** The disk or the share does not give it at the moment. */
  | 'FileTroubled'
  /** The file lies where it has to be fetched from first. */
  | 'FileArchived'
  | 'BucketUnknown'
  | 'BucketNotFound'
  | 'BucketDenied'
  /** The server refuses the request, or is none for buckets. */
  | 'BucketRefused'
  | 'BucketUnreachable'
  | 'BucketBusy'
  | 'BucketTls';

const RETRYABLE = new Set<FileErrorKind>(['FileCutOff', 'FileTroubled', 'BucketUnreachable', 'BucketBusy']);
