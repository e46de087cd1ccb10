/** Where backups and dumps lie, be it a folder of the worker or a bucket. */
import type { Readable } from 'node:stream';
import type { ListedFile } from '../core/files/backup-names.ts';

/** A folder with files that are only read. Paths have `/` between and are meant from this folder on. */
export interface FileStore {
  /** The folder's own name, which may be that of a backup; empty for a whole bucket. */
  readonly root: string;
  /**
   * All files, in any depth.
   * @param prefix a folder of this folder, to list that one alone
   * @throws FileError also when there is no such folder, which in a bucket is the same as one without files
   */
  list(prefix?: string): Promise<ListedFile[]>;
  /**
   * The bytes of a file, which are never held in memory as a whole.
   * @returns a stream that ends in a FileError unless all bytes have come
   * @throws FileError
   */
  open(path: string): Promise<Readable>;
  /** Bytes. @throws FileError */
  size(path: string): Promise<number>;
  /** Ends what is open. */
  close(): void;
}
