/** Digests of the items that belong to documents: what counts of each kind, and what RavenDB derives. */
import xxhash from 'xxhash-wasm';
import type { PieceKind } from '../copy/pieces.ts';
import { type DigestDepth, documentDigester } from './document-digest.ts';
import { exactNumbers } from './item-bytes.ts';

/** An item as a comparison sees it. */
interface ItemDigest {
  /** Of the document that it is or belongs to; as the item writes it, which may be in lower case. */
  id: string;
  hash: bigint;
  attachments: number;
  counters: number;
}

/** Makes the hash by which ids are compared. It takes an id in lower case. */
export async function idHasher(): Promise<(lowerId: string) => bigint> {
  const { h64 } = await xxhash();
  return (lowerId) => h64(lowerId);
}

/** Gives the digest of an item, undefined for one that is not compared. @param blob raw bytes that follow the item */
export type Digester = (json: Buffer, blob: Buffer) => ItemDigest | undefined;

interface CounterGroup {
  DocId: string;
  Values: { '@names': Record<string, string>; '@vals': Record<string, unknown[] | string> };
}

interface Segment {
  '@raven-data': { DocId: string; Name: string; Baseline: string };
}

const MORE_THAN_A_DOUBLE = /\d{16}/;

/**
 * Makes the function for a kind:
 * - documents and revisions: see `document-digest.ts`; output of an index and revisions that only say that a document
 *   was deleted are not compared;
 * - counter groups: the total of each counter, for RavenDB groups them, and keeps parts by database, as it likes;
 * - time series: a segment byte for byte. Equal entries may be cut into other segments; what differs is read entry by
 *   entry before it is called a difference.
 */
export async function itemDigester(kind: PieceKind, depth?: DigestDepth): Promise<Digester> {
  const { h64, h64Raw } = await xxhash();
  if (kind === 'CounterGroups') return (json) => counterDigest(json, h64);
  if (kind === 'TimeSeries') {
    return (json, blob) => {
      const { DocId, Name, Baseline } = (JSON.parse(json.toString()) as Segment)['@raven-data'];
      const hash = h64(JSON.stringify([DocId, Name, Baseline]), h64Raw(blob));
      return { id: DocId, hash, attachments: 0, counters: 0 };
    };
  }
  const digest = await documentDigester('', kind === 'RevisionDocuments' ? 'revision' : depth);
  return (json) => {
    const document = digest(json);
    return document.artificial || document.deletion ? undefined : document;
  };
}

function counterDigest(json: Buffer, h64: (text: string) => bigint): ItemDigest {
  const text = json.toString();
  const { DocId, Values } = parseExactly<CounterGroup>(text);
  let hash = 0n;
  let counters = 0;
  for (const [key, value] of Object.entries(Values['@vals'])) {
    // a deleted counter leaves a text
    if (typeof value === 'string') continue;
    // by database: its part of the value, and the etag of that
    const parts = value.filter((_, index) => index % 2 === 0);
    const total = BigInt.asIntN(
      64,
      parts.reduce<bigint>((sum, part) => sum + BigInt(String(part)), 0n),
    );
    hash += h64(JSON.stringify([DocId, Values['@names'][key] ?? key, String(total)]));
    counters++;
  }
  return { id: DocId, hash: BigInt.asUintN(64, hash), attachments: 0, counters };
}

/** Numbers as text where some may be beyond what a number holds exactly. */
function parseExactly<T>(text: string): T {
  return (MORE_THAN_A_DOUBLE.test(text) ? JSON.parse(text, exactNumbers) : JSON.parse(text)) as T;
}
