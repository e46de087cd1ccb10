/** What must be known of an item of a dump to send it to its shard; the item's bytes stay as they are. */

/** An attachment as the metadata of its document lists it. */
export interface AttachmentRef {
  Name: string;
  /** Base64 of the BLAKE2b-256 of the bytes. */
  Hash: string;
  ContentType: string;
  Size: number;
}

const ID = Buffer.from('"@id":"');
const CHANGE_VECTOR = Buffer.from('"@change-vector":"');
const OWN_CHANGE_VECTOR = Buffer.from('"ChangeVector":"');
const DOC_ID = Buffer.from('"DocId":"');
const KEY = Buffer.from('"Key":"');
/** Parts the id of a document from what follows it in the key of a revision or attachment. */
const KEY_SEPARATOR = '\u001e';
const OF_DOCUMENT = Buffer.from('"Type":"Document"');
const SERIES_NAME = Buffer.from('"Name":"');
const ATTACHMENTS = Buffer.from('"@attachments":[');
const METADATA = Buffer.from('"@metadata":{');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The id of a document or revision. RavenDB writes its own metadata after the user's, so that the last `@id` is the
 * document's.
 */
export function documentId(json: Buffer): string {
  return stringAfter(json, json.lastIndexOf(ID), ID);
}

/** A document or revision with another id, all other bytes as they are. */
export function withDocumentId(json: Buffer, id: string): Buffer {
  const at = json.lastIndexOf(ID) + ID.length;
  return Buffer.concat([
    json.subarray(0, at),
    Buffer.from(JSON.stringify(id).slice(1, -1)),
    json.subarray(endOfString(json, at)),
  ]);
}

/** The id (in lower case) of the document that a counter group or a segment of a time series belongs to. */
export function ownerId(json: Buffer): string {
  return stringAfter(json, json.indexOf(DOC_ID), DOC_ID);
}

/**
 * The id (in lower case) of the document whose revision or attachment a tombstone is of; undefined for one of a
 * document itself.
 */
export function tombstoneOwner(json: Buffer): string | undefined {
  const key = stringAfter(json, json.indexOf(KEY), KEY);
  const end = key.indexOf(KEY_SEPARATOR);
  return end < 0 ? undefined : key.slice(0, end);
}

/** The id (in lower case) of the document that a tombstone says is gone; undefined for a tombstone of anything else. */
export function tombstoneId(json: Buffer): string | undefined {
  return json.indexOf(OF_DOCUMENT) < 0 ? undefined : stringAfter(json, json.indexOf(KEY), KEY);
}

/**
 * Whether all counters of a group are deleted ones. RavenDB keeps such a group when the document goes or moves to another
 * collection, and takes its import for an error then, or damages an index of the target (seen on 7.1.5).
 */
export function isEmptied(counterGroup: Buffer): boolean {
  const { Values } = JSON.parse(counterGroup.toString()) as { Values: { '@vals': Record<string, unknown> } };
  return Object.values(Values['@vals']).every((value) => typeof value === 'string');
}

/** The name of the time series that a segment belongs to. */
export function seriesName(json: Buffer): string {
  return stringAfter(json, json.indexOf(SERIES_NAME), SERIES_NAME);
}

/**
 * The etag of an item's last write on one storage, out of its change vector (`A:123-<databaseId>, B:...`); 0 when
 * it was never written there. Never above the item's etag in that storage.
 */
export function etagIn(json: Buffer, databaseId: string): number {
  const vector = changeVectorOf(json);
  const end = vector.indexOf(`-${databaseId}`);
  return end < 0 ? 0 : Number(vector.slice(vector.lastIndexOf(':', end) + 1, end));
}

/** The change vector of an item; empty when it has none. */
export function changeVectorOf(json: Buffer): string {
  const documents = json.lastIndexOf(CHANGE_VECTOR);
  return documents >= 0
    ? stringAfter(json, documents, CHANGE_VECTOR)
    : stringAfter(json, json.indexOf(OWN_CHANGE_VECTOR), OWN_CHANGE_VECTOR);
}

/** A document or revision with another change vector, all other bytes as they are. */
export function withChangeVector(json: Buffer, changeVector: string): Buffer {
  const at = json.lastIndexOf(CHANGE_VECTOR) + CHANGE_VECTOR.length;
  return Buffer.concat([
    json.subarray(0, at),
    Buffer.from(changeVector),
    json.subarray(endOfString(json, at)),
  ]);
}

/** The part of a document's metadata that a transfer looks at. */
export interface ItemMetadata {
  '@collection'?: string;
  '@flags'?: string;
  '@attachments'?: AttachmentRef[];
  '@counters'?: string[];
  '@timeseries'?: string[];
}

/** The attachments of a document or revision. */
export function attachmentsOf(json: Buffer): AttachmentRef[] {
  return json.indexOf(ATTACHMENTS) < 0 ? [] : (metadataOf(json)['@attachments'] ?? []);
}

/** The metadata of a document or revision. */
export function metadataOf(json: Buffer): ItemMetadata {
  // a property of that name may also lie deeper; the metadata is the last property of the document
  for (let at = json.lastIndexOf(METADATA); at >= 0; at = at > 0 ? json.lastIndexOf(METADATA, at - 1) : -1) {
    try {
      return JSON.parse(json.toString('utf8', at + METADATA.length - 1, json.length - 1)) as ItemMetadata;
    } catch {
      // more than one object: the metadata begins further ahead
    }
  }
  return {};
}

function stringAfter(json: Buffer, at: number, name: Buffer): string {
  if (at < 0) return '';
  const start = at + name.length;
  const end = endOfString(json, start);
  const text = json.toString('utf8', start, end);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

/** Where the quote is that ends a string. */
function endOfString(json: Buffer, start: number): number {
  let end = start;
  while (end < json.length && json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1;
  return end;
}
