/**
 * Attachments of a dump on their way. A dump holds the bytes of each attachment once, ahead of the first document
 * that has it, but every shard needs them that gets such a document.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Larger ones are kept in a file. */
const IN_MEMORY_BYTES = 256 * 1024;
/** What is kept at most; beyond it the oldest are dropped, to be fetched again should one be needed. */
const MEMORY_BYTES = 32 * 1024 * 1024;
const DISK_BYTES = 2 * 1024 * 1024 * 1024;

interface Kept {
  size: number;
  parts: Buffer[];
  file: string | undefined;
}

/** Keeps attachments by their hash, within bounds. */
export class AttachmentStore {
  readonly #directory: string;
  readonly #memory = new Map<string, Kept>();
  readonly #disk = new Map<string, Kept>();
  #memoryBytes = 0;
  #diskBytes = 0;
  #files = 0;
  #open: number | undefined;
  #current: Kept | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param directory in which a directory of its own is made */
  static async in(directory: string): Promise<AttachmentStore> {
    const own = join(directory, `attachments-${randomUUID()}`);
    await mkdir(own, { recursive: true });
    return new AttachmentStore(own);
  }

  /** Begins to keep an attachment whose bytes follow by `append`. */
  begin(hash: string, size: number): void {
    this.#closeFile();
    const large = size > IN_MEMORY_BYTES;
    const file = large ? join(this.#directory, `${this.#files++}`) : undefined;
    this.#current = { size, parts: [], file };
    if (file !== undefined) this.#open = openSync(file, 'wx', 0o600);
    const kept = large ? this.#disk : this.#memory;
    kept.delete(hash);
    kept.set(hash, this.#current);
    if (large) this.#diskBytes = dropOldest(kept, this.#diskBytes + size, DISK_BYTES);
    else this.#memoryBytes = dropOldest(kept, this.#memoryBytes + size, MEMORY_BYTES);
  }

  /** The next bytes of the attachment that was begun last. */
  append(part: Buffer): void {
    if (this.#open !== undefined) writeSync(this.#open, part);
    // a copy: a part of a large chunk would keep all of it
    else this.#current?.parts.push(Buffer.from(part));
  }

  /** The bytes of an attachment, or undefined when they are not kept. */
  read(hash: string): AsyncIterable<Buffer> | Buffer[] | undefined {
    const kept = this.#memory.get(hash) ?? this.#disk.get(hash);
    if (!kept) return undefined;
    return kept.file === undefined ? kept.parts : createReadStream(kept.file);
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

/** Drops the oldest but the newest one, until the bound is kept. @returns the bytes that are left */
function dropOldest(kept: Map<string, Kept>, bytes: number, bound: number): number {
  let left = bytes;
  for (const [hash, { size, file }] of kept) {
    if (left <= bound || kept.size === 1) break;
    kept.delete(hash);
    if (file !== undefined) void rm(file, { force: true });
    left -= size;
  }
  return left;
}
