/** Mends very many documents at the speed of a copy: only what differs is read and sent. */

import type { Pair } from '../../core/contract/contract.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { documentDump, dumpOf } from '../../ravendb/requests/documents.ts';
import { type DifferingItems, type DifferingKind, idsOfKind } from '../compare/find-differing.ts';
import { routeDump } from '../transfer/dump-to-shards.ts';
import { chunks } from '../work/chunks.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';
import { sideBySide } from '../work/side-by-side.ts';
import type { Work } from '../work/work.ts';
import { clearTheWay } from './documents.ts';
import { repairCounters, repairTimeSeries } from './extensions.ts';
import { openRepair, type Repair } from './open-repair.ts';
import { repairRevisions } from './revisions.ts';

/** Documents that are sent as one dump: each costs an import on each shard; one that is refused, as many again. */
const PER_DUMP = 4_000;
const PER_REQUEST = 1_000;
/** As a copy, so that the target imports one load while the next one is read. */
const AT_ONCE = 3;
/** What belongs to so many documents is mended together: each time the items of their collections are read once. */
const PER_PASS = 50_000;

const NONE: DifferingKind = {
  counts: { source: 0, target: 0, both: 0 },
  ids: { source: [], target: [], both: [] },
  more: 0,
};

/**
 * Mends what was found. What the target's server refuses is left; the next comparison names it.
 * @param options.allowExtra whether the target may hold revisions of its own, which then stay
 * @throws RavenError
 */
export async function mendMany(
  work: Work,
  databases: Pair<Database>,
  { found: { kinds }, allowExtra }: { found: DifferingItems; allowExtra: boolean },
): Promise<void> {
  const { Documents = NONE, CounterGroups = NONE, TimeSeries = NONE, RevisionDocuments = NONE } = kinds;
  const all = [Documents, CounterGroups, TimeSeries, RevisionDocuments].flatMap(idsOfKind);
  const own = new Set(allowExtra ? idsOfKind(RevisionDocuments).map(lowerCase) : []);
  const repair = await openRepair(work, databases, own);
  const mender = new Mender(repair, all.length);
  const conflicts = new Set<string>();
  const clearAndSend = async (_repair: Repair, ids: readonly string[]) => {
    const wanted: string[] = [];
    for (const some of chunks(ids, PER_REQUEST)) {
      const cleared = await clearTheWay(repair, some);
      wanted.push(...cleared.wanted);
      for (const id of cleared.conflicts) conflicts.add(id);
    }
    await sendByIds(repair, wanted);
  };
  await mender.mend([...Documents.ids.target, ...Documents.ids.both], { size: PER_DUMP, by: clearAndSend });
  await mender.mend(Documents.ids.source, { size: PER_DUMP, by: sendByIds });
  await mender.mend([...conflicts], { size: PER_REQUEST, by: repairRevisions, atOnce: 1 });
  await mender.mend(idsOfKind(CounterGroups), { size: PER_PASS, by: repairCounters, atOnce: 1 });
  await mender.mend(idsOfKind(TimeSeries), { size: PER_PASS, by: repairTimeSeries, atOnce: 1 });
  // after the others, because they may have created revisions
  await mender.mend(idsOfKind(RevisionDocuments), { size: PER_REQUEST, by: repairRevisions, atOnce: 1 });
}

async function sendByIds(repair: Repair, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { work, source, databases } = repair;
  await routeDump(work, databases, { dump: documentDump(source.database, ids, { atATime: PER_REQUEST }) });
}

/** Sends documents that the target lacks. @throws RavenError also when the server refuses one of them */
export async function sendDocuments(
  work: Work,
  databases: Pair<Database>,
  documents: AsyncIterable<readonly Buffer[]>,
): Promise<void> {
  await routeDump(work, databases, { dump: dumpOf(databases.source, documents) });
}

/** One way to mend documents, and how many together and side by side. */
interface How {
  size: number;
  by: (repair: Repair, ids: readonly string[]) => Promise<void>;
  atOnce?: number;
}

/** Mends documents and says how far it is. */
class Mender {
  readonly #repair: Repair;
  readonly #totalItems: number;
  #items = 0;

  constructor(repair: Repair, totalItems: number) {
    this.#repair = repair;
    this.#totalItems = totalItems;
  }

  async mend(ids: readonly string[], { size, by, atOnce = AT_ONCE }: How): Promise<void> {
    const { work } = this.#repair;
    const mendSome = async (some: readonly string[]) => {
      work.signal.throwIfAborted();
      await allOrOneByOne(some, (these) => by(this.#repair, these));
      this.#items += some.length;
      // one in conflict counts twice
      const items = Math.min(this.#items, this.#totalItems);
      const transferred = { doing: 'repairing', items, totalItems: this.#totalItems };
      work.report({ transferred });
    };
    await sideBySide([...chunks(ids, size)], atOnce, mendSome);
  }
}
