/**
 * Puts right what a round cannot carry of compare exchange and identities: a key whose deletion the source has
 * forgotten (RavenDB does after ten minutes), and whatever else differs.
 */

import { type Matched, mergeByKey } from '../../core/compare/merge-by-key.ts';
import type { Pair } from '../../core/contract/contract.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import {
  type CompareExchangeItem,
  compareExchange,
  compareExchangeItem,
  deleteCompareExchange,
  identities,
  putCompareExchange,
  seedIdentity,
} from '../../ravendb/requests/cluster-items.ts';

/**
 * Makes compare exchange equal by key and value, and raises identities that are lower than on the source (none is
 * ever lowered). Reads all keys of both sides, pages in constant memory. Writes on the source may go on: each key is
 * asked for once more before it is changed, and what changes later comes with the next round.
 * @param allowExistingData whether the target may have keys of its own
 * @returns a line about keys that are on the target only, where the target may have keys of its own
 * @throws RavenError
 */
export async function syncClusterItems(
  databases: Pair<Database>,
  allowExistingData: boolean,
): Promise<string[]> {
  const { source, target } = databases;
  const own: string[] = [];
  for await (const { key, left, right } of differingKeys(databases)) {
    if (left || !right) await copyKey(databases, key);
    else if (allowExistingData) own.push(key);
    else if (!(await compareExchangeItem(source, key))) {
      await deleteCompareExchange(target, right);
    }
  }
  for (const { name, source: value } of await lowerIdentities(databases)) {
    await seedIdentity(target, name, value);
  }
  if (own.length === 0) return [];
  return [
    `compare exchange: ${own.length} ${own.length === 1 ? 'key is' : 'keys are'} on the target only and stayed there, ` +
      `the first "${own[0]}"; delete what nothing needs`,
  ];
}

/** Keys of compare exchange that one side lacks, or that have another value there. */
export async function* differingKeys({
  source,
  target,
}: Pair<Database>): AsyncGenerator<Matched<CompareExchangeItem>> {
  for await (const pair of mergeByKey(compareExchange(source), compareExchange(target))) {
    if (pair.left?.value !== pair.right?.value) yield pair;
  }
}

/** Identities that are lower than on the source, or missing. */
export async function lowerIdentities({
  source,
  target,
}: Pair<Database>): Promise<{ name: string; source: bigint; target: bigint | undefined }[]> {
  const [there, here] = await Promise.all([identities(source), identities(target)]);
  return [...there]
    .map(([name, value]) => ({ name, source: value, target: here.get(name) }))
    .filter((each) => each.target === undefined || each.target < each.source);
}

/** Carries a key as it is now; one that was deleted or changed meanwhile comes with the next round. */
export async function copyKey({ source, target }: Pair<Database>, key: string): Promise<void> {
  const [there, here] = await Promise.all([
    compareExchangeItem(source, key),
    compareExchangeItem(target, key),
  ]);
  if (!there || there.value === here?.value) return;
  await putCompareExchange(target, { ...there, index: here?.index ?? 0 });
}
