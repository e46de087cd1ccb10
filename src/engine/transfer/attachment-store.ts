/**
 * Keeps the attachments of a dump during its import. A dump contains the bytes of each attachment once, before the
 * first document that has it, but every shard that gets such a document needs them.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keepFresh } from '../../stores/worker-disk.ts';

/** Larger attachments are kept in a file. */
const IN_MEMORY_BYTES = 256 * 1024;
/** At most this much is kept. Beyond it, the oldest attachments are dropped and fetched again if needed ... */
const MEMORY_BYTES = 32 * 1024 * 1024;
const DISK_BYTES = 2 * 1024 * 1024 * 1024;

interface InMemory {
  size: number;
  parts: Buffer[];
}

interface OnDisk {
  size: number;
  file: string;
}

/** ... or, if there is no source to fetch them from (`all`), they are kept on disk without a bound. */
export type Keeping = 'some' | 'all';

/** Stores attachments by their hash. A slow disk keeps nothing else waiting: work on it is queued. */
export class AttachmentStore {
  readonly #directory: string;
  readonly #keeping: Keeping;
  readonly #endsFreshness: () => void;
  readonly #memory = new Map<string, InMemory>();
  readonly #disk = new Map<string, OnDisk>();
  #memoryBytes = 0;
  #diskBytes = 0;
  #files = 0;
  /** The work on the disk, piece after piece. After an error nothing more is done. */
  #queue: Promise<void> = Promise.resolve();
  /** The file that is written to; undefined also when all of it is there already. */
  #writing: FileHandle | undefined;
  /** Parts of the attachment that was begun last, when it is kept in memory. */
  #parts: Buffer[] | undefined;

  private constructor(directory: string, keeping: Keeping, leftoverMs: number) {
    this.#directory = directory;
    this.#keeping = keeping;
    this.#endsFreshness = keepFresh(directory, leftoverMs);
  }

  /**
   * @param directory the store creates a directory of its own in it
   * @param leftoverMs after which an untouched directory counts as left by a killed worker
   */
  static async in(directory: string, keeping: Keeping, leftoverMs: number): Promise<AttachmentStore> {
    const own = join(directory, `attachments-${randomUUID()}`);
    await mkdir(own, { recursive: true });
    return new AttachmentStore(own, keeping, leftoverMs);
  }

  /** Begins an attachment; `append` adds its bytes. */
  begin(hash: string, size: number): void {
    this.#parts = undefined;
    if (size > IN_MEMORY_BYTES) this.#beginOnDisk(hash, size);
    else this.#beginInMemory(hash, size);
  }

  #beginInMemory(hash: string, size: number): void {
    this.#parts = [];
    this.#memoryBytes -= this.#memory.get(hash)?.size ?? 0;
    this.#memory.delete(hash);
    this.#memory.set(hash, { size, parts: this.#parts });
    this.#memoryBytes = dropOldest(
      this.#memory,
      this.#memoryBytes + size,
      MEMORY_BYTES,
      (dropped, { parts }) => {
        if (this.#keeping === 'some') return;
        this.#create(this.#fileOf(dropped));
        for (const part of parts) this.#write(part);
      },
    );
  }

  #beginOnDisk(hash: string, size: number): void {
    const file = this.#keeping === 'all' ? this.#fileOf(hash) : join(this.#directory, `${this.#files++}`);
    this.#create(file);
    if (this.#keeping === 'all') return;
    const before = this.#disk.get(hash);
    this.#disk.delete(hash);
    this.#disk.set(hash, { size, file });
    if (before) this.#remove(before);
    this.#diskBytes = dropOldest(
      this.#disk,
      this.#diskBytes - (before?.size ?? 0) + size,
      DISK_BYTES,
      (_, dropped) => this.#remove(dropped),
    );
  }

  /** The file of an attachment when all are kept. The hash is base64. */
  #fileOf(hash: string): string {
    return join(this.#directory, Buffer.from(hash, 'base64').toString('hex'));
  }

  /** Adds the next bytes to the attachment that was begun last. */
  append(part: Buffer): void {
    // copied, because a part of a large chunk would keep the whole chunk in memory
    if (this.#parts) this.#parts.push(Buffer.from(part));
    else this.#write(part);
  }

  /** Resolves when what was appended is kept; to be awaited before more is. @throws what the disk says */
  async written(): Promise<void> {
    await this.#queue;
  }

  /** The bytes of an attachment that is in memory. */
  inMemory(hash: string): readonly Buffer[] | undefined {
    return this.#memory.get(hash)?.parts;
  }

  /** The bytes of an attachment that is on disk; undefined if they are not kept. @throws what the disk says */
  async onDisk(hash: string): Promise<AsyncIterable<Buffer> | undefined> {
    await this.#queue;
    const path = this.#keeping === 'all' ? this.#fileOf(hash) : this.#disk.get(hash)?.file;
    const file = path === undefined ? undefined : await open(path).catch(ifIs('ENOENT'));
    return file?.createReadStream();
  }

  /** Removes everything. */
  async close(): Promise<void> {
    this.#endsFreshness();
    await this.#queue.catch(() => undefined);
    await this.#writing?.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** One that exists is whole: it was written by this store before. */
  #create(file: string): void {
    this.#enqueue(async () => {
      await this.#writing?.close();
      this.#writing = undefined;
      this.#writing = await open(file, 'wx', 0o600).catch(ifIs('EEXIST'));
    });
  }

  #write(part: Buffer): void {
    this.#enqueue(async () => await this.#writing?.writeFile(part));
  }

  #remove({ file }: OnDisk): void {
    this.#enqueue(() => rm(file, { force: true }));
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work);
    this.#queue.catch(() => undefined);
  }
}

function ifIs(code: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== code) throw error;
  };
}

/** Drops the oldest until the rest fits the bound, but never the newest one. @returns the bytes that are left */
function dropOldest<Kept extends { size: number }>(
  kept: Map<string, Kept>,
  bytes: number,
  bound: number,
  drop: (hash: string, dropped: Kept) => void,
): number {
  let left = bytes;
  for (const [hash, oldest] of kept) {
    if (left <= bound || kept.size === 1) break;
    kept.delete(hash);
    drop(hash, oldest);
    left -= oldest.size;
  }
  return left;
}
