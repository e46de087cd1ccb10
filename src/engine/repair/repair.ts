/**
 * Repairs what a verification has found: copies again only the items that differ, in the same way as the copy. Writes
 * nothing to the source.
 */

import { z } from 'zod';
import {
  type Difference,
  type DifferenceKind,
  ONLY_ON_TARGET,
  type Repaired,
  type RepairInput,
} from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { lowerCase } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { compareById } from '../compare/compare-documents.ts';
import { compareNamed, repairNamed } from '../database-wide/repair.ts';
import { differenceSchema, lastHeartbeat } from '../work/last-heartbeat.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';
import { openPair, type Work } from '../work/work.ts';
import { repairDocuments } from './documents.ts';
import { repairCounters, repairTimeSeries } from './extensions.ts';
import { openRepair, type Repair } from './open-repair.ts';
import { repairRevisions } from './revisions.ts';

/** Kinds that belong to a document. */
const OF_DOCUMENTS: ReadonlySet<DifferenceKind> = new Set([
  'document',
  'attachment',
  'counter',
  'time series',
  'revision',
  'placement',
]);
const NAMED: ReadonlySet<DifferenceKind> = new Set(['compare exchange', 'identity', 'index']);
/** One step may delete a document with everything that belongs to it; the next pass restores the rest. */
const MAX_PASSES = 4;

/** Why a difference remains after a repair, and what to do about it. */
const ADVICE: Partial<Record<DifferenceKind, string>> = {
  setting: 'settings are not repaired one by one: change it on the target by hand',
  'number of items': 'a number does not name the items to repair: verify again to learn which ones differ',
  placement:
    'RavenDB changes nothing on a shard that does not hold the bucket, and returns the document to no client: only a ' +
    'copy into a new target is without it',
  index: 'change it on the source, or create it on the target by hand',
  identity: 'the source may have raised it in the meantime: repair again',
};
const ANY_ADVICE = 'repair again; if it still differs, look at both sides in the Studio';

/**
 * Copies the differing items from the source to the target, or deletes them if only the target has them, and compares
 * them again. Not for a target that RavenDB's own replication feeds: there, our deletion would be newer than what is
 * still to arrive. May be repeated at any time.
 */
export async function repairItems(work: Work, input: RepairInput): Promise<Repaired> {
  const earlier = lastHeartbeat(work, firstLookSchema);
  const { items } = input;
  const databases = openPair(work, input);
  const own = new Set(earlier?.own ?? (await ownSurplus(databases, items)));
  const first = await compareAgain(databases, items, own);
  const before = earlier?.before ?? first;
  work.heartbeat({ before, own: [...own] } satisfies FirstLook);
  return { before, after: await repairAll(work, databases, { items, first, own }) };
}

/** The same for items that were just compared. @returns what still differs, and what to do about it */
export async function repairFound(
  work: Work,
  databases: Pair<Database>,
  items: readonly Difference[],
): Promise<Difference[]> {
  const own = new Set(await ownSurplus(databases, items));
  return await repairAll(work, databases, { items, first: items, own });
}

async function repairAll(
  work: Work,
  databases: Pair<Database>,
  {
    items,
    first,
    own,
  }: { items: readonly Difference[]; first: readonly Difference[]; own: ReadonlySet<string> },
): Promise<Difference[]> {
  let after = first;
  let refused: Refusals = new Map();
  for (let pass = 0; pass < MAX_PASSES && after.some(isRepairable); pass++) {
    refused = await repairOnce(work, databases, { differing: after, own });
    after = await compareAgain(databases, items, own);
  }
  return after.map((each) => advised(each, refused));
}

/** What the first comparison found, before any change. The heartbeat keeps it for the next attempt. */
interface FirstLook {
  before: Difference[];
  /** Ids, in lower case, of documents of which the target may have items of its own. */
  own: string[];
}

const firstLookSchema: z.ZodType<FirstLook> = z.object({
  before: z.array(differenceSchema),
  own: z.array(z.string()),
});

function isComparable({ kind }: Difference): boolean {
  return OF_DOCUMENTS.has(kind) || NAMED.has(kind);
}

function isRepairable(difference: Difference): boolean {
  return isComparable(difference) && difference.kind !== 'placement';
}

/** Why the server refused a repair, by item. */
type Refusals = Map<string, string>;

function itemKey({ kind, id }: Difference): string {
  return `${kind} ${lowerCase(id)}`;
}

function advised(difference: Difference, refused: Refusals): Difference {
  const { kind, what } = difference;
  return {
    ...difference,
    what: `${what}; ${refused.get(itemKey(difference)) ?? ADVICE[kind] ?? ANY_ADVICE}`,
  };
}

/**
 * Ids of which the target has something that the source does not have and that no item names: either the target's own,
 * or a change on the source that is still to arrive. Anything else that only the target has is damage, or a result of
 * the repair: a target that keeps revisions creates one for each document that is written.
 */
async function ownSurplus(databases: Pair<Database>, items: readonly Difference[]): Promise<string[]> {
  const found = await compareById(databases, idsOf(items), { extraAllowed: false });
  const surplus = (all: readonly Difference[]) =>
    new Set(all.filter(isSurplus).map(({ id }) => lowerCase(id)));
  const named = surplus(items);
  return [...surplus(found)].filter((key) => !named.has(key));
}

/** Compares the items again. @returns those that differ now */
async function compareAgain(
  databases: Pair<Database>,
  items: readonly Difference[],
  own: ReadonlySet<string>,
): Promise<Difference[]> {
  const compare = (extraAllowed: boolean) => {
    const ids = idsOf(items).filter((id) => own.has(lowerCase(id)) === extraAllowed);
    return compareById(databases, ids, { extraAllowed });
  };
  return [
    ...(await compare(true)),
    ...(await compare(false)),
    ...(await compareNamed(databases, items)),
    ...items.filter((each) => !isComparable(each)),
  ];
}

function idsOf(items: readonly Difference[]): string[] {
  return items.filter(({ kind }) => OF_DOCUMENTS.has(kind)).map(({ id }) => id);
}

function isSurplus({ kind, what }: Difference): boolean {
  return (kind === 'document' || kind === 'revision') && what.includes(ONLY_ON_TARGET);
}

/** Runs one pass of the repair. @returns what the server refused */
async function repairOnce(
  work: Work,
  databases: Pair<Database>,
  { differing, own }: { differing: readonly Difference[]; own: ReadonlySet<string> },
): Promise<Refusals> {
  const repair = await openRepair(work, databases, own);
  const refused: Refusals = new Map();
  const byId = (step: (repair: Repair, ids: string[]) => Promise<void>) => (items: readonly Difference[]) =>
    step(repair, [...new Set(items.map(({ id }) => id))]);
  const step = async (
    kinds: readonly DifferenceKind[],
    doIt: (items: readonly Difference[]) => Promise<void>,
  ) => {
    const items = differing.filter(({ kind }) => kinds.includes(kind));
    for (const [item, why] of await allOrOneByOne(items, doIt)) refused.set(itemKey(item), why);
  };
  await step(['document', 'attachment'], byId(repairDocuments));
  await step(['counter'], byId(repairCounters));
  await step(['time series'], byId(repairTimeSeries));
  // after the other steps, because they may have created revisions
  await step(['revision'], byId(repairRevisions));
  await step([...NAMED], (items) => repairNamed(databases, items));
  return refused;
}
