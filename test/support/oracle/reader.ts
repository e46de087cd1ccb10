/** How the tests' comparison reads a database: as a whole, and storage by storage. */
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import pMap from 'p-map';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { RavenError } from '../../../src/ravendb/connection/errors.ts';
import { databaseRecord, shardNumbers } from '../../../src/ravendb/requests/databases.ts';

/** A storage: the only one of a database that is not sharded, or a shard. */
export interface Storage {
  name: string;
  shard: number | undefined;
}

/** Reads one database. */
export class Reader {
  readonly raven: RavenConnection;
  readonly database: string;
  readonly storages: Storage[];
  readonly #digests = new Map<string, Promise<string>>();

  private constructor(raven: RavenConnection, database: string, storages: Storage[]) {
    this.raven = raven;
    this.database = database;
    this.storages = storages;
  }

  /** @throws when there is no such database */
  static async of(raven: RavenConnection, database: string): Promise<Reader> {
    const record = await databaseRecord(new Database(raven, database));
    if (!record) throw new Error(`there is no database ${database}`);
    const shards = shardNumbers(record).map((shard) => ({ name: `${database}$${shard}`, shard }));
    const whole = { name: database, shard: undefined };
    return new Reader(raven, database, shards.length > 0 ? shards : [whole]);
  }

  /** The text of an answer, from the database as applications see it or from a storage. */
  async text(path: string, options: { from?: Storage; json?: unknown } = {}): Promise<string> {
    return await text(await this.#open(path, options));
  }

  /** The parsed JSON of an answer, for what holds no digits that matter. */
  async json<T>(path: string, options: { from?: Storage; json?: unknown } = {}): Promise<T> {
    return JSON.parse(await this.text(path, options)) as T;
  }

  /** Length and digest of the bytes of an answer, or why there are none. */
  async bytes(path: string, json?: unknown): Promise<string> {
    try {
      const digest = createHash('sha256');
      let length = 0;
      for await (const chunk of await this.#open(path, { json })) {
        digest.update(chunk as Buffer);
        length += (chunk as Buffer).length;
      }
      return `${length} bytes ${digest.digest('base64')}`;
    } catch (error) {
      if (error instanceof RavenError) return `unreadable: ${error.message.slice(0, 200)}`;
      throw error;
    }
  }

  /** As `bytes`, read once for all that have the same key. */
  async bytesOnce(key: string, path: string, json?: unknown): Promise<string> {
    const known = this.#digests.get(key) ?? this.bytes(path, json);
    this.#digests.set(key, known);
    return await known;
  }

  async #open(path: string, { from, json }: { from?: Storage | undefined; json?: unknown }) {
    return await new Database(this.raven, from?.name ?? this.database).open({
      doing: `Reading ${path.slice(0, 100)}`,
      path,
      ...(json !== undefined && {
        method: 'POST',
        body: JSON.stringify(json),
        headers: { 'Content-Type': 'application/json' },
      }),
    });
  }
}

/**
 * What refers to which bytes. A storage keeps the bytes of an attachment once for all documents and revisions that have
 * it, so they are read once; that all of these have it, the storage's own count of references tells.
 */
export class References {
  readonly #counts = new Map<Storage, Map<string, number>>();

  /** Notes a reference, and tells whether these bytes have been noted before. */
  add(storage: Storage | undefined, hash: string): boolean {
    if (!storage) return false;
    const counts = this.#counts.get(storage) ?? new Map<string, number>();
    this.#counts.set(storage, counts);
    const before = counts.get(hash) ?? 0;
    counts.set(hash, before + 1);
    return before > 0;
  }

  /** Compares all that was noted with what the storages count. */
  async compare(here: Reader, found: string[]): Promise<void> {
    for (const [storage, counts] of this.#counts) {
      const check = async ([hash, wanted]: [string, number]) => {
        const path = `debug/attachments/hash?hash=${encodeURIComponent(hash)}`;
        const { Count } = await here.json<{ Count: number }>(path, { from: storage });
        // more than that have it where something that is not compared does, such as a revision that RavenDB made itself
        if (Count < wanted)
          found.push(`attachment ${hash} on ${storage.name}: ${Count} of ${wanted} have it`);
      };
      await pMap(counts, check, { concurrency: 8 });
    }
  }
}

/** Notes a difference of two texts, with what is around it. */
export function note(found: string[], what: string, ours: string, theirs: string): void {
  if (ours === theirs) return;
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at++;
  const around = (text: string) => {
    const from = Math.max(0, at - 60);
    return `${from > 0 ? '...' : ''}${text.slice(from, at + 120)}${text.length > at + 120 ? '...' : ''}`;
  };
  found.push(`${what}: ${around(ours)} is ${around(theirs)}`);
}
