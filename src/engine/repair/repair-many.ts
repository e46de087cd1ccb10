/** Repairs everything that the last comparison found to differ, not only the differences that it lists. */
import { type Difference, MAX_DIFFERENCES, type RepairedMany } from '../../core/compare/verification.ts';
import { compareById } from '../compare/compare-documents.ts';
import { type ComparedSides, differingDocuments, searchOf } from '../compare/differing-documents.ts';
import { chunks } from '../work/chunks.ts';
import { openPair, type Work } from '../work/work.ts';
import { repairFound } from './repair.ts';

const AT_A_TIME = 500;

/**
 * Finds the documents that differ, and copies them again one by one if they are so few that this is faster than a copy
 * of everything. Otherwise it changes nothing. May be repeated: repaired documents no longer differ.
 */
export async function repairMany(work: Work, input: ComparedSides): Promise<RepairedMany> {
  const { oneByOne } = work.tuning.repair;
  const databases = openPair(work, input);
  const extraAllowed = input.target.allowExistingData;
  const found = await differingDocuments(work, searchOf(input, oneByOne), { databases, extraAllowed });
  if (found.more > 0) return { documents: 0, left: [], tooMany: found.ids.length + found.more };
  const ids = [...found.ids, ...input.compared.misplaced.map(({ id }) => id)];
  const left: Difference[] = [];
  let items = 0;
  for (const some of chunks(ids, AT_A_TIME)) {
    work.signal.throwIfAborted();
    const differing = await compareById(databases, some, { extraAllowed });
    left.push(...(await repairFound(work, databases, differing)));
    items += some.length;
    work.heartbeat({ items });
    work.report({ transferred: { doing: 'repairing', items, totalItems: ids.length } });
  }
  return { documents: ids.length, left: left.slice(0, MAX_DIFFERENCES), tooMany: 0 };
}
