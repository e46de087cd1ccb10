/** Revisions of living and of deleted documents, in their order. */

import pMap from 'p-map';
import { bodyAndMetadata, comparePlace, PLAIN_ID } from './compare-documents.ts';
import { elements, member } from './json-text.ts';
import { note, type Reader, type References, type Storage } from './reader.ts';

interface Revision {
  text: string;
  changeVector: string;
  attachments: { Name: string; Hash: string }[];
}

const PAGE = 4096;
const OWN_FIELDS = new Set(['@change-vector']);

/** Compares all revisions but those that only say that a document was deleted. */
export async function compareRevisions(
  there: Reader,
  here: Reader,
  references: References,
  found: string[],
): Promise<void> {
  const [ours, theirs] = await Promise.all([idsWithRevisions(there, found), idsWithRevisions(here, found)]);
  const ids = new Map([...theirs, ...ours].map(([id]) => [id.toLowerCase(), id]));
  await pMap(
    ids.values(),
    async (id) => {
      const [revisions, copies] = await Promise.all([revisionsOf(there, id), revisionsOf(here, id)]);
      note(found, `${id}: number of revisions`, String(revisions.length), String(copies.length));
      for (const [at, revision] of revisions.entries()) {
        const copy = copies[at];
        if (!copy) return;
        note(found, `${id}: revision ${at}`, revision.text, copy.text);
        for (const { Name, Hash } of revision.attachments) {
          if (references.add(theirs.get(id), Hash)) continue;
          const [bytes, copied] = await Promise.all([
            there.bytesOnce(Hash, ...attachmentOf(id, Name, revision)),
            here.bytes(...attachmentOf(id, Name, copy)),
          ]);
          note(found, `${id}: attachment ${Name} of revision ${at}`, bytes, copied);
        }
      }
    },
    { concurrency: 8 },
  );
  const peculiar = [...theirs].filter(([id]) => !PLAIN_ID.test(id));
  await pMap(peculiar, ([id, storage]) => comparePlace(here, id, storage, found), { concurrency: 8 });
}

function attachmentOf(id: string, name: string, { changeVector }: Revision): [path: string, json: unknown] {
  const path = `attachments?id=${encodeURIComponent(id)}&name=${encodeURIComponent(name)}`;
  return [path, { Type: 'Revision', ChangeVector: changeVector }];
}

async function idsWithRevisions(reader: Reader, found: string[]): Promise<Map<string, Storage>> {
  const ids = new Map<string, Storage>();
  for (const storage of reader.storages) {
    for (let etag = 0; ; ) {
      const path = `debug/documents/get-revisions?start=${etag}&pageSize=${PAGE}`;
      const { Revisions } = await reader.json<{ Revisions: { Id: string; Etag: number }[] }>(path, {
        from: storage,
      });
      for (const { Id, Etag } of Revisions) {
        const other = ids.get(Id);
        if (other && other !== storage) found.push(`${Id}: revisions on ${storage.name} and ${other.name}`);
        ids.set(Id, storage);
        etag = Math.max(etag, Etag + 1);
      }
      if (Revisions.length < PAGE) break;
    }
  }
  return ids;
}

async function revisionsOf(reader: Reader, id: string): Promise<Revision[]> {
  const answer = await reader.text(`revisions?id=${encodeURIComponent(id)}&start=0&pageSize=100000`);
  return elements(member(answer, 'Results')).flatMap((text) => {
    const { body, metadata, fields } = bodyAndMetadata(text, OWN_FIELDS);
    if (fields.get('@flags')?.includes('DeleteRevision')) return [];
    return {
      text: `${body} with ${metadata}`,
      changeVector: JSON.parse(fields.get('@change-vector') ?? '""') as string,
      attachments: JSON.parse(fields.get('@attachments') ?? '[]') as Revision['attachments'],
    };
  });
}
