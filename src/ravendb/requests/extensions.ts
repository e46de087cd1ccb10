/** What hangs on a document besides its attachments: counters and time series, by name. */
import { text } from 'node:stream/consumers';
import type { RavenConnection } from '../connection/connection.ts';
import { digits } from '../dump/exact-json.ts';
import { databasePath } from './databases.ts';
import { type DocumentMetadata, readMetadata } from './documents.ts';

/** Names of the counters and time series of a document. */
export interface ExtensionNames {
  counters: string[];
  timeSeries: string[];
}

/** The names that the metadata of a document lists. */
export function extensionNames(
  metadata: Pick<DocumentMetadata, '@counters' | '@timeseries'>,
): ExtensionNames {
  return { counters: metadata['@counters'] ?? [], timeSeries: metadata['@timeseries'] ?? [] };
}

/**
 * The names by document, in lower case as RavenDB compares ids. Ids that do not exist are left out.
 * @param ids at most about a thousand
 * @throws RavenError
 */
export async function readExtensionNames(
  connection: RavenConnection,
  database: string,
  ids: readonly string[],
): Promise<Map<string, ExtensionNames>> {
  const found = await readMetadata(connection, database, ids);
  return new Map(found.map((metadata) => [metadata['@id'].toLowerCase(), extensionNames(metadata)]));
}

/** A counter and its value, which may be beyond what a number holds exactly. */
export interface Counter {
  name: string;
  value: string;
}

/** The counters of a document; none of one that does not exist. @throws RavenError */
export async function readCounters(
  { http }: RavenConnection,
  database: string,
  id: string,
): Promise<Counter[]> {
  const body = await http.open({
    doing: 'Reading counters',
    database,
    path: databasePath(database, `counters?docId=${encodeURIComponent(id)}`),
  });
  const { Counters } = JSON.parse(await text(body), digits) as {
    Counters: ({ CounterName: string; TotalValue: string } | null)[];
  };
  return Counters.filter((counter) => counter !== null).map(({ CounterName, TotalValue }) => ({
    name: CounterName,
    value: TotalValue,
  }));
}

/** Deletes counters of documents. Those that are not there are fine. @throws RavenError */
export async function deleteCounters(
  { http }: RavenConnection,
  database: string,
  counters: readonly { id: string; names: readonly string[] }[],
): Promise<void> {
  await http.json({
    doing: 'Deleting counters',
    database,
    method: 'POST',
    path: databasePath(database, 'counters'),
    json: {
      Documents: counters.map(({ id, names }) => ({
        DocumentId: id,
        Operations: names.map((name) => ({ Type: 'Delete', CounterName: name })),
      })),
    },
  });
}

/**
 * Makes counters as if they had just been created, each 0. RavenDB takes no import of one that it remembers as deleted;
 * of one of these it takes what other databases have added, so that its value becomes theirs.
 * @param counters of each document the names to delete, and those to create then
 * @throws RavenError
 */
export async function recreateCounters(
  { http }: RavenConnection,
  database: string,
  counters: readonly { id: string; deleted: readonly string[]; created: readonly string[] }[],
): Promise<void> {
  await http.json({
    doing: 'Creating counters anew',
    database,
    method: 'POST',
    path: databasePath(database, 'counters'),
    json: {
      Documents: counters.map(({ id, deleted, created }) => ({
        DocumentId: id,
        Operations: [
          ...deleted.map((name) => ({ Type: 'Delete', CounterName: name })),
          ...created.map((name) => ({ Type: 'Increment', CounterName: name, Delta: 0 })),
        ],
      })),
    },
  });
}
