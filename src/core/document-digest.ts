/**
 * The digest of a document, by which source and target are compared without holding either.
 *
 * A line of `streams/docs?format=jsonl` is the document as JSON with `@metadata` as its last property. The body is
 * hashed byte for byte, so that a number whose digits differ is a difference. Of the metadata everything counts
 * but what RavenDB derives or renews on import: change vector, time of the last change, flags, names of time
 * series (a series without entries keeps its name), an empty list of counters, the order of counters.
 */
import xxhash from 'xxhash-wasm';

/** What is kept of a document. */
export interface DocumentDigest {
  id: string;
  /** 64-bit hash of id, body and metadata. */
  hash: bigint;
  /** Etag of the last write on the node that was asked for; 0 when it was never written there. */
  etag: number;
  counters: number;
  attachments: number;
  /** Output of an index; the server writes it anew, it is not copied. */
  artificial: boolean;
}

const METADATA = Buffer.from('"@metadata":{');
const HAS_NUMBER = /"\s*:\s*-?\d|[[,]\s*-?\d/;
/** Metadata that RavenDB derives, or renews on import. */
export const DERIVED: ReadonlySet<string> = new Set([
  '@change-vector',
  '@last-modified',
  '@flags',
  '@timeseries',
  '@id',
]);
/** Enough that a few differing documents leave only a small part to look at again. */
export const RANGES = 4096;

/** The metadata of a document, its numbers as text that keeps their digits. */
export interface Metadata {
  '@id': string;
  '@collection'?: string;
  '@change-vector'?: string;
  '@flags'?: string;
  '@counters'?: string[];
  '@attachments'?: unknown[];
  [name: string]: unknown;
}

/** What of a document is digested: all that counts, or only that it exists, and in which collection. */
export type DigestDepth = 'content' | 'collection';

/**
 * Makes a function that digests one line, without its line break. The function throws when it is no document.
 * @param databaseId whose etag of the change vector (`A:123-<databaseId>`) is wanted
 */
export async function documentDigester(
  databaseId: string,
  depth: DigestDepth = 'content',
): Promise<(line: Buffer) => DocumentDigest> {
  const { h64, h64Raw } = await xxhash();
  return (line) => {
    const { body, metadata } = splitDocument(line);
    const flags = metadata['@flags'] ?? '';
    const counters = metadata['@counters']?.length ?? 0;
    const kept = Object.entries(metadata).filter(([name]) => !DERIVED.has(name));
    const compared = kept.filter(([name]) => name !== '@counters' || counters > 0);
    compared.sort(([a], [b]) => (a < b ? -1 : 1));
    // RavenDB keeps them in an order that an import may change
    metadata['@counters']?.sort();
    const whole = depth === 'content';
    const rest = whole
      ? JSON.stringify([metadata['@id'], compared])
      : JSON.stringify([metadata['@id'].toLowerCase(), metadata['@collection']]);
    return {
      id: metadata['@id'],
      hash: whole ? h64(rest, h64Raw(body)) : h64(rest),
      etag: etagOf(metadata['@change-vector'] ?? '', databaseId),
      counters,
      attachments: metadata['@attachments']?.length ?? 0,
      artificial: flags.includes('Artificial'),
    };
  };
}

/** Parts a line into the bytes before `"@metadata"` and the metadata. */
export function splitDocument(line: Buffer): { body: Buffer; metadata: Metadata } {
  // a property of that name may also lie deeper, in the body or in the metadata: the outermost ends with the document
  for (let at = line.lastIndexOf(METADATA); at >= 0; at = at > 0 ? line.lastIndexOf(METADATA, at - 1) : -1) {
    const text = line.subarray(at + METADATA.length - 1, line.length - 1).toString();
    const metadata = parseMetadata(text);
    if (metadata) return { body: line.subarray(0, at), metadata };
  }
  // not quoted: it may hold anything, and errors reach Temporal's history
  throw new Error(`A line of ${line.length} bytes in the stream of documents is not a document.`);
}

/** The metadata, or undefined when the text is more or less than one object. */
function parseMetadata(text: string): Metadata | undefined {
  try {
    return HAS_NUMBER.test(text) ? JSON.parse(text, numbersAsWritten) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps the digits of a number, which are part of the content. */
function numbersAsWritten(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? `number ${context?.source}` : value;
}

function etagOf(changeVector: string, databaseId: string): number {
  const end = changeVector.indexOf(`-${databaseId}`);
  return end < 0 ? 0 : Number(changeVector.slice(changeVector.lastIndexOf(':', end) + 1, end));
}

/** Sums of digests over ranges of ids: equal sums mean equal documents, in any order. */
export class RangeDigests {
  readonly #sums = new BigUint64Array(RANGES);
  readonly #rangeOf: (id: string) => number;
  documents = 0;
  counters = 0;
  attachments = 0;

  constructor(rangeOf: (id: string) => number) {
    this.#rangeOf = rangeOf;
  }

  add(document: DocumentDigest): void {
    const range = this.#rangeOf(document.id);
    // a BigUint64Array wraps, so this is a sum modulo 2^64
    this.#sums[range] = (this.#sums[range] ?? 0n) + document.hash;
    this.documents++;
    this.counters += document.counters;
    this.attachments += document.attachments;
  }

  /** Numbers of the ranges in which two sides differ. */
  differingRanges(other: RangeDigests): number[] {
    const differing: number[] = [];
    for (let range = 0; range < RANGES; range++) {
      if (this.#sums[range] !== other.#sums[range]) differing.push(range);
    }
    return differing;
  }
}

/** Makes the function that assigns an id to its range; ids are case-insensitive in RavenDB. */
export async function idRanges(): Promise<(id: string) => number> {
  const { h32 } = await xxhash();
  return (id) => h32(id.toLowerCase()) % RANGES;
}
