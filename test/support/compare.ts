/**
 * The tests' own comparison of two databases, by content and by other calls than the product's: listings of
 * documents instead of streams, the bytes of each attachment, each counter, time-series entry and revision.
 */
import { buffer } from 'node:stream/consumers';
import type { RavenConnection } from '../../src/ravendb/connection.ts';
import { databasePath, databaseRecord, shardName, shardNumbers } from '../../src/ravendb/database.ts';

type Json = Record<string, unknown>;

interface Document {
  id: string;
  body: string;
  metadata: { '@attachments'?: { Name: string }[]; '@timeseries'?: string[]; '@flags'?: string } & Json;
}

const PAGE = 100_000;
const DERIVED = ['@change-vector', '@last-modified', '@flags', '@timeseries'];

/** Every difference between a source and its sharded copy, a line each. */
export async function differences(raven: RavenConnection, source: string, target: string): Promise<string[]> {
  const [there, here] = await Promise.all([documents(raven, source), documents(raven, target)]);
  const found: string[] = [];
  for (const id of here.keys()) if (!there.has(id)) found.push(`${id}: only on the target`);
  for (const [id, document] of there) {
    const copy = here.get(id);
    if (!copy) {
      found.push(`${id}: missing`);
      continue;
    }
    if (document.body !== copy.body) found.push(`${id}: ${document.body} is ${copy.body}`);
    found.push(...(await differencesOfExtensions(raven, source, target, document)));
  }
  const whole = async (path: string, pick: (answer: Json) => unknown) => {
    const [ours, theirs] = await Promise.all([get(raven, source, path), get(raven, target, path)]);
    if (text(pick(ours)) !== text(pick(theirs)))
      found.push(`${path}: ${text(pick(ours))} is ${text(pick(theirs))}`);
  };
  await whole('cmpxchg?startsWith=&start=0&pageSize=10000', compareExchangeValues);
  await whole('debug/identities', (answer) => answer);
  await whole('indexes?start=0&pageSize=1000', indexDefinitions);
  return found;
}

async function differencesOfExtensions(
  raven: RavenConnection,
  source: string,
  target: string,
  { id, metadata }: Document,
): Promise<string[]> {
  const found: string[] = [];
  const key = encodeURIComponent(id);
  const both = async (what: string, read: (database: string) => Promise<string>) => {
    const [ours, theirs] = await Promise.all([read(source), read(target)]);
    if (ours !== theirs) found.push(`${id}: ${what}: ${ours.slice(0, 300)} is ${theirs.slice(0, 300)}`);
  };
  for (const { Name } of metadata['@attachments'] ?? []) {
    const path = `attachments?id=${key}&name=${encodeURIComponent(Name)}`;
    await both(`attachment ${Name}`, async (database) => {
      const answer = await raven.http.open({
        doing: 'Reading',
        database,
        path: databasePath(database, path),
      });
      return (await buffer(answer)).toString('base64');
    });
  }
  if (metadata['@counters']) {
    await both('counters', async (database) => {
      const { Counters } = (await get(raven, database, `counters?docId=${key}`)) as {
        Counters: ({ CounterName: string; TotalValue: unknown } | null)[];
      };
      const values = Counters.map((counter) => `${counter?.CounterName}: ${text(counter?.TotalValue)}`);
      return text(values.sort((a, b) => (a < b ? -1 : 1)));
    });
  }
  for (const name of metadata['@timeseries'] ?? []) {
    await both(`time series ${name}`, async (database) => {
      const path = `timeseries?docId=${key}&name=${encodeURIComponent(name)}&start=0&pageSize=${PAGE}`;
      return text((await get(raven, database, path).catch(() => ({ Entries: [] }))).Entries);
    });
  }
  if (metadata['@flags']?.includes('HasRevisions')) {
    await both('revisions', async (database) => {
      const { Results } = await get(raven, database, `revisions?id=${key}&start=0&pageSize=${PAGE}`);
      return text((Results as Json[]).map(({ '@metadata': _, ...body }) => body));
    });
  }
  return found;
}

async function documents(raven: RavenConnection, database: string): Promise<Map<string, Document>> {
  const record = await databaseRecord(raven, database);
  const shards = record ? shardNumbers(record) : [];
  const names = shards.length > 0 ? shards.map((shard) => shardName(database, shard)) : [database];
  const all = new Map<string, Document>();
  for (const name of names) {
    const { Results } = await get(raven, name, `docs?start=0&pageSize=${PAGE}`);
    for (const each of Results as { '@metadata': Document['metadata'] & { '@id': string } }[]) {
      const { '@metadata': metadata, ...content } = each;
      const kept = Object.entries(metadata).filter(
        ([field, value]) => !DERIVED.includes(field) && text(value) !== '[]',
      );
      const id = metadata['@id'];
      all.set(id, { id, metadata, body: text([content, kept.sort(([a], [b]) => (a < b ? -1 : 1))]) });
    }
  }
  return all;
}

function compareExchangeValues(answer: Json): unknown {
  const own = (answer.Results as { Key: string; Value: unknown }[]).filter(
    ({ Key }) => !Key.startsWith('rvn-atomic/'),
  );
  return own.map(({ Key, Value }) => [Key, Value]);
}

function indexDefinitions(answer: Json): unknown {
  const definitions = answer.Results as { Name: string; Maps: string[]; Reduce?: string; Fields: unknown }[];
  return definitions
    .filter(({ Name }) => !Name.startsWith('Shardlift/'))
    .map(({ Name, Maps, Reduce, Fields }) => text([Name, Maps, Reduce ?? null, Fields]))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Numbers stay the text that they are: 1.50 is not 1.5, and 2^53 + 1 is not 2^53. */
async function get(raven: RavenConnection, database: string, path: string): Promise<Json> {
  const answer = await raven.http.open({ doing: 'Reading', database, path: databasePath(database, path) });
  const content = (await buffer(answer)).toString();
  return JSON.parse(content, (_key, value, context?: { source?: string }) =>
    typeof value === 'number' ? `number ${context?.source}` : value,
  );
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}
