/**
 * Compares a file with the target: each of its documents by content, each of its deletions by absence. Must run right
 * after the import of the file, because the next file changes what this one contains.
 */

import { type Difference, MAX_DIFFERENCES } from '../../core/compare/verification.ts';
import { type DocumentDigest, documentDigester } from '../../core/digest/document-digest.ts';
import { sharding } from '../../core/sharding/buckets.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { documentId, tombstoneId } from '../../ravendb/dump/dump-items.ts';
import { isAttachment } from '../../ravendb/dump/dump-scanner.ts';
import { scan } from '../../ravendb/dump/scan.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { documentsOf, readIds } from '../../ravendb/requests/documents.ts';
import { chunks } from '../work/chunks.ts';
import { forgetDocumentsOf } from './dump-file.ts';

const BATCH = 500;

/** The file and the target to compare. */
export interface FileComparison {
  target: Database;
  /** The plain bytes of the file; each call starts at the beginning. */
  open(): Promise<AsyncIterable<Buffer>>;
  /** Whether the file's deletions were applied. */
  deletions: boolean;
  /** Whether contents must be equal. If not (they were changed on purpose), only existence and collection count. */
  content: boolean;
  /** Which documents were to be imported; all by default. */
  accepts: ((list: string, json: Buffer) => boolean) | undefined;
  onProgress(documents: number): void;
}

/** What the comparison found. */
export interface FileDifferences {
  documents: number;
  mismatches: number;
  /** The first mismatches. */
  differences: Difference[];
}

/** Compares a file with a target, in constant memory. @throws RavenError */
export async function compareFile(input: FileComparison): Promise<FileDifferences> {
  const { target, accepts } = input;
  const comparison = await Comparison.open(input);
  const deleted = new Set<string>();
  const suspects = new Set<string>();
  const items = scan(await input.open(), (list, json) => {
    if (list === 'Docs' && !isAttachment(json) && accepts?.(list, json) !== false) return { document: json };
    const id = input.deletions && list === 'Tombstones' ? tombstoneId(json) : undefined;
    return id === undefined ? undefined : { deleted: id };
  });
  const look = async () => {
    const ids = [...deleted];
    deleted.clear();
    for (const some of chunks(ids, BATCH)) {
      for (const id of (await readIds(target, some)).keys()) suspects.add(id);
    }
  };
  for await (const some of items) {
    for (const { document, deleted: id } of some) {
      if (document) comparison.add(document);
      else if (id !== undefined) deleted.add(id);
    }
    await comparison.work();
    if (deleted.size >= BATCH) await look();
  }
  await comparison.end();
  await comparison.settleRepeated();
  await look();
  // a document that was deleted and created again belongs on the target
  if (suspects.size > 0) await forgetDocumentsOf(await input.open(), suspects);
  for (const id of suspects)
    comparison.note(id, 'is on the target, although the file says that it was deleted');
  return comparison.found;
}

/** Compares documents of the file with those of the shards, in batches of one shard each. */
class Comparison {
  readonly found: FileDifferences = { documents: 0, mismatches: 0, differences: [] };
  readonly #input: FileComparison;
  readonly #shardOf: (id: string) => number | undefined;
  readonly #digest: (line: Buffer) => DocumentDigest;
  readonly #open = new Map<number | undefined, DocumentDigest[]>();
  /** Hashes on the target of documents that differ from an item of the file, by id in lower case. */
  readonly #differing = new Map<string, { id: string; theirs: bigint }>();
  readonly #full: { shard: number | undefined; batch: DocumentDigest[] }[] = [];

  private constructor(
    input: FileComparison,
    shardOf: (id: string) => number | undefined,
    digest: (line: Buffer) => DocumentDigest,
  ) {
    this.#input = input;
    this.#shardOf = shardOf;
    this.#digest = digest;
  }

  static async open(input: FileComparison): Promise<Comparison> {
    const record = await databaseRecord(input.target);
    const shardOf = await sharding(record?.Sharding ?? {});
    const digest = await documentDigester('', input.content ? 'content' : 'collection');
    return new Comparison(input, shardOf, digest);
  }

  add(json: Buffer): void {
    const document = this.#digest(json);
    const shard = this.#shardOf(document.id);
    const batch = this.#open.get(shard) ?? [];
    batch.push(document);
    this.#open.set(shard, batch);
    if (batch.length < BATCH) return;
    this.#open.delete(shard);
    this.#full.push({ shard, batch });
  }

  note(id: string, what: string): void {
    this.found.mismatches++;
    if (this.found.differences.length < MAX_DIFFERENCES)
      this.found.differences.push({ kind: 'document', id, what });
  }

  /** Compares the full batches once there are enough of them. */
  async work(atLeast = this.#atOnce.requestsAtOnce): Promise<void> {
    if (this.#full.length < atLeast) return;
    await askEach(this.#atOnce, this.#full.splice(0), (each) => this.#compare(each));
  }

  get #atOnce() {
    return this.#input.target.http.tuning;
  }

  /** Compares the remaining batches. */
  async end(): Promise<void> {
    for (const [shard, batch] of this.#open) this.#full.push({ shard, batch });
    await this.work(1);
  }

  /** Notes what differs. Of a document that a file has more than once, the last one counts: RavenDB imports them in order. */
  async settleRepeated(): Promise<void> {
    if (this.#differing.size === 0) return;
    const last = new Map<string, bigint>();
    const documents = scan(await this.#input.open(), (list, json) => {
      if (list !== 'Docs' || isAttachment(json)) return undefined;
      return this.#differing.has(documentId(json).toLowerCase()) ? this.#digest(json) : undefined;
    });
    for await (const some of documents) for (const { id, hash } of some) last.set(id.toLowerCase(), hash);
    for (const [key, { id, theirs }] of this.#differing)
      if (last.get(key) !== theirs) this.note(id, 'differs from the file');
  }

  async #compare({ shard, batch }: { shard: number | undefined; batch: DocumentDigest[] }): Promise<void> {
    const { target } = this.#input;
    const storage = shard === undefined ? target : target.shard(shard);
    const here = new Map<string, bigint>();
    const ids = batch.map(({ id }) => id);
    for await (const some of documentsOf(storage, ids))
      for (const { id, hash } of some.map(this.#digest)) here.set(id.toLowerCase(), hash);
    for (const { id, hash } of batch) {
      const theirs = here.get(id.toLowerCase());
      if (theirs === undefined) this.note(id, 'is missing on the target');
      else if (theirs !== hash) this.#differing.set(id.toLowerCase(), { id, theirs });
    }
    this.found.documents += batch.length;
    this.#input.onProgress(this.found.documents);
  }
}
