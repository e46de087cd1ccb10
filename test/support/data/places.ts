/** What a database holds, place by place: documents, fields, counters, entries, attachments, keys. Read for logged writers. */
import pMap from 'p-map';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Application } from './application.ts';

/** Values by place. */
export type Places = ReadonlyMap<string, string>;

/** Names of places. */
export const places = {
  document: (id: string) => `document ${id}`,
  field: (id: string, name: string) => `field ${id} ${name}`,
  counter: (id: string, name: string) => `counter ${id} ${name}`,
  entry: (id: string, at: string) => `entry ${id} ${new Date(at).toISOString()}`,
  attachment: (id: string, name: string) => `attachment ${id} ${name}`,
  key: (key: string) => `key ${key.toLowerCase()}`,
};

/** Whether a place is kept by the cluster under the name of its database. */
export function isOfCluster(place: string): boolean {
  return place.startsWith('key ');
}

const PAGE = 1_000;
const AT_ONCE = 8;
const encode = encodeURIComponent;

interface Document {
  n: number;
  '@metadata': {
    '@id': string;
    '@counters'?: string[];
    '@timeseries'?: string[];
    '@attachments'?: { Name: string }[];
  };
}

/**
 * Reads all that lies under a prefix of ids and keys.
 * @param withCluster false where the database is open under another name: the cluster knows nothing under that
 */
export async function placesOf(
  raven: RavenConnection,
  database: string,
  { prefix, withCluster }: { prefix: string; withCluster: boolean },
): Promise<Places> {
  const application = new Application(raven, database);
  const read = async <T>(path: string) => JSON.parse(await application.send('GET', path)) as T;
  const found = new Map<string, string>();
  const documents: Document[] = [];
  // a page of a sharded database may be short although it is not the last one
  for (let last = ''; ; ) {
    const query = `startsWith=${encode(prefix)}&startAfter=${encode(last)}&pageSize=${PAGE}`;
    const { Results } = await read<{ Results: Document[] }>(`docs?${query}`);
    if (Results.length === 0) break;
    documents.push(...Results);
    last = Results.at(-1)?.['@metadata']['@id'] ?? '';
  }
  const readOne = async ({ n, '@metadata': metadata, ...fields }: Document) => {
    const id = metadata['@id'];
    found.set(places.document(id), `${n}`);
    for (const [name, value] of Object.entries(fields)) found.set(places.field(id, name), `${value}`);
    if (metadata['@counters']) {
      const { Counters } = await read<{ Counters: ({ CounterName: string; TotalValue: number } | null)[] }>(
        `counters?docId=${encode(id)}`,
      );
      for (const counter of Counters)
        if (counter) found.set(places.counter(id, counter.CounterName), `${counter.TotalValue}`);
    }
    for (const name of metadata['@timeseries'] ?? []) {
      const { Entries } = await read<{ Entries: { Timestamp: string; Values: number[] }[] }>(
        `timeseries?docId=${encode(id)}&name=${encode(name)}&start=0&pageSize=100000`,
      );
      for (const { Timestamp, Values } of Entries) found.set(places.entry(id, Timestamp), Values.join());
    }
    for (const { Name } of metadata['@attachments'] ?? []) {
      const content = await application.send('GET', `attachments?id=${encode(id)}&name=${encode(Name)}`);
      found.set(places.attachment(id, Name), content);
    }
  };
  await pMap(documents, readOne, { concurrency: AT_ONCE });
  if (withCluster) {
    const { Results } = await read<{ Results: { Key: string; Value: { Object: unknown } }[] }>(
      `cmpxchg?startsWith=${encode(prefix)}&start=0&pageSize=100000`,
    );
    for (const { Key, Value } of Results) found.set(places.key(Key), `${Value.Object}`);
  }
  return found;
}
