/**
 * What the verification is compared with: a script as one would write it with RavenDB's client, that loads every
 * document of the source from both databases, some at a time, and compares the objects. Its last line holds its
 * figures. Arguments: URL of the server, source, target, how many documents at a time.
 */
import { isDeepStrictEqual } from 'node:util';
import { DocumentStore } from 'ravendb';
import { peakRssMb } from './memory.ts';

type Document = { '@metadata': { '@change-vector'?: string } };

const [url = '', source = '', target = '', atATime = ''] = process.argv.slice(2);
const batch = Number(atATime);
if (!(batch > 0)) throw new Error('arguments: <url> <source> <target> <documents at a time>');

const store = new DocumentStore(url, source);
store.initialize();
const documents = { source: 0, target: 0 };
let mismatches = 0;

const start = performance.now();
const { advanced } = store.openSession();
// ids alone: the quickest of the client's ways to list them
const listing = await advanced.stream(advanced.rawQuery<{ id: string }>('from @all_docs select id() as id'));
let ids: string[] = [];
for await (const { document } of listing) {
  ids.push(document.id);
  if (ids.length < batch) continue;
  await compare(ids);
  ids = [];
}
if (ids.length > 0) await compare(ids);
const end = performance.now();

store.dispose();
process.stdout.write(
  `${JSON.stringify({
    seconds: (end - start) / 1000,
    peakRssMb: await peakRssMb('self'),
    documents,
    mismatches,
  })}\n`,
);

async function compare(ids: string[]): Promise<void> {
  const originals = await load(source, ids);
  const copies = await load(target, ids);
  for (const id of ids) {
    const original = originals[id];
    const copy = copies[id];
    if (original) documents.source++;
    if (copy) documents.target++;
    if (!isDeepStrictEqual(comparable(original), comparable(copy))) mismatches++;
  }
}

/** By a session of its own, as the client opens it; one that went on would keep all that it has read. */
async function load(database: string, ids: string[]): Promise<Record<string, Document | null>> {
  return await store.openSession(database).load<Document>(ids);
}

/** Without the change vector, which is each database's own. */
function comparable(document: Document | null | undefined): object | undefined {
  if (!document) return undefined;
  const { '@change-vector': _, ...metadata } = document['@metadata'];
  return { ...document, '@metadata': metadata };
}
