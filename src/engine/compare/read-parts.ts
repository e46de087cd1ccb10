/** The first half of a comparison: workers share the parts of both sides, read them and sum up digests. */

import { z } from 'zod';
import {
  type Compared,
  type ComparedStorage,
  type ComparisonPlan,
  compared,
  type Misplaced,
  MOST_MISPLACED,
  type Reading,
  type ReadingProgress,
  type ReadPart,
  type ReadResult,
  unread,
} from '../../core/compare/comparison.ts';
import { RangeSums } from '../../core/compare/range-sums.ts';
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import { type PieceKind, piecesOf } from '../../core/copy/pieces.ts';
import type { DigestDepth } from '../../core/digest/document-digest.ts';
import { idHasher, itemDigester } from '../../core/digest/item-digest.ts';
import { lowerCase, sharding } from '../../core/sharding/buckets.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { etagIn } from '../../ravendb/dump/dump-items.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { type DatabaseCounts, databaseCounts, storagesOf } from '../../ravendb/requests/statistics.ts';
import { usableCuts } from '../../ravendb/smuggler/etag-cuts.ts';
import { itemsOf, type RawItem } from '../../ravendb/smuggler/item-stream.ts';
import { lastHeartbeat } from '../work/last-heartbeat.ts';
import { RateLimit } from '../work/rate-limit.ts';
import type { Work } from '../work/work.ts';

/** What there is to read, in parts. */
export async function planComparison(work: Work, sides: Pair<DatabaseRef>): Promise<ComparisonPlan> {
  const storages: ComparedStorage[] = [];
  for (const side of ['source', 'target'] as const)
    for (const storage of await storagesOf(work.database(sides[side]))) storages.push({ side, ...storage });
  const items = await askEach(work.tuning.connection, storages, (storage) => itemsIn(work.database(storage)));
  const kinds = (Object.keys(KINDS) as PieceKind[]).filter(
    (kind) => kind === 'Documents' || items.some((each) => each[kind] > 0),
  );
  const { itemsPerPart: perPiece, maxParts, maxPartsInAll } = work.tuning.compare;
  const share = Math.floor(maxPartsInAll / (storages.length * kinds.length));
  const most = Math.max(1, Math.min(maxParts, share));
  const readings: Reading[] = [];
  for (const [index, storage] of storages.entries()) {
    for (const kind of kinds) {
      const all = { kind, items: items[index]?.[kind] ?? 0, perPiece, most };
      const cuts = await usableCuts(work.database(storage), storage, all);
      const pieces = piecesOf(kind, cuts, Number.MAX_SAFE_INTEGER - 1);
      readings.push(...pieces.map((piece) => ({ storage, piece })));
    }
  }
  const totalItems = items.reduce((sum, each) => sum + kinds.reduce((of, kind) => of + each[kind], 0), 0);
  return { storages, readings, totalItems };
}

/** Reads both sides as a whole, one part after another. @throws RavenError */
export async function readSides(
  work: Work,
  sides: Pair<DatabaseRef>,
  depth?: DigestDepth,
): Promise<Compared & ComparisonPlan> {
  const plan = await planComparison(work, sides);
  const readings: { reading: Reading; read: ReadingProgress }[] = [];
  let items = 0;
  for (const reading of plan.readings) {
    if (depth === 'collection' && reading.piece.kind !== 'Documents') continue;
    const { read } = await readPart(
      work,
      { reading, number: 0 },
      {
        depth,
        onProgress: (now) =>
          work.report({ transferred: { items: items + now.items, totalItems: plan.totalItems } }),
      },
    );
    items += read.items;
    readings.push({ reading, read });
  }
  return { ...plan, ...compared(readings) };
}

const KINDS: Record<PieceKind, keyof DatabaseCounts> = {
  Documents: 'documents',
  RevisionDocuments: 'revisions',
  CounterGroups: 'counterGroups',
  TimeSeries: 'timeSeriesSegments',
};

async function itemsIn(storage: Database): Promise<Record<PieceKind, number>> {
  const counts = await databaseCounts(storage);
  const entries = Object.entries(KINDS).map(([kind, count]) => [kind, counts[count]]);
  return Object.fromEntries(entries) as Record<PieceKind, number>;
}

const progressSchema: z.ZodType<ReadingProgress> = z.object({
  next: z.number(),
  items: z.number(),
  bytes: z.number(),
  sums: z.string(),
  attachments: z.number(),
  counters: z.number(),
  misplaced: z.array(z.object({ id: z.string(), shard: z.number() })),
});

interface Reader {
  depth?: DigestDepth | undefined;
  onProgress(read: ReadingProgress): void;
}

/**
 * Reads one part in constant memory and sums up its digests. The next attempt resumes where this one stopped. When the
 * workflow cancels it, the result says how far it came.
 */
export async function readPart(work: Work, input: ReadPart, reader?: Reader): Promise<ReadResult> {
  const { reading, number, maxItemsPerSecond } = input;
  const lastAttempt = reader ? undefined : lastHeartbeat(work, progressSchema);
  const resumeFrom = lastAttempt ?? input.reached ?? unread(reading);
  let safe = resumeFrom;
  const tell = (read: ReadingProgress) => {
    safe = read;
    if (reader) return reader.onProgress(read);
    work.heartbeat(read);
    const { next, items, bytes } = read;
    if (!input.isSilent) work.report({ piece: { number, progress: { next, items, bytes } } });
  };
  tell(resumeFrom);
  const stopReading = new AbortController();
  try {
    const { storage, piece } = reading;
    const database = work.database(storage).within(stopReading.signal);
    const sum = await PartSum.of(work, reading, resumeFrom, reader?.depth);
    const limit = new RateLimit(maxItemsPerSecond, work.signal);
    let toldAt = Date.now();
    for await (const items of itemsOf(database, piece.kind, resumeFrom.next)) {
      const isPast = sum.add(items);
      if (isPast) break;
      await limit.keep(sum.items - resumeFrom.items);
      if (Date.now() - toldAt < work.tuning.compare.tellMs || !sum.canResume) continue;
      toldAt = Date.now();
      tell(sum.progress());
    }
    tell(sum.progress());
  } catch (error) {
    if (reader || !work.canceledByWorkflow) throw error;
    return { done: false, read: safe };
  } finally {
    stopReading.abort();
  }
  return { done: true, read: safe };
}

/** The sums of one part. */
class PartSum {
  readonly #reading: Reading;
  readonly #digest: Awaited<ReturnType<typeof itemDigester>>;
  readonly #keyOf: (lowerId: string) => bigint;
  readonly #shardOf: ((id: string) => number | undefined) | undefined;
  readonly #sums: RangeSums;
  readonly #read: ReadingProgress;
  #lastEtag = 0;

  private constructor(
    reading: Reading,
    resumeFrom: ReadingProgress,
    means: { digest: Awaited<ReturnType<typeof itemDigester>>; keyOf: (lowerId: string) => bigint },
    shardOf: ((id: string) => number | undefined) | undefined,
  ) {
    this.#reading = reading;
    this.#digest = means.digest;
    this.#keyOf = means.keyOf;
    this.#shardOf = shardOf;
    this.#sums = RangeSums.from(resumeFrom.sums);
    this.#read = { ...resumeFrom, misplaced: [...resumeFrom.misplaced] };
  }

  static async of(
    work: Work,
    reading: Reading,
    resumeFrom: ReadingProgress,
    depth?: DigestDepth,
  ): Promise<PartSum> {
    const means = { digest: await itemDigester(reading.piece.kind, depth), keyOf: await idHasher() };
    return new PartSum(reading, resumeFrom, means, await shardOfIds(work, reading));
  }

  get items(): number {
    return this.#read.items;
  }

  /** Whether the last item has an etag of this storage; items that came from another database have none. */
  get canResume(): boolean {
    return this.#lastEtag > 0;
  }

  progress(): ReadingProgress {
    const { next } = this.#read;
    return { ...this.#read, next: Math.max(next, this.#lastEtag + 1), sums: this.#sums.toText() };
  }

  /** @returns whether the end of the part was passed */
  add(items: RawItem[]): boolean {
    const { storage, piece } = this.#reading;
    for (const { json, blob } of items) {
      const etag = etagIn(json, storage.databaseId);
      if (etag >= piece.before) return true;
      this.#lastEtag = etag;
      const digest = this.#digest(json, blob);
      this.#read.bytes += json.length + blob.length;
      if (!digest) continue;
      this.#sums.add(this.#keyOf(lowerCase(digest.id)), digest.hash);
      this.#read.items++;
      this.#read.attachments += digest.attachments;
      this.#read.counters += digest.counters;
      if (piece.kind === 'Documents') this.#checkPlacement(digest.id);
    }
    return false;
  }

  #checkPlacement(id: string): void {
    const { shard } = this.#reading.storage;
    if (!this.#shardOf || shard === null) return;
    const belongs = this.#shardOf(id);
    if (belongs === undefined || belongs === shard || this.#read.misplaced.length >= MOST_MISPLACED) return;
    const misplaced: Misplaced = { id, shard };
    this.#read.misplaced.push(misplaced);
  }
}

async function shardOfIds(work: Work, { storage, piece }: Reading) {
  if (storage.shard === null || piece.kind !== 'Documents') return undefined;
  const database = storage.database.slice(0, storage.database.lastIndexOf('$'));
  const record = await databaseRecord(work.database({ ...storage, database }));
  return await sharding(record?.Sharding ?? {});
}
