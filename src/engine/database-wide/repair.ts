/** Making single keys of compare exchange, identities and indexes as they are on the source. */

import { type Difference, ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import { indexDifferences, indexKey, onlyOnTarget } from '../../core/settings/indexes.ts';
import {
  compareExchangeItem,
  deleteCompareExchange,
  seedIdentity,
} from '../../ravendb/requests/cluster-items.ts';
import { deleteIndex, readIndexes } from '../../ravendb/requests/indexes.ts';
import { type ClusterSides, carryKey, lowerIdentities } from './cluster-items.ts';
import { carryIndexes } from './indexes.ts';

/** Those of the items that differ now. @throws RavenError */
export async function compareNamed(sides: ClusterSides, items: readonly Difference[]): Promise<Difference[]> {
  const named = namesByKind(items);
  return [
    ...(await compareKeys(sides, named('compare exchange'))),
    ...(await compareIdentities(sides, named('identity'))),
    ...(await compareIndexes(sides, named('index'))),
  ];
}

/**
 * Repairs what differs: values of compare exchange, identities that are too low (RavenDB lowers none), and indexes.
 * What only the target has is deleted there.
 * @throws RavenError
 */
export async function repairNamed(sides: ClusterSides, differing: readonly Difference[]): Promise<void> {
  const { from, into, source, target } = sides;
  const named = namesByKind(differing);
  for (const key of named('compare exchange')) {
    const here = await compareExchangeItem(into, target, key);
    if (await compareExchangeItem(from, source, key)) await carryKey(sides, key);
    else if (here) await deleteCompareExchange(into, target, here);
  }
  const identities = named('identity');
  for (const { name, source: value } of await lowerIdentities(sides)) {
    if (identities.has(name)) await seedIdentity(into, target, name, value);
  }
  const indexes = differing.filter(({ kind }) => kind === 'index');
  for (const { id } of indexes.filter(({ what }) => what.includes(ONLY_ON_TARGET)))
    await deleteIndex(into, target, id);
  if (indexes.length > 0) await carryIndexes(sides, false);
}

function namesByKind(items: readonly Difference[]) {
  return (kind: Difference['kind']): Set<string> =>
    new Set(items.filter((each) => each.kind === kind).map(({ id }) => id));
}

async function compareKeys(
  { from, into, source, target }: ClusterSides,
  keys: ReadonlySet<string>,
): Promise<Difference[]> {
  const differing: Difference[] = [];
  for (const id of keys) {
    const [there, here] = await Promise.all([
      compareExchangeItem(from, source, id),
      compareExchangeItem(into, target, id),
    ]);
    if (there?.value === here?.value) continue;
    const what = !here
      ? 'is missing on the target'
      : there
        ? 'has another value on the target'
        : `is ${ONLY_ON_TARGET}`;
    differing.push({ kind: 'compare exchange', id, what });
  }
  return differing;
}

async function compareIdentities(sides: ClusterSides, names: ReadonlySet<string>): Promise<Difference[]> {
  if (names.size === 0) return [];
  const lower = await lowerIdentities(sides);
  return lower
    .filter(({ name }) => names.has(name))
    .map(({ name, source, target }) => ({
      kind: 'identity',
      id: name,
      what: `is ${target ?? 'missing'}, not ${source}, on the target`,
    }));
}

async function compareIndexes(
  { from, into, source, target }: ClusterSides,
  names: ReadonlySet<string>,
): Promise<Difference[]> {
  if (names.size === 0) return [];
  const [there, here] = await Promise.all([readIndexes(from, source), readIndexes(into, target)]);
  if (!there || !here) return [];
  const wanted = new Set([...names].map(indexKey));
  const differing = [
    ...indexDifferences(there, here),
    ...onlyOnTarget(there, here).map((name) => ({ name, what: `is ${ONLY_ON_TARGET}` })),
  ];
  return differing
    .filter(({ name }) => wanted.has(indexKey(name)))
    .map(({ name, what }) => ({ kind: 'index', id: name, what }));
}
