/**
 * Keeps the attachments of a dump during its import. A dump contains the bytes of each attachment once, before the
 * first document that has it, but every shard that gets such a document needs them.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, createReadStream, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Larger attachments are kept in a file. */
const IN_MEMORY_BYTES = 256 * 1024;
/** At most this much is kept. Beyond it, the oldest attachments are dropped and fetched again if needed ... */
const MEMORY_BYTES = 32 * 1024 * 1024;
const DISK_BYTES = 2 * 1024 * 1024 * 1024;

interface Kept {
  size: number;
  parts: Buffer[];
  file: string | undefined;
}

/** ... or, if there is no source to fetch them from (`all`), they are kept on disk without a bound. */
export type Keeping = 'some' | 'all';

/** Stores attachments by their hash. */
export class AttachmentStore {
  readonly #directory: string;
  readonly #keeping: Keeping;
  readonly #memory = new Map<string, Kept>();
  readonly #disk = new Map<string, Kept>();
  #memoryBytes = 0;
  #diskBytes = 0;
  #files = 0;
  #open: number | undefined;
  #current: Kept | undefined;

  private constructor(directory: string, keeping: Keeping) {
    this.#directory = directory;
    this.#keeping = keeping;
  }

  /** @param directory the store creates a directory of its own in it */
  static async in(directory: string, keeping: Keeping = 'some'): Promise<AttachmentStore> {
    const own = join(directory, `attachments-${randomUUID()}`);
    await mkdir(own, { recursive: true });
    return new AttachmentStore(own, keeping);
  }

  /** Begins an attachment; `append` adds its bytes. */
  begin(hash: string, size: number): void {
    this.#closeFile();
    if (this.#keeping === 'all' && existsSync(this.#fileOf(hash))) return;
    if (size > IN_MEMORY_BYTES) this.#beginOnDisk(hash, size);
    else this.#beginInMemory(hash, size);
  }

  #beginInMemory(hash: string, size: number): void {
    this.#current = { size, parts: [], file: undefined };
    this.#memoryBytes -= this.#memory.get(hash)?.size ?? 0;
    this.#memory.delete(hash);
    this.#memory.set(hash, this.#current);
    this.#memoryBytes = dropOldest(
      this.#memory,
      this.#memoryBytes + size,
      MEMORY_BYTES,
      (dropped, { parts }) => {
        if (this.#keeping === 'all')
          writeFileSync(this.#fileOf(dropped), Buffer.concat(parts), { mode: 0o600 });
      },
    );
  }

  #beginOnDisk(hash: string, size: number): void {
    const all = this.#keeping === 'all';
    const file = all ? this.#fileOf(hash) : join(this.#directory, `${this.#files++}`);
    this.#current = { size, parts: [], file };
    this.#open = openSync(file, 'wx', 0o600);
    if (all) return;
    this.#diskBytes -= this.#disk.get(hash)?.size ?? 0;
    this.#disk.delete(hash);
    this.#disk.set(hash, this.#current);
    this.#diskBytes = dropOldest(this.#disk, this.#diskBytes + size, DISK_BYTES, (_hash, dropped) => {
      if (dropped.file !== undefined) void rm(dropped.file, { force: true });
    });
  }

  /** The file of an attachment when all are kept. The hash is base64. */
  #fileOf(hash: string): string {
    return join(this.#directory, Buffer.from(hash, 'base64').toString('hex'));
  }

  /** Adds the next bytes to the attachment that was begun last. */
  append(part: Buffer): void {
    if (this.#open !== undefined) writeSync(this.#open, part);
    // copied, because a part of a large chunk would keep the whole chunk in memory
    else this.#current?.parts.push(Buffer.from(part));
  }

  /** The bytes of an attachment; undefined if they are not kept. */
  read(hash: string): AsyncIterable<Buffer> | Buffer[] | undefined {
    const kept = this.#memory.get(hash) ?? this.#disk.get(hash);
    if (kept) return kept.file === undefined ? kept.parts : createReadStream(kept.file);
    const file = this.#fileOf(hash);
    return this.#keeping === 'all' && existsSync(file) ? createReadStream(file) : undefined;
  }

  /** Removes everything. */
  async close(): Promise<void> {
    this.#closeFile();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #closeFile(): void {
    if (this.#open !== undefined) closeSync(this.#open);
    this.#open = undefined;
    this.#current = undefined;
  }
}

/** Drops the oldest until the rest fits the bound, but never the newest one. @returns the bytes that are left */
function dropOldest(
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
