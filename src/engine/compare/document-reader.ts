/** Reading the documents of a database that is compared. */

import type { DifferenceKind } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { type DocumentDigest, documentDigester, splitDocument } from '../../core/digest/document-digest.ts';
import { objectsIn, textIn } from '../../core/digest/metadata-values.ts';
import { lowerCase, sharding } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import type { AttachmentRef } from '../../ravendb/dump/dump-items.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { documentsOf, readMetadata } from '../../ravendb/requests/documents.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';

/** The collection of a document that names none. */
const NO_COLLECTION = '@empty';

/** Where a document stands. */
export interface DocumentOutline {
  id: string;
  collection: string;
  attachments: AttachmentRef[];
  /** Whether RavenDB holds conflicting versions and returns none. */
  inConflict: boolean;
}

/** A document without its body. */
export interface ReadDocument extends DocumentOutline {
  /** Hash of body and metadata; see `documentDigester`. */
  hash: bigint;
  etag: number;
  /** Whether it may have counters, or time series. */
  counted: boolean;
  measured: boolean;
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
    const unread = { ...IN_CONFLICT, hash: 0n, etag: 0, counted: false, measured: false };
    for (const id of await conflictsAmong(ids, (some) => this.#readInto(found, some)))
      found.set(lowerCase(id), { id, ...unread });
    return found;
  }

  /** The same without what only the bodies tell: for a third of the time. @throws RavenError */
  async outline(ids: readonly string[]): Promise<Map<string, DocumentOutline>> {
    const found = new Map<string, DocumentOutline>();
    for (const id of await conflictsAmong(ids, (some) => this.#outlineInto(found, some)))
      found.set(lowerCase(id), { id, ...IN_CONFLICT });
    return found;
  }

  async #outlineInto(found: Map<string, DocumentOutline>, ids: readonly string[]): Promise<void> {
    for (const metadata of await readMetadata(this.database, ids)) {
      if (metadata['@flags']?.includes('Artificial')) continue;
      const { '@id': id, '@collection': collection, '@attachments': attachments = [] } = metadata;
      found.set(lowerCase(id), {
        id,
        collection: collection || NO_COLLECTION,
        attachments: attachments.map(({ Name, Hash, ContentType, Size }) => ({
          Name,
          Hash,
          ContentType,
          Size,
        })),
        inConflict: false,
      });
    }
  }

  async #readInto(found: Map<string, ReadDocument>, ids: readonly string[]): Promise<void> {
    for await (const some of documentsOf(this.database, ids))
      for (const json of some) this.#readOne(found, json);
  }

  #readOne(found: Map<string, ReadDocument>, json: Buffer): void {
    const { artificial, id, hash, etag } = this.#digest(json);
    if (artificial) return;
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

  /** The storages that hold these ids, each once; all of them when the shard of an id is not known. */
  storagesOf(ids: Iterable<string>): Database[] {
    const shards = new Set([...ids].map((id) => this.shardOf(id)));
    if (!shards.has(undefined)) return [...shards].map((shard) => this.#storage(shard));
    return this.shards.length > 0 ? this.shards.map((shard) => this.#storage(shard)) : [this.database];
  }

  /** One document, byte for byte; undefined when it is not there. @throws RavenError */
  async bytes(id: string): Promise<Buffer | undefined> {
    for await (const [json] of documentsOf(this.database, [id])) return json;
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
}

const IN_CONFLICT = { collection: '', attachments: [], inConflict: true };

/** Those of the ids that are in conflict; the others are read. One of them fails the request for all. */
async function conflictsAmong(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<void>,
): Promise<string[]> {
  return [...(await allOrOneByOne(ids, read, isConflict)).keys()];
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
