/** Streams of documents. */
import type { RavenConnection } from './connection.ts';
import { databasePath } from './database.ts';
import { RavenError } from './errors.ts';
import type { RavenHttp } from './http.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Every document of a database that is not sharded, or of one shard by its own name, a line of JSON each, in the
 * order of etags. (A sharded database as a whole answers this format with an exception inside a 200.)
 * @throws RavenError also when the stream ends inside a line
 */
export async function* documentLines({ http }: RavenConnection, database: string): AsyncGenerator<Buffer[]> {
  const path = databasePath(database, 'streams/docs?format=jsonl');
  const stream = await http.open({ doing: 'Reading the documents', database, path });
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of explained(http, database, stream)) {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      const length = (data[end - 1] === RETURN ? end - 1 : end) - start;
      if (length > 0) lines.push(data.subarray(start, start + length));
      start = end + 1;
    }
    rest = data.subarray(start);
    if (lines.length > 0) yield lines;
  }
  if (rest.toString().trim() !== '') {
    throw new RavenError(
      `Reading the documents of "${database}" on "${http.connection}" ended inside a document.`,
      {
        kind: 'EndOfStreamException',
        retryable: true,
      },
    );
  }
}

/**
 * The collection of each document, by its id in lower case. Ids that do not exist are left out.
 * @param ids at most about a thousand
 * @throws RavenError
 */
export async function collectionsOf(
  { http }: RavenConnection,
  database: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { Results } = await http.json<{
    Results: ({ '@metadata': { '@id': string; '@collection'?: string } } | null)[];
  }>({
    doing: 'Reading metadata',
    database,
    method: 'POST',
    path: databasePath(database, 'docs?metadataOnly=true'),
    json: { Ids: ids },
  });
  const collections = new Map<string, string>();
  for (const result of Results) {
    if (!result) continue;
    const { '@id': id, '@collection': collection = '@empty' } = result['@metadata'];
    collections.set(id.toLowerCase(), collection);
  }
  return collections;
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
