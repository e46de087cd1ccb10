/** Reading the documents of a database that is compared. */

import type { DifferenceKind } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { type DocumentDigest, documentDigester, splitDocument } from '../../core/digest/document-digest.ts';
import { objectsIn, textIn } from '../../core/digest/metadata-values.ts';
import { lowerCase, sharding } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import type { AttachmentRef } from '../../ravendb/dump/dump-items.ts';
import { scan } from '../../ravendb/dump/scan.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { documentDump } from '../../ravendb/requests/documents.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';

/** The collection of a document that names none. */
const NO_COLLECTION = '@empty';

/** A document without its body. */
export interface ReadDocument {
  id: string;
  collection: string;
  /** Hash of body and metadata; see `documentDigester`. */
  hash: bigint;
  etag: number;
  attachments: AttachmentRef[];
  /** Whether it may have counters, or time series. */
  counted: boolean;
  measured: boolean;
  /** Whether RavenDB holds conflicting versions and returns none. */
  inConflict: boolean;
}

/** Takes each difference of a document. */
export type Note = (kind: DifferenceKind, what: string) => void;

/** Reads the documents of one database, sharded or not. */
export class DocumentReader {
  readonly database: Database;
  /** Its shards; none for a database that is not sharded. */
  readonly shards: readonly number[];
  /** Undefined for a database that is not sharded, and for an id whose shard only RavenDB can tell. */
  readonly shardOf: (id: string) => number | undefined;
  readonly #digest: (json: Buffer) => DocumentDigest;

  private constructor(
    database: Database,
    shards: readonly number[],
    shardOf: (id: string) => number | undefined,
    digest: (json: Buffer) => DocumentDigest,
  ) {
    this.database = database;
    this.shards = shards;
    this.shardOf = shardOf;
    this.#digest = digest;
  }

  /** @throws RavenError also when there is no such database */
  static async open(database: Database): Promise<DocumentReader> {
    const record = (await databaseRecord(database)) ?? { Sharding: null };
    const shards = shardNumbers(record);
    if (shards.length > 0) {
      // etags of several storages do not compare
      const digest = await documentDigester('');
      return new DocumentReader(database, shards, await sharding(record.Sharding ?? {}), digest);
    }
    const { databaseId } = await storageStats(database);
    return new DocumentReader(database, [], () => undefined, await documentDigester(databaseId));
  }

  /**
   * The documents with these ids, by id in lower case. Documents that an index has written are left out: they are not
   * copied.
   * @throws RavenError
   */
  async read(ids: readonly string[]): Promise<Map<string, ReadDocument>> {
    const found = new Map<string, ReadDocument>();
    // one document in conflict fails the request for all of them
    const conflicts = await allOrOneByOne(ids, (some) => this.#readInto(found, some), isConflict);
    for (const id of conflicts.keys()) {
      const unread = { collection: '', hash: 0n, etag: 0, attachments: [], counted: false, measured: false };
      found.set(lowerCase(id), { id, ...unread, inConflict: true });
    }
    return found;
  }

  async #readInto(found: Map<string, ReadDocument>, ids: readonly string[]): Promise<void> {
    for await (const json of this.#documents(ids)) {
      const { artificial, id, hash, etag } = this.#digest(json);
      if (artificial) continue;
      const { metadata } = splitDocument(json);
      const flags = textIn(metadata['@flags']);
      found.set(lowerCase(id), {
        id,
        collection: textIn(metadata['@collection']) || NO_COLLECTION,
        hash,
        etag,
        attachments: objectsIn(metadata['@attachments']).map(asRead),
        counted: flags.includes('HasCounters') || metadata['@counters'] !== undefined,
        measured: flags.includes('HasTimeSeries') || metadata['@timeseries'] !== undefined,
        inConflict: false,
      });
    }
  }

  /** The storages that hold these ids, each once; all of them when the shard of an id is not known. */
  storagesOf(ids: Iterable<string>): Database[] {
    const shards = new Set([...ids].map((id) => this.shardOf(id)));
    if (!shards.has(undefined)) return [...shards].map((shard) => this.#storage(shard));
    return this.shards.length > 0 ? this.shards.map((shard) => this.#storage(shard)) : [this.database];
  }

  /** One document, byte for byte; undefined when it is not there. @throws RavenError */
  async bytes(id: string): Promise<Buffer | undefined> {
    for await (const json of this.#documents([id])) return json;
    return undefined;
  }

  /**
   * Where to read what belongs to a document: on its shard. A sharded database as a whole answers from its cache as long
   * as the change vectors are the same.
   */
  storageOf(id: string): Database {
    return this.#storage(this.shardOf(id));
  }

  #storage(shard: number | undefined): Database {
    return shard === undefined ? this.database : this.database.shard(shard);
  }

  /** The hash of a document or revision. */
  hash(json: Buffer): bigint {
    return this.#digest(json).hash;
  }

  async *#documents(ids: readonly string[]): AsyncGenerator<Buffer> {
    for await (const some of scan(documentDump(this.database, ids), (_list, json) => json)) yield* some;
  }
}

/** Whether a request failed since RavenDB holds conflicting versions of a document. */
export function isConflict(error: unknown): error is RavenError {
  return error instanceof RavenError && error.kind === 'DocumentConflictException';
}

/** Metadata is read with its numbers as text. */
function asRead({ Name, Hash, ContentType, Size }: Record<string, unknown>): AttachmentRef {
  return {
    Name: textIn(Name),
    Hash: textIn(Hash),
    ContentType: textIn(ContentType),
    Size: Number(textIn(Size).replace('number ', '')),
  };
}

/** Readers of both sides. @throws RavenError also when one of the databases does not exist */
export async function openReaders({ source, target }: Pair<Database>): Promise<Pair<DocumentReader>> {
  const [from, into] = await Promise.all([DocumentReader.open(source), DocumentReader.open(target)]);
  return { source: from, target: into };
}
