/** Items that RavenDB 7.1.5 stores, and that its import refuses: each was tried, and no two of them are refused alike. */
import type { Application } from './application.ts';

const good = '{"a":1,"@metadata":{"@collection":"Odd"}}';
const odd = (metadata: string) => `{"a":1,"@metadata":{"@collection":"Odd",${metadata}}}`;

/** Documents by how they get into a database: a single write takes other metadata than a batch does. */
const BY_PUT: Record<string, string> = {
  'refused/etag': odd('"@etag":{"x":1}'),
  'refused/counters': odd('"@counters":"x"'),
  'refused/last-modified': odd('"@last-modified":"yesterday"'),
  'refused/expiration': odd('"Raven-Expiration-Date":"never"'),
  'refused/entity-name': `{"@metadata":{"Raven-Entity-Name":"${'c'.repeat(2000)}"}}`,
  'refused/nested': '{"copy":{"@metadata":{"@id":5}},"@metadata":{"@collection":"Odd"}}',
};
const BY_BATCH: Record<string, string> = {
  'refused/export-type': odd('"@export-type":"Attachment"'),
  'refused/attachments': odd('"@attachments":5'),
  'refused/attachments-of-number': odd('"@attachments":[5]'),
  'refused/attachment-missing': odd('"@attachments":[{"Name":"n","ContentType":"","Hash":"none","Size":3}]'),
};

/** Makes those that can be carried another way. */
export async function putRefusedItems(application: Application): Promise<void> {
  for (const [id, json] of Object.entries(BY_PUT)) await application.put(id, json);
  for (const [id, json] of Object.entries(BY_BATCH)) await application.putAll([[id, json]]);
  await application.put('refused/counter', good);
  await application.increment('refused/counter', { least: '-9223372036854775808', likes: 1 });
}

/** Makes those that nothing carries: a revision, and a document with an attachment of its own. */
export async function putUncarriedItems(application: Application): Promise<void> {
  await application.put('uncarried/revision', odd('"@etag":{}'));
  await application.forceRevision('uncarried/revision');
  await application.put('uncarried/revision', good);
  await application.put('uncarried/document', good);
  await application.attach('uncarried/document', 'note', 'of its own');
  await application.put('uncarried/document', odd('"@etag":{"x":1}'));
}
