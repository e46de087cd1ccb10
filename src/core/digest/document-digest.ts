/**
 * The digest of a document, so that source and target are compared without keeping either in memory.
 *
 * A line of `streams/docs?format=jsonl` is the document as JSON with `@metadata` as its last property. The body is
 * hashed byte for byte, so numbers with different digits are different. All metadata counts except what RavenDB
 * derives or changes on import: change vector, time of the last change, flags, names of time series (a series without
 * entries keeps its name), an empty list of counters, the order of counters and the case of their names.
 */
import xxhash from 'xxhash-wasm';
import { etagOf, splitMetadata } from './item-bytes.ts';
import { objectsIn, textIn, textsIn } from './metadata-values.ts';

/** What a comparison keeps of a document. */
export interface DocumentDigest {
  id: string;
  /** 64-bit hash of id, body and metadata. */
  hash: bigint;
  /** Etag of the last write in the given storage; 0 if it was never written there. */
  etag: number;
  counters: number;
  attachments: number;
  /** Whether it is the output of an index, which the target's server writes itself. */
  artificial: boolean;
  /** Whether it is a revision that marks a deletion; RavenDB adds some of these on import. */
  deletion: boolean;
}

const HAS_NUMBER = /"\s*:\s*-?\d|[[,]\s*-?\d/;
/** Metadata that RavenDB derives or changes on import. */
export const DERIVED: ReadonlySet<string> = new Set([
  '@change-vector',
  '@last-modified',
  '@flags',
  '@timeseries',
  '@id',
]);
/** A revision never changes, so its time and flags count. */
const DERIVED_OF_REVISION: ReadonlySet<string> = new Set(['@change-vector', '@id']);

/** The metadata of a document; numbers are texts that keep their digits. */
export interface Metadata {
  '@id': string;
  [name: string]: unknown;
}

/** What counts: the content of a document or of a revision, or only that a document exists in a collection. */
export type DigestDepth = 'content' | 'revision' | 'collection';

/**
 * Makes a function that digests one line, without its line break. The function throws if the line is not a document.
 * @param databaseId the storage whose etag is taken from the change vector (`A:123-<databaseId>`)
 */
export async function documentDigester(
  databaseId: string,
  depth: DigestDepth = 'content',
): Promise<(line: Buffer) => DocumentDigest> {
  const { h64, h64Raw } = await xxhash();
  const derived = depth === 'revision' ? DERIVED_OF_REVISION : DERIVED;
  return (line) => {
    const { body, metadata } = splitDocument(line);
    const flags = textIn(metadata['@flags']);
    const names = textsIn(metadata['@counters']);
    const counters = names.length;
    const kept = Object.entries(metadata).filter(([name]) => !derived.has(name));
    // an import may change their order, and the case in which they are listed
    const sorted = names.map((name) => name.toLowerCase()).sort(byText);
    const compared = kept.flatMap(([name, value]): [string, unknown][] => {
      if (name !== '@counters') return [[name, value]];
      return counters > 0 ? [[name, sorted]] : [];
    });
    compared.sort(([a], [b]) => byText(a, b));
    const whole = depth !== 'collection';
    const rest = whole
      ? JSON.stringify([metadata['@id'], compared])
      : JSON.stringify([metadata['@id'].toLowerCase(), metadata['@collection']]);
    return {
      id: metadata['@id'],
      hash: whole ? h64(rest, h64Raw(body)) : h64(rest),
      etag: etagOf(textIn(metadata['@change-vector']), databaseId),
      counters,
      attachments: objectsIn(metadata['@attachments']).length,
      artificial: flags.includes('Artificial'),
      deletion: flags.includes('DeleteRevision'),
    };
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** Splits a line into the bytes before its metadata, and the metadata. @throws Error if it is not a document */
export function splitDocument(line: Buffer): { body: Buffer; metadata: Metadata } {
  const parts = splitMetadata(line, parseMetadata);
  // the line is not quoted: errors reach Temporal's history, and it may contain anything
  if (!parts) throw new Error(`A line of ${line.length} bytes in the stream of documents is not a document.`);
  return parts;
}

function parseMetadata(text: string): Metadata {
  return HAS_NUMBER.test(text) ? JSON.parse(text, numbersAsWritten) : JSON.parse(text);
}

/** Keeps the digits of a number, because they count, and marks it so that no text equals it. */
function numbersAsWritten(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? `number ${context?.source}` : value;
}
