/** Documents: bodies, metadata, ids, and the shard on which they lie. */
import pMap from 'p-map';
import { elements, member, members } from './json-text.ts';
import { note, type Reader, type Storage } from './reader.ts';

/** A document as a storage holds it. */
export interface StoredDocument {
  id: string;
  storage: Storage;
  /** All but the metadata, in order. */
  body: string;
  /** What the application or RavenDB keeps about it, without what each database makes by itself. */
  metadata: string;
  /** Names in `@attachments`, with their hashes. */
  attachments: { Name: string; Hash: string }[];
  hasCounters: boolean;
  hasTimeSeries: boolean;
}

/** Documents by id in lower case: to RavenDB, ids that differ in case alone are the same. */
export type Documents = Map<string, StoredDocument>;

const PAGE = 1024;

/** Fields that each database makes by itself; counters and time series are compared by their values. */
const OWN_FIELDS = new Set(['@id', '@change-vector', '@last-modified', '@flags', '@counters', '@timeseries']);

/** How many documents are looked up one by one; more only where their ids are peculiar. */
const LOOKED_UP = 30;
/** As applications and RavenDB make them; the numbers spread them over the buckets. */
export const PLAIN_ID = /^[a-z]+\/\d+(-A)?$/i;

/** All documents of a database but those that an index put out. */
export async function documentsOf(reader: Reader, found: string[]): Promise<Documents> {
  const all: Documents = new Map();
  for (const storage of reader.storages) {
    for (let start = 0; ; start += PAGE) {
      const answer = await reader.text(`docs?start=${start}&pageSize=${PAGE}`, { from: storage });
      const page = elements(member(answer, 'Results'));
      for (const each of page) {
        const document = stored(each, storage);
        if (!document) continue;
        const key = document.id.toLowerCase();
        const twin = all.get(key);
        if (twin) found.push(`${document.id}: on ${storage.name} and on ${twin.storage.name}`);
        all.set(key, document);
      }
      if (page.length < PAGE) break;
    }
  }
  return all;
}

/** Body and metadata of a document or revision as text, and the metadata's fields. */
export function bodyAndMetadata(text: string, ownFields: ReadonlySet<string>) {
  const all = members(text);
  const body = all.filter(([key]) => key !== '@metadata');
  const fields = members(all.find(([key]) => key === '@metadata')?.[1] ?? '{}');
  const kept = fields.filter(([key, value]) => !ownFields.has(key) && value !== '[]');
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return { body: asText(body), metadata: asText(kept), fields: new Map(fields) };
}

function asText(all: [string, string][]): string {
  return all.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',');
}

function stored(text: string, storage: Storage): StoredDocument | undefined {
  const { body, metadata, fields } = bodyAndMetadata(text, OWN_FIELDS);
  const flags = fields.get('@flags') ?? '';
  if (flags.includes('Artificial')) return;
  return {
    id: JSON.parse(fields.get('@id') ?? '""') as string,
    storage,
    body,
    metadata,
    attachments: attachmentsIn(JSON.parse(fields.get('@attachments') ?? '[]')),
    hasCounters: flags.includes('HasCounters') || fields.has('@counters'),
    hasTimeSeries: flags.includes('HasTimeSeries') || fields.has('@timeseries'),
  };
}

/** Compares what documents say themselves. */
export function compareDocuments(ours: Documents, theirs: Documents, found: string[]): void {
  for (const [key, { id }] of theirs) if (!ours.has(key)) found.push(`${id}: only on the target`);
  for (const [key, document] of ours) {
    const copy = theirs.get(key);
    if (!copy) {
      found.push(`${document.id}: missing`);
      continue;
    }
    note(found, `${document.id}: id`, document.id, copy.id);
    note(found, `${document.id}: body`, document.body, copy.body);
    note(found, `${document.id}: metadata`, document.metadata, copy.metadata);
  }
}

/** Every document lies where RavenDB looks for it. */
export async function comparePlaces(here: Reader, documents: Documents, found: string[]): Promise<void> {
  const all = [...documents.values()];
  const batches = Array.from({ length: Math.ceil(all.length / PAGE) }, (_, at) =>
    all.slice(at * PAGE, (at + 1) * PAGE),
  );
  await pMap(
    batches,
    async (batch) => {
      const answer = await here.json<{ Results: ({ '@metadata': { '@id': string } } | null)[] }>(
        'docs?metadataOnly=true',
        { json: { Ids: batch.map(({ id }) => id) } },
      );
      const seen = new Set(answer.Results.map((each) => each?.['@metadata']['@id'].toLowerCase()));
      for (const { id, storage } of batch) {
        if (!seen.has(id.toLowerCase()))
          found.push(`${id}: on ${storage.name}, where RavenDB does not find it`);
      }
    },
    { concurrency: 2 },
  );
  const plain = all.filter(({ id }) => PLAIN_ID.test(id));
  const every = Math.max(1, Math.ceil(plain.length / LOOKED_UP));
  const lookedUp = plain.filter((_, at) => at % every === 0);
  const peculiar = all.filter(({ id }) => !PLAIN_ID.test(id));
  await pMap([...peculiar, ...lookedUp], ({ id, storage }) => comparePlace(here, id, storage, found), {
    concurrency: 8,
  });
}

/** One id's storage is the shard of its bucket. */
export async function comparePlace(
  here: Reader,
  id: string,
  storage: Storage,
  found: string[],
): Promise<void> {
  if (storage.shard === undefined) return;
  const { database } = here;
  const path = `/debug/sharding/find/bucket?name=${encodeURIComponent(database)}&id=${encodeURIComponent(id)}`;
  const { Shard } = await here.raven.http.json<{ Shard: number }>({ doing: 'Finding the bucket', path });
  if (Shard !== storage.shard) found.push(`${id}: on ${storage.name}, its bucket on shard ${Shard}`);
}

/** What a document lists that RavenDB has written: a client may have written anything there. */
function attachmentsIn(listed: unknown): StoredDocument['attachments'] {
  const all = Array.isArray(listed) ? listed : [];
  return all.filter((each) => typeof each?.Hash === 'string' && each.Hash.length === HASH_LENGTH);
}

/** Base64 of 32 bytes. */
const HASH_LENGTH = 44;
