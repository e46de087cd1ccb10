/** Repairs everything that the last comparison found to differ, not only the differences that it lists. */

import type { RepairedMany, RepairSides } from '../../core/compare/repair.ts';
import { type Difference, MAX_DIFFERENCES } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { distinctIds } from '../../core/sharding/buckets.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { compareById } from '../compare/compare-documents.ts';
import { type DifferingItems, findDiffering, idsOfKind } from '../compare/find-differing.ts';
import { withoutSkipped } from '../compare/skipped-items.ts';
import { compareClusterItems } from '../database-wide/differences.ts';
import { chunks } from '../work/chunks.ts';
import { openPair, type Work } from '../work/work.ts';
import { mendMany, sendDocuments } from './many-documents.ts';
import { repairFound } from './repair.ts';

/** Documents that are compared and mended together where few differ. */
const AT_A_TIME = 500;
/** Ids of a kind that are held in memory. When more differ, the rest is found when these are mended. */
const MOST_IDS = 500_000;

/**
 * Finds what differs now, and copies exactly that again, or deletes it where only the target has it. Few documents are
 * mended with a comparison before and after; very many are sent like a copy, and the next comparison tells what is left.
 * May be repeated: what was mended no longer differs, so another attempt goes on where this one stood. Writes nothing to
 * the source.
 */
export async function repairMany(work: Work, sides: RepairSides): Promise<RepairedMany> {
  const databases = openPair(work, sides);
  const left: Difference[] = [];
  let documents = 0;
  let isChecked = true;
  for (let before = Number.POSITIVE_INFINITY; before > 0; ) {
    const found = await findAndSend(work, databases, sides);
    const ids = idsOf(found);
    const more = Object.values(found.kinds).reduce((sum, kind) => sum + kind.more, 0);
    // what is not named is found when these are mended, unless the server refuses them all
    if (ids.length + more >= before) break;
    before = more === 0 ? 0 : ids.length + more;
    if (ids.length + found.taken <= work.tuning.repair.oneByOne) {
      const misplaced = sides.compared.misplaced.map(({ id }) => id);
      left.push(...(await mendFew(work, databases, { ids: [...ids, ...misplaced], sides })));
    } else {
      isChecked = false;
      await mendMany(work, databases, { found, allowExtra: sides.allowExtra });
    }
    documents += ids.length + found.taken;
  }
  left.push(...(await mendClusterItems(work, databases, sides)));
  return { documents, left: left.slice(0, MAX_DIFFERENCES), isChecked };
}

/**
 * Finds what differs. Where the target lacks very many documents, they are sent while they are found: the source reads
 * them once.
 */
async function findAndSend(
  work: Work,
  databases: Pair<Database>,
  sides: RepairSides,
): Promise<DifferingItems> {
  const { source, target } = sides.compared.documents;
  const extent = { most: MOST_IDS };
  if (source - target <= work.tuning.repair.oneByOne) return await findDiffering(work, sides, extent);
  try {
    const takeMissing = (documents: AsyncIterable<readonly Buffer[]>) =>
      sendDocuments(work, databases, documents);
    return await findDiffering(work, sides, { ...extent, takeMissing });
  } catch (error) {
    // by their ids they can be sent around those that are refused
    if (!isRefusal(error)) throw error;
    return await findDiffering(work, sides, extent);
  }
}

function idsOf({ kinds }: DifferingItems): string[] {
  return distinctIds(Object.values(kinds).flatMap(idsOfKind));
}

async function mendFew(
  work: Work,
  databases: Pair<Database>,
  { ids, sides }: { ids: readonly string[]; sides: RepairSides },
): Promise<Difference[]> {
  const left: Difference[] = [];
  let items = 0;
  for (const some of chunks(ids, AT_A_TIME)) {
    work.signal.throwIfAborted();
    const differing = await compareById(databases, some, { extraAllowed: sides.allowExtra });
    left.push(...(await repairFound(work, databases, differing)));
    items += some.length;
    work.report({ transferred: { doing: 'repairing', items, totalItems: ids.length } });
  }
  return left;
}

/** Keys, identities and indexes; however many keys differ. */
async function mendClusterItems(
  work: Work,
  databases: Pair<Database>,
  { allowExtra, skipped }: RepairSides,
): Promise<Difference[]> {
  const differing = withoutSkipped(await compareClusterItems(databases, allowExtra), skipped);
  const left: Difference[] = [];
  let items = 0;
  for (const some of chunks(differing, AT_A_TIME)) {
    work.signal.throwIfAborted();
    left.push(...(await repairFound(work, databases, some)));
    items += some.length;
    work.report({ transferred: { doing: 'repairing keys', items, totalItems: differing.length } });
  }
  return left;
}
