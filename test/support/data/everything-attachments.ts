/** Attachments: shared by documents in every mix, empty, large, and with names of every kind. */

import { createCipheriv } from 'node:crypto';
import pMap from 'p-map';
import type { Application } from './application.ts';

type Attachment = [name: string, content: string | Buffer, type?: string];

const SHARED = 60;
const METADATA = '"@metadata":{"@collection":"Shared"}';

/** Bytes that do not compress, the same for the same seed. */
export function bytes(length: number, seed: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

const [a, b, c, d] = [1, 2, 3, 4].map((seed) => bytes(1000 + seed, seed)) as [Buffer, Buffer, Buffer, Buffer];

/** RavenDB orders the attachments of a document by name, so the names decide what comes first in a dump. */
const MIXES: ((n: number) => Attachment[])[] = [
  () => [['a', a]],
  (n) => [
    ['a-shared', a],
    ['b-own', `own ${n}`],
  ],
  (n) => [
    ['a-own', `own ${n}`],
    ['b-shared', a],
  ],
  () => [
    ['1', a],
    ['2', b],
  ],
  (n) => [
    ['1', b],
    ['2', `own ${n}`],
    ['3', c],
    ['4', b, 'application/octet-stream'],
  ],
  () => [
    ['1', d],
    ['2', c],
    ['3', b],
    ['4', a],
    ['5-empty', ''],
  ],
  (n) => [
    ['1', `own ${n}`],
    ['2', `other ${n}`],
  ],
  (n) => [[`pair-${n >> 4}`, `shared by a pair ${n >> 4}`]],
];

const NAMED: Attachment[] = [
  ['ünï 日本 😀.txt', 'unicode', 'text/plain; charset=utf-8'],
  ['quote"single\'.txt', 'quotes', ''],
  ['back\\slash/and slash?&#%41+', 'signs', 'x/"y"'],
  [`${'n'.repeat(400)}`, 'a long name'],
  ['Case.TXT', 'case'],
  ['empty', '', 'application/octet-stream'],
];

/** Documents with attachments. @param largest bytes of the largest one, which two documents share */
export async function putAttachments(application: Application, largest: number): Promise<void> {
  const documents = new Map<string, Attachment[]>();
  for (let n = 0; n < SHARED; n++) documents.set(`shared/${n}`, MIXES[n % MIXES.length]?.(n) ?? []);
  documents.set('attachments/names', NAMED);
  documents.set('attachments/Ünï $anchor$shared/1', [
    ['a', a],
    ['own', 'anchored'],
  ]);
  const large = bytes(largest, 9);
  documents.set('attachments/large', [['large.bin', large, 'application/octet-stream']]);
  documents.set('attachments/large-too', [
    ['own', 'next to a large one'],
    ['same.bin', large],
  ]);
  documents.set('attachments/medium', [['medium.bin', bytes(3_000_000, 10)]]);
  await application.putAll([...documents.keys()].map((id) => [id, `{"a":1.50,${METADATA}}`]));
  await pMap(
    documents,
    async ([id, attachments]) => {
      for (const attachment of attachments) await application.attach(id, ...attachment);
    },
    { concurrency: 8 },
  );
}
