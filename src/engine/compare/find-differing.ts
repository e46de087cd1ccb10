/** Everything that belongs to documents and differs, kind by kind. Writes nothing. */

import type { RepairSides } from '../../core/compare/repair.ts';
import { documentIds } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { PieceKind } from '../../core/copy/pieces.ts';
import { DifferenceTable, type FoundOn } from '../../core/digest/difference-table.ts';
import { idHasher } from '../../core/digest/item-digest.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { attachmentsOf } from '../../ravendb/dump/dump-items.ts';
import { chunks } from '../work/chunks.ts';
import { openPair, type Work } from '../work/work.ts';
import { compareById } from './compare-documents.ts';
import { differingKeys, names, passesOver, type Reading, type Search } from './differing-keys.ts';

/** At most so many documents have their time series read entry by entry. */
const MOST_SERIES = 100_000;
const AT_A_TIME = 1_000;

/** What differs of one kind. */
export interface DifferingKind {
  /** How many documents, by the side that has items of the kind. */
  counts: Record<FoundOn, number>;
  /** The ids of the first of them, by the side that has items of the kind. */
  ids: Record<FoundOn, string[]>;
  /** How many are not named. */
  more: number;
}

/** All ids that are named. */
export function idsOfKind({ ids }: DifferingKind): string[] {
  return [...ids.source, ...ids.both, ...ids.target];
}

/** What differs, by kind; kinds that do not differ are absent. */
export interface DifferingItems {
  kinds: Partial<Record<PieceKind, DifferingKind>>;
  /** Documents whose attachments differ; counted on request. */
  attachments: number;
  /** How many documents were taken while they were found. */
  taken: number;
  /** Whether so many time series differ that not all of them were read entry by entry. */
  timeSeriesAtMost: boolean;
}

/** How much to find out. */
interface Extent {
  /** How many ids of each kind to name. */
  most: number;
  /** Whether to count documents whose attachments differ. */
  attachments?: boolean;
  /** Takes the documents that the target lacks while they are found; they are not named then. */
  takeMissing?: Reading['takeMissing'];
}

/**
 * Finds what differs now in the ranges in which a comparison has found differences. What was written since counts, too:
 * the source is right.
 * @throws RavenError
 */
export async function findDiffering(
  work: Work,
  sides: RepairSides,
  { most, attachments = false, takeMissing }: Extent,
): Promise<DifferingItems> {
  const databases = openPair(work, sides);
  const { storages, compared, allowExtra, skipped = [] } = sides;
  const hash = await idHasher();
  const keyOf = (id: string) => hash(lowerCase(id));
  const without = skipped.filter(({ kind }) => kind === 'document').map(({ id }) => keyOf(id));
  const search: Search = {
    storages,
    differing: compared.differing,
    documents: Math.max(compared.documents.source, compared.documents.target),
    mayHaveMore: allowExtra ? 'target' : undefined,
    live: [],
  };
  const found: DifferingItems = { kinds: {}, attachments: 0, taken: 0, timeSeriesAtMost: false };
  let items = 0;
  for (const [kind, ranges] of Object.entries(compared.differing) as [PieceKind, number[]][]) {
    const isSeries = kind === 'TimeSeries';
    const of: DifferingKind = {
      counts: { source: 0, target: 0, both: 0 },
      ids: { source: [], target: [], both: [] },
      more: 0,
    };
    for (const isWanted of await passesOver(work, search, kind, { keyOf, ranges })) {
      const counter = attachments && kind === 'Documents' ? await AttachmentCounter.create() : undefined;
      const onItem: Reading['onItem'] = (side, key, json) => {
        if (++items % AT_A_TIME === 0) work.report({ transferred: { doing: 'finding what differs', items } });
        counter?.add(side, key, json);
      };
      const remembered = { most, ids: new Map<bigint, string>() };
      const how = { keyOf, isWanted, onItem, remembered, takeMissing };
      const keys = await differingKeys(work, search, kind, how);
      for (const key of without) keys.delete(key);
      found.attachments += counter?.differing(keys) ?? 0;
      for (const on of keys.values()) of.counts[on]++;
      const isTaken = takeMissing !== undefined && kind === 'Documents';
      const toName = [...keys].filter(([, on]) => !isTaken || on !== 'source').map(([key]) => key);
      found.taken += keys.size - toName.length;
      const named = of.ids.source.length + of.ids.target.length + of.ids.both.length;
      const room = Math.max(0, (isSeries ? MOST_SERIES : most) - named);
      const chosen = new Set(toName.slice(0, room));
      of.more += toName.length - chosen.size;
      const known = [...remembered.ids].filter(([key]) => chosen.delete(key));
      for (const [key, id] of [...known, ...(await names(work, search, kind, { keyOf, wanted: chosen }))])
        of.ids[keys.get(key) ?? 'both'].push(id);
    }
    if (isSeries) {
      found.timeSeriesAtMost = of.more > 0;
      await leaveOutEqualSeries(work, databases, of, allowExtra);
    }
    if (of.counts.source + of.counts.target + of.counts.both > 0) found.kinds[kind] = of;
  }
  return found;
}

/** Segments of time series may differ although their entries are equal. */
async function leaveOutEqualSeries(
  work: Work,
  databases: Pair<Database>,
  of: DifferingKind,
  extraAllowed: boolean,
): Promise<void> {
  const ids = of.ids.both;
  const differing: string[] = [];
  let items = 0;
  for (const some of chunks(ids, AT_A_TIME)) {
    work.signal.throwIfAborted();
    const differences = await compareById(databases, some, { extraAllowed });
    differing.push(...documentIds(differences.filter(({ kind }) => kind === 'time series')));
    items += some.length;
    work.report({ transferred: { doing: 'comparing time series', items, totalItems: ids.length } });
  }
  of.counts.both -= ids.length - differing.length;
  of.ids.both = differing;
}

/** Counts documents whose lists of attachments differ. */
class AttachmentCounter {
  readonly #table = new DifferenceTable();
  readonly #hash: (text: string) => bigint;

  private constructor(hash: (text: string) => bigint) {
    this.#hash = hash;
  }

  static async create(): Promise<AttachmentCounter> {
    return new AttachmentCounter(await idHasher());
  }

  add(side: 'source' | 'target', key: bigint, json: Buffer): void {
    const attachments = attachmentsOf(json);
    this.#table.add(side, key, attachments.length > 0 ? this.#hash(JSON.stringify(attachments)) : 0n);
  }

  /** @param keys of documents that differ; others are not counted */
  differing(keys: ReadonlyMap<bigint, FoundOn>): number {
    let count = 0;
    for (const [key] of this.#table.differing()) if (keys.has(key)) count++;
    return count;
  }
}
