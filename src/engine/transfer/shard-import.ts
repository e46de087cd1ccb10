/** An import that gets its items one by one. */
import { Readable } from 'node:stream';
import type { Database } from '../../ravendb/connection/database.ts';
import { type ItemType, importDump } from '../../ravendb/smuggler/smuggler.ts';
import type { SmugglerResult } from '../../ravendb/smuggler/smuggler-result.ts';

/** Bytes, or a function that gives bytes when it is their turn. */
type Part = Buffer | (() => AsyncIterable<Buffer>);

/** Small items are sent together, in chunks of this size. */
const CHUNK_BYTES = 128 * 1024;
/** The caller has to wait while more bytes than this wait to be sent. */
const BACKLOG_BYTES = 2 * 1024 * 1024;

const COMMA = Buffer.from(',');

/** How to import a feed. */
export interface FeedOptions {
  types: readonly ItemType[];
  transformScript?: string | null | undefined;
  /** Build version of the server that exported the items. */
  buildVersion: number;
  /** The import does not begin before this resolves. */
  after?: Promise<void> | undefined;
}

/** A dump that is written while it is sent. `item`, `raw` and `later` return at once. */
export class ShardFeed {
  readonly #importing: Promise<SmugglerResult>;
  readonly #parts: Part[] = [];
  #gathered: Buffer[];
  #gatheredBytes = 0;
  /** Bytes that were appended but not sent yet. */
  #backlog = 0;
  #section = '';
  #ended = false;
  #failure: { reason: unknown } | undefined;
  #wakeSender: () => void = () => undefined;
  #wakeFeeder: () => void = () => undefined;

  /** @param database a shard, or the database as a whole */
  constructor(database: Database, options: FeedOptions) {
    const { types, transformScript, buildVersion, after = Promise.resolve() } = options;
    this.#gathered = [Buffer.from(`{"BuildVersion":${buildVersion}`)];
    const dump = Readable.from(this.#send(), { objectMode: false, highWaterMark: CHUNK_BYTES });
    this.#importing = after.then(() => importDump(database, dump, { types, transformScript }));
    this.#importing.catch((reason) => {
      this.#failure = { reason };
      this.#wakeFeeder();
      this.#wakeSender();
    });
  }

  /** The reason why the import failed. */
  get failure(): unknown {
    return this.#failure?.reason;
  }

  /** Appends an item to a list of the dump; `raw` adds raw bytes that belong to it. */
  item(section: string, json: Buffer): void {
    if (section === this.#section) this.raw(COMMA);
    else {
      this.raw(Buffer.from(`${this.#section ? ']' : ''},"${section}":[`));
      this.#section = section;
    }
    this.raw(json);
  }

  /** Appends bytes as they are. */
  raw(bytes: Buffer): void {
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    this.#backlog += bytes.length;
    if (this.#gatheredBytes >= CHUNK_BYTES) this.#queueGathered();
  }

  /** Appends bytes that are fetched when it is their turn. */
  later(bytes: () => AsyncIterable<Buffer>): void {
    this.#queueGathered();
    this.#parts.push(bytes);
    this.#wakeSender();
  }

  /** Resolves when more may be appended. @throws what the import failed with */
  async ready(): Promise<void> {
    while (!this.#failure && this.#backlog > BACKLOG_BYTES) {
      await new Promise<void>((resolve) => {
        this.#wakeFeeder = resolve;
      });
    }
    if (this.#failure) throw this.#failure.reason;
  }

  /** Closes the dump and waits until it is imported. @throws RavenError */
  async end(): Promise<SmugglerResult> {
    this.raw(Buffer.from(`${this.#section ? ']' : ''}}`));
    this.#ended = true;
    this.#queueGathered();
    this.#wakeSender();
    return await this.#importing;
  }

  /** Waits until the import has stopped, whether it succeeded or not. Used when something else failed. */
  async settled(): Promise<void> {
    await this.#importing.catch(() => undefined);
  }

  #queueGathered(): void {
    if (this.#gathered.length === 0) return;
    this.#parts.push(Buffer.concat(this.#gathered));
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#wakeSender();
  }

  async *#send(): AsyncGenerator<Buffer> {
    for (;;) {
      const part = this.#parts.shift();
      if (Buffer.isBuffer(part)) {
        this.#backlog -= part.length;
        if (this.#backlog <= BACKLOG_BYTES) this.#wakeFeeder();
        yield part;
      } else if (part) yield* part();
      else if (this.#ended || this.#failure) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wakeSender = resolve;
        });
      }
    }
  }
}
