/** Telling damage from changes that are still on their way. */

import type { Difference, Laggard } from '../../core/compare/verification.ts';
import { differenceKey, documentIds } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { compareById } from './compare-documents.ts';

/** How often differences are looked at again. */
const MAX_LOOKS = 3;

/** What to look at, and what happens between two looks. */
export interface Confirmation {
  /** The differences that exist now; among these where some are given. */
  look(among?: readonly Difference[]): Promise<Difference[]>;
  /** What lagged before. */
  earlier?: readonly Laggard[] | undefined;
  /**
   * Gives the target time, or what it lacks.
   * @returns tells, after the next look, whether a difference is newer than that
   */
  between(
    differences: readonly Difference[],
  ): Promise<(difference: Difference) => boolean | Promise<boolean>>;
}

export interface Confirmed {
  damage: Difference[];
  laggards: Laggard[];
}

/**
 * Looks several times. A difference that stays the same and is not newer is damage; any other is still on its way.
 * @throws RavenError
 */
export async function confirmDifferences(confirmation: Confirmation): Promise<Confirmed> {
  const since = new Date().toISOString();
  const damage: Difference[] = [];
  let before = await confirmation.look();
  for (let look = 1; before.length > 0 && look <= MAX_LOOKS; look++) {
    const isNewer = await confirmation.between(before);
    const now = await confirmation.look(before);
    const known = new Set(before.map(differenceKey));
    before = [];
    for (const each of now) {
      const isDamage = known.has(differenceKey(each)) && !(await isNewer(each));
      (isDamage ? damage : before).push(each);
    }
  }
  return { damage, laggards: laggardsOf(before, confirmation.earlier, since) };
}

/**
 * The documents of differences that are still on their way.
 * @param earlier documents that lagged before
 * @param since when the others were first seen
 */
export function laggardsOf(
  differences: readonly Difference[],
  earlier: readonly Laggard[] = [],
  since = new Date().toISOString(),
): Laggard[] {
  const known = new Map(earlier.map((each) => [each.id, each.since]));
  return documentIds(differences).map((id) => ({ id, since: known.get(id) ?? since }));
}

/** Looks at documents with everything that belongs to them. @param ids in any case */
export function lookById(
  databases: Pair<Database>,
  ids: readonly string[],
  extraAllowed: boolean,
): Confirmation['look'] {
  return (among) => compareById(databases, among ? documentIds(among) : ids, { extraAllowed });
}
