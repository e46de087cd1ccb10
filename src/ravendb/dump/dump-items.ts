/** Reading single facts out of an item of a dump, such as its id; the item's bytes stay as they are. */

import { endOfString, etagOf, splitMetadata, stringAfter } from '../../core/digest/item-bytes.ts';
import { objectsIn, textIn, textsIn } from '../../core/digest/metadata-values.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';

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
/** Separates a document's id from the rest of the key of a revision or attachment. */
const KEY_SEPARATOR = '\u001e';
const OF_DOCUMENT = Buffer.from('"Type":"Document"');
const OF_REVISION = Buffer.from('"Type":"Revision"');
const SERIES_NAME = Buffer.from('"Name":"');
const ATTACHMENTS = Buffer.from('"@attachments":[');

/**
 * The id of a document or revision. RavenDB writes its own metadata after the user's, so the last `@id` is the
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

/** The key of an item of compare exchange, or of an identity. */
export function keyOf(json: Buffer): string {
  return stringAfter(json, json.indexOf(KEY), KEY);
}

/**
 * The id (in lower case) of the document whose revision or attachment a tombstone stands for; undefined for a
 * tombstone of a document.
 */
export function tombstoneOwner(json: Buffer): string | undefined {
  const key = stringAfter(json, json.indexOf(KEY), KEY);
  const end = key.indexOf(KEY_SEPARATOR);
  return end < 0 ? undefined : key.slice(0, end);
}

/** Whether a tombstone stands for a revision. */
export function isRevisionTombstone(json: Buffer): boolean {
  return json.indexOf(OF_REVISION) >= 0;
}

/** A tombstone of a revision with the document that it belonged to, as RavenDB has written it since 6.0. */
export function withTombstoneOwner(json: Buffer, id: string): Buffer {
  const at = json.indexOf(KEY) + KEY.length;
  const owner = JSON.stringify(`${lowerCase(id)}${KEY_SEPARATOR}`).slice(1, -1);
  return Buffer.concat([json.subarray(0, at), Buffer.from(owner), json.subarray(at)]);
}

/** The id (in lower case) of the document that a tombstone stands for; undefined for a tombstone of anything else. */
export function tombstoneId(json: Buffer): string | undefined {
  return json.indexOf(OF_DOCUMENT) < 0 ? undefined : stringAfter(json, json.indexOf(KEY), KEY);
}

/**
 * A group without the counters that were deleted; undefined when nothing is left. RavenDB remembers them until it cleans their
 * tombstones, also when the document is deleted or moves to another collection. Importing them fails then, damages an index
 * of the target, or writes its document anew, with an id in lower case (seen on 7.1.5).
 */
export function withoutDeletedCounters(counterGroup: Buffer): Buffer | undefined {
  const { Values } = JSON.parse(counterGroup.toString()) as { Values: { '@vals': Record<string, unknown> } };
  const values = Object.values(Values['@vals']);
  if (values.every((value) => typeof value === 'string')) return undefined;
  return values.some((value) => typeof value === 'string') ? withoutTexts(counterGroup) : counterGroup;
}

const COUNTER_VALUES = '"@vals":{';
/** The value is a text for a deleted counter, and else a list of numbers, whose digits must stay. */
const COUNTER = /"(?:[^"\\]|\\.)*":(?:(?<text>"(?:[^"\\]|\\.)*")|\[[^\]]*\]),?/y;

function withoutTexts(counterGroup: Buffer): Buffer {
  // a character for each byte
  const text = counterGroup.toString('latin1');
  const from = text.indexOf(COUNTER_VALUES) + COUNTER_VALUES.length;
  const kept: string[] = [];
  let end = from;
  COUNTER.lastIndex = from;
  for (let found = COUNTER.exec(text); found; found = COUNTER.exec(text)) {
    end = COUNTER.lastIndex;
    if (found.groups?.text === undefined) kept.push(found[0].replace(/,$/, ''));
  }
  return Buffer.from(`${text.slice(0, from)}${kept.join(',')}${text.slice(end)}`, 'latin1');
}

/** The name of the time series that a segment belongs to. */
export function seriesName(json: Buffer): string {
  return stringAfter(json, json.indexOf(SERIES_NAME), SERIES_NAME);
}

/** The etag of an item's last write on one storage; see `etagOf`. */
export function etagIn(json: Buffer, databaseId: string): number {
  return etagOf(changeVectorOf(json), databaseId);
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

/** The part of a document's metadata that a transfer uses. */
export interface ItemMetadata {
  /** `@empty` for a document that names none. */
  '@collection': string;
  '@flags': string;
  '@attachments': AttachmentRef[];
  '@counters': string[];
  '@timeseries': string[];
}

/** The attachments of a document or revision. */
export function attachmentsOf(json: Buffer): AttachmentRef[] {
  return json.indexOf(ATTACHMENTS) < 0 ? [] : metadataOf(json)['@attachments'];
}

/** The metadata of a document or revision. */
export function metadataOf(json: Buffer): ItemMetadata {
  const parsed = splitMetadata(json, (text) => JSON.parse(text) as Record<string, unknown>);
  const metadata = parsed?.metadata ?? {};
  return {
    '@collection': textIn(metadata['@collection']) || '@empty',
    '@flags': textIn(metadata['@flags']),
    '@attachments': objectsIn(metadata['@attachments']).filter(isAttachmentRef),
    '@counters': textsIn(metadata['@counters']),
    '@timeseries': textsIn(metadata['@timeseries']),
  };
}

function isAttachmentRef(value: Record<string, unknown>): value is Record<string, unknown> & AttachmentRef {
  const { Name, Hash, ContentType, Size } = value;
  const texts = [Name, Hash, ContentType].every((each) => typeof each === 'string');
  return texts && typeof Size === 'number';
}
