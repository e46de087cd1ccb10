/** One of two databases whose documents are compared, sharded or not. */

import type { DifferenceKind } from '../../core/compare/verification.ts';
import type { SourceRef } from '../../core/contract/contract.ts';
import { type DocumentDigest, documentDigester, splitDocument } from '../../core/digest/document-digest.ts';
import { lowerCase, sharding } from '../../core/sharding/buckets.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import type { AttachmentRef } from '../../ravendb/dump/dump-items.ts';
import { DumpScanner } from '../../ravendb/dump/dump-scanner.ts';
import { databaseRecord, shardName, shardNumbers } from '../../ravendb/requests/databases.ts';
import { documentDump } from '../../ravendb/requests/documents.ts';
import { storageStats } from '../../ravendb/requests/statistics.ts';
import type { Work } from '../work/work.ts';

/** What RavenDB calls the collection of a document that names none. */
const NO_COLLECTION = '@empty';

/** A document without its body. */
export interface ReadDocument {
  id: string;
  collection: string;
  /** Of body and metadata; see `documentDigester`. */
  hash: bigint;
  etag: number;
  attachments: AttachmentRef[];
  /** Whether it may have counters, or time series. */
  counted: boolean;
  measured: boolean;
  /** RavenDB holds several versions of it and gives none. */
  inConflict: boolean;
}

/** Told of each difference of a document. */
export type Note = (kind: DifferenceKind, what: string) => void;

/** A storage: that of a database that is not sharded, or a shard. */
interface Storage {
  name: string;
  shard: number | undefined;
}

/** Reads the documents of one database. */
export class DocumentSide {
  readonly connection: RavenConnection;
  readonly database: string;
  readonly storages: readonly Storage[];
  /** Undefined for a database that is not sharded, and for an id whose shard RavenDB alone can tell. */
  readonly shardOf: (id: string) => number | undefined;
  readonly #digest: (json: Buffer) => DocumentDigest;

  private constructor(
    connection: RavenConnection,
    database: string,
    storages: readonly Storage[],
    shardOf: (id: string) => number | undefined,
    digest: (json: Buffer) => DocumentDigest,
  ) {
    this.connection = connection;
    this.database = database;
    this.storages = storages;
    this.shardOf = shardOf;
    this.#digest = digest;
  }

  /** @throws RavenError also when there is no such database */
  static async open(work: Work, { connection: name, database }: SourceRef): Promise<DocumentSide> {
    const connection = work.connection(name);
    const record = await databaseRecord(connection, database);
    const shards = record ? shardNumbers(record) : [];
    if (record && shards.length > 0) {
      const storages = shards.map((shard) => ({ name: shardName(database, shard), shard }));
      // etags of several storages do not compare
      const digest = await documentDigester('');
      return new DocumentSide(connection, database, storages, await sharding(record.Sharding ?? {}), digest);
    }
    const { databaseId } = await storageStats(connection, database);
    const storages = [{ name: database, shard: undefined }];
    const digest = await documentDigester(databaseId);
    return new DocumentSide(connection, database, storages, () => undefined, digest);
  }

  /**
   * The documents of these ids by id in lower case, without those that an index has written: they are not copied.
   * @throws RavenError
   */
  async read(ids: readonly string[]): Promise<Map<string, ReadDocument>> {
    const found = new Map<string, ReadDocument>();
    try {
      for await (const json of this.#documents(ids)) {
        const { artificial, id, hash, etag } = this.#digest(json);
        if (artificial) continue;
        const { metadata } = splitDocument(json);
        const flags = metadata['@flags'] ?? '';
        found.set(lowerCase(id), {
          id,
          collection: metadata['@collection'] ?? NO_COLLECTION,
          hash,
          etag,
          attachments: (metadata['@attachments'] ?? []).map(asRead),
          counted: flags.includes('HasCounters') || metadata['@counters'] !== undefined,
          measured: flags.includes('HasTimeSeries') || metadata['@timeseries'] !== undefined,
          inConflict: false,
        });
      }
      return found;
    } catch (error) {
      if (!(error instanceof RavenError && error.kind === 'DocumentConflictException')) throw error;
      return await this.#readAroundConflicts(ids);
    }
  }

  /** Shard names of those ids whose shard is known, each once; of all shards when one is not. */
  storagesOf(ids: Iterable<string>): string[] {
    const places = new Set([...ids].map((id) => this.placeOf(id)));
    return places.has(this.database) ? this.storages.map(({ name }) => name) : [...places];
  }

  /** One document, byte for byte; undefined when it is not there. @throws RavenError */
  async bytes(id: string): Promise<Buffer | undefined> {
    for await (const json of this.#documents([id])) return json;
    return undefined;
  }

  /**
   * Where to ask for what belongs to a document: at its shard, for a sharded database answers with what it has cached
   * as long as the change vectors are the same.
   */
  placeOf(id: string): string {
    const shard = this.shardOf(id);
    return shard === undefined ? this.database : shardName(this.database, shard);
  }

  /** The hash of a document or revision. */
  hash(json: Buffer): bigint {
    return this.#digest(json).hash;
  }

  /** One document in conflict fails the request for all. */
  async #readAroundConflicts(ids: readonly string[]): Promise<Map<string, ReadDocument>> {
    const [id = ''] = ids;
    if (ids.length === 1) {
      const unread = { collection: '', hash: 0n, etag: 0, attachments: [], counted: false, measured: false };
      return new Map([[lowerCase(id), { id, ...unread, inConflict: true }]]);
    }
    const middle = ids.length >> 1;
    const [first, second] = [await this.read(ids.slice(0, middle)), await this.read(ids.slice(middle))];
    return new Map([...first, ...second]);
  }

  async *#documents(ids: readonly string[]): AsyncGenerator<Buffer> {
    const documents: Buffer[] = [];
    const scanner = new DumpScanner({ item: (_list, json) => documents.push(json), blob: () => undefined });
    for await (const chunk of documentDump(this.connection, this.database, ids)) {
      scanner.push(chunk);
      yield* documents.splice(0);
    }
  }
}

/** Metadata is read with its numbers as text. */
function asRead(attachment: unknown): AttachmentRef {
  const { Name, Hash, ContentType, Size } = attachment as Omit<AttachmentRef, 'Size'> & { Size: string };
  return { Name, Hash, ContentType, Size: Number(Size.replace('number ', '')) };
}
