/** Where backups and dumps are: a folder of the worker, or a bucket. */
import type { Readable } from 'node:stream';
import type { ListedFile } from '../core/files/backup-names.ts';

/** A folder whose files are only read. Paths are relative to it and separated by `/`. */
export interface FileStore {
  /** The folder's own name, which may be a backup's; empty for a whole bucket. */
  readonly root: string;
  /**
   * All files, at any depth.
   * @param prefix a folder in this folder, to list that one alone
   * @throws FileError also when there is no such folder; in a bucket that is a folder without files
   */
  list(prefix?: string): Promise<ListedFile[]>;
  /**
   * The bytes of a file, never all in memory.
   * @returns a stream that fails with a FileError unless all bytes have come
   * @throws FileError
   */
  open(path: string): Promise<Readable>;
  /** Size in bytes. @throws FileError */
  size(path: string): Promise<number>;
  /** Closes what is open. */
  close(): void;
}
