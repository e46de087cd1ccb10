/** Reading documents and what belongs to them, and deleting. */
import { buffer } from 'node:stream/consumers';
import type { Database } from '../connection/database.ts';
import { ifFound } from '../connection/errors.ts';
import { type AttachmentRef, documentId, withDocumentId } from '../dump/dump-items.ts';
import { DumpScanner } from '../dump/dump-scanner.ts';
import { documentsCutOff } from '../smuggler/item-stream.ts';
import { buildVersion } from './server.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Small documents of a dump are handed on together, in chunks of this size. */
const CHUNK_BYTES = 64 * 1024;
const COMMA = Buffer.from(',');
const JSON_BODY = { 'Content-Type': 'application/json' };

/**
 * Every document of a database that is not sharded, or of one shard, a line of JSON each, in the order of etags. (A
 * sharded database as a whole answers this format with an exception inside a 200.)
 * @throws RavenError also when the stream ends inside a line
 */
export async function* documentLines(database: Database): AsyncGenerator<Buffer[]> {
  const doing = 'Reading the documents';
  const answer = await database.open({ doing, path: 'streams/docs?format=jsonl' });
  let unfinished: Buffer[] = [];
  for await (const chunk of database.bytes(doing, answer)) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      const line = withoutReturn(unfinished.length > 0 ? Buffer.concat([...unfinished, last]) : last);
      if (line.length > 0) lines.push(line);
      unfinished = [];
      start = end + 1;
    }
    if (start < chunk.length) unfinished.push(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (Buffer.concat(unfinished).toString().trim() !== '') throw documentsCutOff(database);
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === RETURN ? line.subarray(0, -1) : line;
}

/**
 * The collection of each document, by its id in lower case. Ids that do not exist are left out.
 * @param ids at most about a thousand
 * @throws RavenError
 */
export async function collectionsOf(
  database: Database,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await readMetadata(database, ids);
  return new Map(
    found.map(({ '@id': id, '@collection': collection = '@empty' }) => [id.toLowerCase(), collection]),
  );
}

/** The ids of documents as they are written, by the id in lower case; otherwise as above. @throws RavenError */
export async function readIds(database: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const found = await readMetadata(database, ids);
  return new Map(found.map(({ '@id': id }) => [id.toLowerCase(), id]));
}

/** The part of a document's metadata that is asked for without the document. */
export interface DocumentMetadata {
  '@id': string;
  '@collection'?: string;
  '@change-vector'?: string;
  '@flags'?: string;
  '@attachments'?: AttachmentRef[];
  '@counters'?: string[];
  '@timeseries'?: string[];
  '@expires'?: string;
}

/** The metadata of documents; those that do not exist are left out. @throws RavenError */
export async function readMetadata(database: Database, Ids: readonly string[]): Promise<DocumentMetadata[]> {
  if (Ids.length === 0) return [];
  // a single id that does not exist is answered with 404, one of several with null
  const found = await ifFound(
    database.json<{ Results: ({ '@metadata': DocumentMetadata } | null)[] }>({
      doing: 'Reading metadata',
      method: 'POST',
      path: 'docs?metadataOnly=true',
      json: { Ids },
    }),
  );
  const results = found?.Results ?? [];
  return results.filter((result) => result !== null).map(({ '@metadata': metadata }) => metadata);
}

/**
 * Some documents as a dump, byte for byte; those that do not exist are left out.
 * @param options.asNamed gives each the id by which it was asked for, which may differ in case from the one it has
 * @param options.atATime how many are asked for by one request; all by default
 * @throws RavenError
 */
export async function* documentDump(
  database: Database,
  ids: readonly string[],
  { asNamed = false, atATime = ids.length } = {},
): AsyncGenerator<Buffer> {
  const names = new Map(asNamed ? ids.map((id) => [id.toLowerCase(), id]) : []);
  async function* documents(): AsyncGenerator<Buffer[]> {
    for (let start = 0; start < ids.length; start += atATime) {
      for await (const some of documentsOf(database, ids.slice(start, start + atATime)))
        yield asNamed ? some.map((json) => withId(json, names)) : some;
    }
  }
  yield* dumpOf(database, documents());
}

/** Documents of a database that are being read, as a dump. Each is copied, so its memory may be reused. */
export async function* dumpOf(
  database: Database,
  documents: AsyncIterable<readonly Buffer[]>,
): AsyncGenerator<Buffer> {
  let parts = [Buffer.from(`{"BuildVersion":${await buildVersion(database.connection)},"Docs":[`)];
  let bytes = 0;
  let first = true;
  for await (const some of documents) {
    for (const document of some) {
      if (!first) parts.push(COMMA);
      first = false;
      parts.push(Buffer.from(document));
      bytes += document.length;
    }
    // who takes a dump has work to do for each chunk of it
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    bytes = 0;
  }
  yield Buffer.concat([...parts, Buffer.from(']}')]);
}

/**
 * Documents with these ids, byte for byte, as many together as have arrived; those that do not exist are left out.
 * @throws RavenError
 */
export async function* documentsOf(database: Database, Ids: readonly string[]): AsyncGenerator<Buffer[]> {
  // a single id that does not exist is answered with 404
  const answer = await ifFound(
    database.open({
      doing: 'Reading documents',
      method: 'POST',
      path: 'docs',
      body: JSON.stringify({ Ids }),
      headers: JSON_BODY,
    }),
  );
  if (!answer) return;
  const documents: Buffer[] = [];
  const scanner = new DumpScanner({
    item: (list, json) => {
      if (list === 'Results') documents.push(json);
    },
    blob: () => undefined,
  });
  for await (const chunk of database.bytes('Reading the documents', answer)) {
    scanner.push(chunk);
    if (documents.length > 0) yield documents.splice(0);
  }
  if (!scanner.complete) throw documentsCutOff(database);
}

function withId(json: Buffer, names: ReadonlyMap<string, string>): Buffer {
  const id = names.get(documentId(json).toLowerCase());
  return id === undefined ? json : withDocumentId(json, id);
}

/** The first `most` documents that were written since an etag, by id and collection. @throws RavenError */
export async function changedSince(
  database: Database,
  { etag, most }: { etag: number; most: number },
): Promise<{ id: string; collection: string }[]> {
  const { Results } = await database.json<{ Results: { '@metadata': DocumentMetadata }[] }>({
    doing: 'Reading what has changed',
    path: `docs?etag=${etag}&start=0&pageSize=${most}&metadataOnly=true`,
  });
  return Results.map(({ '@metadata': { '@id': id, '@collection': collection = '@empty' } }) => ({
    id,
    collection,
  }));
}

/** Writes a document as it is, whatever its metadata says. @throws RavenError */
export async function putDocument(database: Database, id: string, json: string): Promise<void> {
  await send(database, 'PUT', `docs?id=${encodeURIComponent(id)}`, json);
}

/** The same by a batch of one, which takes other metadata than a single write. @throws RavenError */
export async function putDocumentInBatch(database: Database, id: string, json: string): Promise<void> {
  const command = `{"Type":"PUT","Id":${JSON.stringify(id)},"ChangeVector":null,"Document":${json}}`;
  await send(database, 'POST', 'bulk_docs', `{"Commands":[${command}]}`);
}

async function send(database: Database, method: string, path: string, body: string): Promise<void> {
  const answer = await database.open({ doing: 'Writing a document', method, path, body, headers: JSON_BODY });
  answer.resume();
}

/** Deletes documents. Those that are not there are fine. @throws RavenError */
export async function deleteDocuments(database: Database, ids: readonly string[]): Promise<void> {
  await database.json({
    doing: 'Deleting documents',
    method: 'POST',
    path: 'bulk_docs',
    json: { Commands: ids.map((Id) => ({ Type: 'DELETE', Id })) },
  });
}

/**
 * Reads an attachment of a document, or of the revision with a change vector.
 * @returns undefined when there is no such attachment, or when it has other bytes by now
 * @throws RavenError
 */
export async function fetchAttachment(
  database: Database,
  { id, attachment, revision }: { id: string; attachment: AttachmentRef; revision: string | undefined },
): Promise<AsyncIterable<Buffer> | undefined> {
  const answer = await database.ask({
    doing: 'Reading an attachment',
    path: `attachments?${new URLSearchParams({ id, name: attachment.Name })}`,
    ...(revision !== undefined && {
      method: 'POST',
      body: JSON.stringify({ Type: 'Revision', ChangeVector: revision }),
      headers: JSON_BODY,
    }),
  });
  if (answer.headers['attachment-hash'] === attachment.Hash) return answer;
  await buffer(answer).catch(() => undefined);
  return undefined;
}

/** Deletes an attachment of a document. One that is not there is fine. @throws RavenError */
export async function deleteAttachment(
  database: Database,
  { id, name }: { id: string; name: string },
): Promise<void> {
  await database.json({
    doing: 'Deleting an attachment',
    method: 'DELETE',
    path: `attachments?${new URLSearchParams({ id, name })}`,
  });
}
