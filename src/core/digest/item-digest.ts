/** Digests of the items that belong to documents: what counts for each kind, and what RavenDB derives. */
import xxhash from 'xxhash-wasm';
import type { PieceKind } from '../copy/pieces.ts';
import { type DigestDepth, documentDigester } from './document-digest.ts';
import { exactNumbers } from './item-bytes.ts';

/** An item as a comparison sees it. */
interface ItemDigest {
  /** Id of the document that it is or belongs to, as the item has it: maybe in lower case. */
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

/** Digests an item; undefined if it is not compared. @param blob raw bytes after the item */
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
 * - documents and revisions: see `document-digest.ts`; the output of indexes and revisions that mark deletions are not
 *   compared;
 * - counter groups: the total of each counter, because grouping and the parts by database may differ;
 * - time series: segments byte for byte. Equal entries may be split into other segments, so differing segments are
 *   read entry by entry before they count as a difference.
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
    // a deleted counter has a text
    if (typeof value === 'string') continue;
    // for each database: its part of the value, then the etag of that part
    const parts = value.filter((_, index) => index % 2 === 0);
    const total = BigInt.asIntN(
      64,
      parts.reduce<bigint>((sum, part) => sum + BigInt(String(part)), 0n),
    );
    // RavenDB ignores the case of a name, and shows that of its first or its last use
    const name = (Values['@names'][key] ?? key).toLowerCase();
    hash += h64(JSON.stringify([DocId, name, String(total)]));
    counters++;
  }
  return { id: DocId, hash: BigInt.asUintN(64, hash), attachments: 0, counters };
}

/** Numbers as text where some may be beyond what a number holds exactly. */
function parseExactly<T>(text: string): T {
  return (MORE_THAN_A_DOUBLE.test(text) ? JSON.parse(text, exactNumbers) : JSON.parse(text)) as T;
}
