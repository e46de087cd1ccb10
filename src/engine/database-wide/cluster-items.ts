/**
 * Puts right what a round cannot carry of compare exchange and identities: a key whose deletion the source has
 * forgotten (RavenDB does after ten minutes), and whatever else differs.
 */

import { type Matched, mergeByKey } from '../../core/compare/merge-by-key.ts';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import {
  type CompareExchangeItem,
  compareExchange,
  compareExchangeItem,
  deleteCompareExchange,
  identities,
  putCompareExchange,
  seedIdentity,
} from '../../ravendb/requests/cluster-items.ts';
import type { Work } from '../work/work.ts';

/** Two databases whose cluster-wide items are compared. */
export interface ClusterSides {
  from: RavenConnection;
  into: RavenConnection;
  source: string;
  target: string;
}

/**
 * Makes compare exchange equal by key and value, and raises identities that are lower than on the source (none is
 * ever lowered). Reads all keys of both sides, pages in constant memory. Writes on the source may go on: each key is
 * asked for once more before it is changed, and what changes later comes with the next round.
 * @returns a line about keys that are on the target only, where the target may have keys of its own
 * @throws RavenError
 */
export async function syncClusterItems(
  work: Work,
  { source, target }: MigrateDatabaseConfig,
): Promise<string[]> {
  const sides = {
    from: work.connection(source.connection),
    into: work.connection(target.connection),
    source: source.database,
    target: target.database,
  };
  const own: string[] = [];
  for await (const { key, left, right } of differingKeys(sides)) {
    if (left || !right) await carryKey(sides, key);
    else if (target.allowExistingData) own.push(key);
    else if (!(await compareExchangeItem(sides.from, sides.source, key))) {
      await deleteCompareExchange(sides.into, sides.target, right);
    }
  }
  for (const { name, source: value } of await lowerIdentities(sides)) {
    await seedIdentity(sides.into, sides.target, name, value);
  }
  if (own.length === 0) return [];
  return [
    `compare exchange: ${own.length} ${own.length === 1 ? 'key is' : 'keys are'} on the target only and stayed there, ` +
      `the first "${own[0]}"; delete what nothing needs`,
  ];
}

/** Keys of compare exchange that one side lacks, or that have another value there. */
export async function* differingKeys(sides: ClusterSides): AsyncGenerator<Matched<CompareExchangeItem>> {
  const { from, into, source, target } = sides;
  for await (const pair of mergeByKey(compareExchange(from, source), compareExchange(into, target))) {
    if (pair.left?.value !== pair.right?.value) yield pair;
  }
}

/** Identities that are lower than on the source, or missing. */
export async function lowerIdentities({
  from,
  into,
  source,
  target,
}: ClusterSides): Promise<{ name: string; source: bigint; target: bigint | undefined }[]> {
  const [there, here] = await Promise.all([identities(from, source), identities(into, target)]);
  return [...there]
    .map(([name, value]) => ({ name, source: value, target: here.get(name) }))
    .filter((each) => each.target === undefined || each.target < each.source);
}

/** Carries a key as it is now; one that was deleted or changed meanwhile comes with the next round. */
export async function carryKey({ from, into, source, target }: ClusterSides, key: string): Promise<void> {
  const [there, here] = await Promise.all([
    compareExchangeItem(from, source, key),
    compareExchangeItem(into, target, key),
  ]);
  if (!there || there.value === here?.value) return;
  await putCompareExchange(into, target, { ...there, index: here?.index ?? 0 });
}
