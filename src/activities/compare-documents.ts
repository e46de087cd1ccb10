/**
 * Comparing every document of two databases in constant memory: first sums of digests over ranges of ids, then,
 * only where sums differ, the documents of these ranges one by one.
 */
import {
  type DigestDepth,
  type DocumentDigest,
  documentDigester,
  idRanges,
  RANGES,
  RangeDigests,
} from '../core/document-digest.ts';
import type { SideBySide } from '../core/verification.ts';
import { shardName } from '../ravendb/database.ts';
import { documentLines } from '../ravendb/documents.ts';
import type { Sides } from './compare-items.ts';
import type { Run } from './environment.ts';

/** A document that differs between the sides. */
export interface Suspect {
  id: string;
  what: string;
  /** Etag on the source; 0 when it is not there or was never written on its node. */
  etag: number;
}

interface Options {
  databaseId: string;
  /** Whether the target may hold documents that the source has not. */
  extraAllowed: boolean;
  /** By collection alone, only what is on the target is looked at. */
  depth?: DigestDepth;
}

/** Documents of a side that are held in memory at a time, as digests. */
const DOCUMENTS_AT_A_TIME = 100_000;
/** More differing documents than this are not a repair but a new copy; the rest is only counted. */
const MAX_SUSPECTS = 1_000;
const TELL_EVERY_DOCUMENTS = 5_000;

/** One comparison of the documents of two databases. */
export class DocumentComparison {
  readonly #sides: Sides;
  readonly #run: Run;
  readonly #options: Options;
  readonly #digest: (line: Buffer) => DocumentDigest;
  readonly #rangeOf: (id: string) => number;
  #source: RangeDigests;
  #target: RangeDigests;
  #perShard: Record<string, number> = {};
  /** Ranges that differ but were not looked into, because too many documents differ already. */
  rangesNotLookedInto = 0;

  private constructor(
    sides: Sides,
    run: Run,
    options: Options,
    digest: (line: Buffer) => DocumentDigest,
    rangeOf: (id: string) => number,
  ) {
    this.#sides = sides;
    this.#run = run;
    this.#options = options;
    this.#digest = digest;
    this.#rangeOf = rangeOf;
    this.#source = new RangeDigests(rangeOf);
    this.#target = new RangeDigests(rangeOf);
  }

  static async open(sides: Sides, run: Run, options: Options): Promise<DocumentComparison> {
    const [digest, rangeOf] = await Promise.all([
      documentDigester(options.databaseId, options.depth),
      idRanges(),
    ]);
    return new DocumentComparison(sides, run, options, digest, rangeOf);
  }

  /** Reads every document of both sides and gives those that differ now. */
  async differing(): Promise<Suspect[]> {
    await this.#digestAll();
    const ranges = this.#source.differingRanges(this.#target);
    const all: Suspect[] = [];
    const share = DOCUMENTS_AT_A_TIME / Math.max(1, this.#source.documents, this.#target.documents);
    const atATime = Math.max(1, Math.floor(RANGES * share));
    for (let next = 0; next < ranges.length; next += atATime) {
      this.rangesNotLookedInto = all.length < MAX_SUSPECTS ? 0 : ranges.length - next;
      if (this.rangesNotLookedInto > 0) break;
      const wanted = new Set(ranges.slice(next, next + atATime));
      all.push(...(await this.#compareEach((id) => wanted.has(this.#rangeOf(id)))));
    }
    return all;
  }

  async #digestAll(): Promise<void> {
    this.#source = new RangeDigests(this.#rangeOf);
    this.#target = new RangeDigests(this.#rangeOf);
    this.#perShard = Object.fromEntries(this.#sides.shards.map((shard) => [shard, 0]));
    const startedAt = Date.now();
    const tell = () => {
      const items = this.#source.documents + this.#target.documents;
      const seconds = (Date.now() - startedAt) / 1000;
      const itemsPerSecond = seconds > 1 ? Math.round(items / seconds) : 0;
      this.#run.report({ transferred: { items, ...(itemsPerSecond > 0 && { itemsPerSecond }) } });
    };
    await this.#readBothSides(
      (document) => {
        this.#source.add(document);
        if (this.#source.documents % TELL_EVERY_DOCUMENTS === 0) tell();
      },
      (document, shard) => {
        this.#target.add(document);
        this.#perShard[shard] = (this.#perShard[shard] ?? 0) + 1;
      },
    );
    tell();
  }

  documents(): SideBySide {
    return { source: this.#source.documents, target: this.#target.documents };
  }

  documentsPerShard(): Record<string, number> {
    return this.#perShard;
  }

  /** What the documents say of their attachments and counters. */
  counts(): Record<string, SideBySide> {
    const both = (kind: 'attachments' | 'counters') => ({
      source: this.#source[kind],
      target: this.#target[kind],
    });
    return { attachments: both('attachments'), counters: both('counters') };
  }

  async #compareEach(wanted: (id: string) => boolean): Promise<Suspect[]> {
    const source = new Map<string, DocumentDigest>();
    const target = new Map<string, DocumentDigest>();
    const keep = (into: Map<string, DocumentDigest>) => (document: DocumentDigest) => {
      if (wanted(document.id)) into.set(document.id.toLowerCase(), document);
    };
    await this.#readBothSides(keep(source), keep(target));
    const suspects: Suspect[] = [];
    for (const [key, { id, etag, hash }] of source) {
      const copied = target.get(key);
      if (!copied && this.#options.depth === 'collection') continue;
      if (!copied) suspects.push({ id, etag, what: 'is missing on the target' });
      else if (copied.hash !== hash) suspects.push({ id, etag, what: 'differs' });
    }
    if (this.#options.extraAllowed) return suspects;
    for (const [key, { id }] of target) {
      if (!source.has(key)) suspects.push({ id, etag: 0, what: 'is on the target only' });
    }
    return suspects;
  }

  async #readBothSides(
    onSource: (document: DocumentDigest) => void,
    onTarget: (document: DocumentDigest, shard: number) => void,
  ): Promise<void> {
    const { from, into, source, target, shards } = this.#sides;
    await Promise.all([
      this.#read(from, source, onSource),
      ...shards.map((shard) =>
        this.#read(into, shardName(target, shard), (document) => onTarget(document, shard)),
      ),
    ]);
  }

  async #read(
    connection: Sides['from'],
    database: string,
    onDocument: (document: DocumentDigest) => void,
  ): Promise<void> {
    for await (const lines of documentLines(connection, database)) {
      for (const line of lines) {
        const document = this.#digest(line);
        // the output of an index is made by the server, not copied
        if (!document.artificial) onDocument(document);
      }
    }
  }
}
