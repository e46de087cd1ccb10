/**
 * Counters that the import refuses, carried by the counters API. RavenDB 7.1.5 imports no group with a counter of
 * -9223372036854775808 (`InvalidCastException`), but its API takes that value.
 */

import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { incrementCountersBy, readCounters } from '../../ravendb/requests/extensions.ts';

/** What a counter holds: a signed integer of 64 bits. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * Increments the counters of a document on the target by what they lack. Such an increment counts as the target's own:
 * when the source changes the counter later, and its import is not refused any more, the verification finds a
 * difference and a repair corrects it.
 * @returns whether the target has the same counters now
 * @throws RavenError
 */
export async function incrementCounters({ source, target }: Pair<Database>, id: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([readCounters(source, id), readCounters(target, id)]);
  const there = new Map(theirs.map(({ name, value }) => [name.toLowerCase(), BigInt(value)]));
  const increments = ours
    .map(({ name, value }) => ({ name, by: BigInt(value) - (there.get(name.toLowerCase()) ?? 0n) }))
    .filter(({ name, by }) => by !== 0n || !there.has(name.toLowerCase()));
  if (increments.some(({ by }) => by < LEAST || by > MOST)) return false;
  try {
    for (const increment of increments) await incrementCountersBy(target, id, [increment]);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
