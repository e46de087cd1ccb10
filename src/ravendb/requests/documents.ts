/** Streams of documents. */
import { buffer } from 'node:stream/consumers';
import type { RavenConnection } from '../connection/connection.ts';
import { RavenError } from '../connection/errors.ts';
import type { RavenHttp } from '../connection/http.ts';
import type { AttachmentRef } from '../dump/dump-items.ts';
import { documentId, withDocumentId } from '../dump/dump-items.ts';
import { DumpScanner } from '../dump/dump-scanner.ts';
import { databasePath } from './databases.ts';
import { buildVersion } from './server.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const COMMA = Buffer.from(',');

/**
 * Every document of a database that is not sharded, or of one shard by its own name, a line of JSON each, in the
 * order of etags. (A sharded database as a whole answers this format with an exception inside a 200.)
 * @throws RavenError also when the stream ends inside a line
 */
export async function* documentLines({ http }: RavenConnection, database: string): AsyncGenerator<Buffer[]> {
  const path = databasePath(database, 'streams/docs?format=jsonl');
  const stream = await http.open({ doing: 'Reading the documents', database, path });
  let begun: Buffer[] = [];
  for await (const chunk of explained(http, database, stream)) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      const line = withoutReturn(begun.length > 0 ? Buffer.concat([...begun, last]) : last);
      if (line.length > 0) lines.push(line);
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (Buffer.concat(begun).toString().trim() !== '') throw cutOff(http, database);
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
  connection: RavenConnection,
  database: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await readMetadata(connection, database, ids);
  return new Map(
    found.map(({ '@id': id, '@collection': collection = '@empty' }) => [id.toLowerCase(), collection]),
  );
}

/** The ids of documents as they are written, by themselves in lower case; otherwise as above. @throws RavenError */
export async function readIds(
  connection: RavenConnection,
  database: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await readMetadata(connection, database, ids);
  return new Map(found.map(({ '@id': id }) => [id.toLowerCase(), id]));
}

/** The part of a document's metadata that is asked for without the document. */
export interface DocumentMetadata {
  '@id': string;
  '@collection'?: string;
  '@change-vector'?: string;
  '@counters'?: string[];
  '@timeseries'?: string[];
}

/** The metadata of documents; those that do not exist are left out. @throws RavenError */
export async function readMetadata(
  { http }: RavenConnection,
  database: string,
  Ids: readonly string[],
): Promise<DocumentMetadata[]> {
  if (Ids.length === 0) return [];
  try {
    const { Results } = await http.json<{ Results: ({ '@metadata': DocumentMetadata } | null)[] }>({
      doing: 'Reading metadata',
      database,
      method: 'POST',
      path: databasePath(database, 'docs?metadataOnly=true'),
      json: { Ids },
    });
    return Results.filter((result) => result !== null).map(({ '@metadata': metadata }) => metadata);
  } catch (error) {
    // so it answers for a single id
    if (error instanceof RavenError && error.status === 404) return [];
    throw error;
  }
}

/**
 * Some documents as a dump, byte for byte; those that do not exist are left out.
 * @param options.asNamed gives each the id by which it was asked for, which may differ in case from the one it has
 * @throws RavenError
 */
export async function* documentDump(
  { http }: RavenConnection,
  database: string,
  Ids: readonly string[],
  { asNamed = false } = {},
): AsyncGenerator<Buffer> {
  const names = new Map(asNamed ? Ids.map((id) => [id.toLowerCase(), id]) : []);
  const BuildVersion = await buildVersion(http);
  const answer = await documentsAnswer(http, database, Ids);
  const documents: Buffer[] = [];
  const scanner = new DumpScanner({
    item: (list, json) => {
      if (list === 'Results') documents.push(asNamed ? withId(json, names) : json);
    },
    blob: () => undefined,
  });
  yield Buffer.from(`{"BuildVersion":${BuildVersion},"Docs":[`);
  if (!answer) return yield Buffer.from(']}');
  let first = true;
  for await (const chunk of explained(http, database, answer)) {
    scanner.push(chunk);
    for (const document of documents.splice(0)) {
      yield first ? document : Buffer.concat([COMMA, document]);
      first = false;
    }
  }
  if (!scanner.complete) throw cutOff(http, database);
  yield Buffer.from(']}');
}

/** Undefined when there is but one id and no such document. */
async function documentsAnswer(http: RavenHttp, database: string, Ids: readonly string[]) {
  try {
    return await http.open({
      doing: 'Reading documents',
      database,
      method: 'POST',
      path: databasePath(database, 'docs'),
      body: JSON.stringify({ Ids }),
      headers: { 'Content-Type': 'application/json' },
    });
  } catch (error) {
    if (error instanceof RavenError && error.status === 404) return undefined;
    throw error;
  }
}

function withId(json: Buffer, names: ReadonlyMap<string, string>): Buffer {
  const id = names.get(documentId(json).toLowerCase());
  return id === undefined ? json : withDocumentId(json, id);
}

/** Documents that were written since an etag, the first `most` of them, by id and collection. @throws RavenError */
export async function changedSince(
  { http }: RavenConnection,
  database: string,
  { etag, most }: { etag: number; most: number },
): Promise<{ id: string; collection: string }[]> {
  const { Results } = await http.json<{ Results: { '@metadata': DocumentMetadata }[] }>({
    doing: 'Reading what has changed',
    database,
    path: databasePath(database, `docs?etag=${etag}&start=0&pageSize=${most}&metadataOnly=true`),
  });
  return Results.map(({ '@metadata': { '@id': id, '@collection': collection = '@empty' } }) => ({
    id,
    collection,
  }));
}

/** Deletes documents. Those that are not there are fine. @throws RavenError */
export async function deleteDocuments(
  { http }: RavenConnection,
  database: string,
  ids: readonly string[],
): Promise<void> {
  await http.json({
    doing: 'Deleting documents',
    database,
    method: 'POST',
    path: databasePath(database, 'bulk_docs'),
    json: { Commands: ids.map((Id) => ({ Type: 'DELETE', Id })) },
  });
}

/** Deletes an attachment of a document. One that is not there is fine. @throws RavenError */
export async function deleteAttachment(
  { http }: RavenConnection,
  database: string,
  { id, name }: { id: string; name: string },
): Promise<void> {
  await http.json({
    doing: 'Deleting an attachment',
    database,
    method: 'DELETE',
    path: databasePath(database, `attachments?${new URLSearchParams({ id, name })}`),
  });
}

function cutOff({ connection }: RavenHttp, database: string): RavenError {
  return new RavenError(
    `Reading the documents of "${database}" on "${connection}" ended inside a document.`,
    {
      kind: 'EndOfStreamException',
      retryable: true,
    },
  );
}

async function* explained(
  http: RavenHttp,
  database: string,
  stream: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (error) {
    throw http.explain({ doing: 'Reading the documents', database }, error);
  }
}

/** Reads an attachment of a document or revision once more from the source, unless it has changed there. */
export async function fetchAttachment(
  { http }: RavenConnection,
  database: string,
  { id, attachment, revision }: { id: string; attachment: AttachmentRef; revision: string | undefined },
): Promise<AsyncIterable<Buffer> | undefined> {
  const query = new URLSearchParams({ id, name: attachment.Name });
  const answer = await http.ask({
    doing: 'Reading an attachment',
    database,
    path: databasePath(database, `attachments?${query}`),
    ...(revision !== undefined && {
      method: 'POST',
      body: JSON.stringify({ Type: 'Revision', ChangeVector: revision }),
      headers: { 'Content-Type': 'application/json' },
    }),
  });
  if (answer.headers['attachment-hash'] === attachment.Hash) return answer;
  await buffer(answer).catch(() => undefined);
  return undefined;
}
