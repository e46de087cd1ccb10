/** Telling damage from what is on its way. */
import type { Difference, Laggard } from '../core/verification.ts';
import { compareById } from './compare-by-id.ts';
import type { Run } from './environment.ts';
import type { BothSides } from './read-sides.ts';

/** How often what differs is looked at again. */
const LOOKS = 3;

/** What to look at, and what happens between two looks. */
export interface Settling {
  sides: BothSides;
  /** Documents, with all that belongs to them. */
  ids: readonly string[];
  extraAllowed: boolean;
  /** What lagged when it was looked at before. */
  earlier?: readonly Laggard[] | undefined;
  /**
   * Gives the target time, or what it lacks.
   * @returns whether a difference may be newer than that
   */
  between(differences: readonly Difference[]): Promise<(difference: Difference) => boolean>;
}

/** What came of it. */
export interface Settled {
  damage: Difference[];
  laggards: Laggard[];
}

/** What is the same before and after, and not newer, is damage; anything else is on its way. @throws RavenError */
export async function settle(run: Run, settling: Settling): Promise<Settled> {
  const { sides, ids, extraAllowed } = settling;
  const since = new Date().toISOString();
  const damage: Difference[] = [];
  let before = await compareById(run, sides, ids, { extraAllowed });
  for (let look = 1; before.length > 0 && look <= LOOKS; look++) {
    const isNewer = await settling.between(before);
    const now = await compareById(run, sides, idsOf(before), { extraAllowed });
    const known = new Set(before.map(keyOf));
    const isDamage = (each: Difference) => known.has(keyOf(each)) && !isNewer(each);
    damage.push(...now.filter(isDamage));
    before = now.filter((each) => !isDamage(each));
  }
  const earlier = new Map(settling.earlier?.map((each) => [each.id, each.since]));
  return { damage, laggards: idsOf(before).map((id) => ({ id, since: earlier.get(id) ?? since })) };
}

/** Documents of differences, each once. */
function idsOf(differences: readonly Difference[]): string[] {
  return [...new Set(differences.map(({ id }) => id))];
}

function keyOf({ kind, id, what }: Difference): string {
  return JSON.stringify([kind, id, what]);
}
