/** Telling damage from what is on its way. */

import type { Difference, Laggard } from '../../core/compare/verification.ts';
import { differenceKey, documentIds } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { compareById } from './compare-documents.ts';

/** How often what differs is looked at again. */
const LOOKS = 3;

/** What to look at, and what happens between two looks. */
export interface Settling {
  /** What differs now; of these differences where some are given. */
  look(among?: readonly Difference[]): Promise<Difference[]>;
  /** What lagged when it was looked at before. */
  earlier?: readonly Laggard[] | undefined;
  /**
   * Gives the target time, or what it lacks.
   * @returns whether a difference may be newer than that; asked after the next look
   */
  between(
    differences: readonly Difference[],
  ): Promise<(difference: Difference) => boolean | Promise<boolean>>;
}

/** What came of it. */
export interface Settled {
  damage: Difference[];
  laggards: Laggard[];
}

/** What is the same before and after, and not newer, is damage; anything else is on its way. @throws RavenError */
export async function settle(settling: Settling): Promise<Settled> {
  const since = new Date().toISOString();
  const damage: Difference[] = [];
  let before = await settling.look();
  for (let look = 1; before.length > 0 && look <= LOOKS; look++) {
    const isNewer = await settling.between(before);
    const now = await settling.look(before);
    const known = new Set(before.map(differenceKey));
    before = [];
    for (const each of now) {
      const isDamage = known.has(differenceKey(each)) && !(await isNewer(each));
      (isDamage ? damage : before).push(each);
    }
  }
  return { damage, laggards: laggardsOf(before, settling.earlier, since) };
}

/**
 * Documents of differences that are on their way.
 * @param earlier what is known to have lagged before
 * @param since when the others were seen
 */
export function laggardsOf(
  differences: readonly Difference[],
  earlier: readonly Laggard[] = [],
  since = new Date().toISOString(),
): Laggard[] {
  const known = new Map(earlier.map((each) => [each.id, each.since]));
  return documentIds(differences).map((id) => ({ id, since: known.get(id) ?? since }));
}

/** Looks at all that belongs to documents. @param ids of documents, in any case */
export function lookById(
  databases: Pair<Database>,
  ids: readonly string[],
  extraAllowed: boolean,
): Settling['look'] {
  return (among) => compareById(databases, among ? documentIds(among) : ids, { extraAllowed });
}
