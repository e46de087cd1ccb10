/** Making single keys of compare exchange, identities and indexes as they are on the source. */

import { type Difference, ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { indexDifferences, indexKey, onlyOnTarget } from '../../core/settings/indexes.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import {
  compareExchangeItem,
  deleteCompareExchange,
  seedIdentity,
} from '../../ravendb/requests/cluster-items.ts';
import { deleteIndex, readIndexes } from '../../ravendb/requests/indexes.ts';
import { carryKey, lowerIdentities } from './cluster-items.ts';
import { carryIndexes } from './indexes.ts';

/** Those of the items that differ now. @throws RavenError */
export async function compareNamed(
  databases: Pair<Database>,
  items: readonly Difference[],
): Promise<Difference[]> {
  const named = namesByKind(items);
  return [
    ...(await compareKeys(databases, named('compare exchange'))),
    ...(await compareIdentities(databases, named('identity'))),
    ...(await compareIndexes(databases, named('index'))),
  ];
}

/**
 * Repairs what differs: values of compare exchange, identities that are too low (RavenDB lowers none), and indexes.
 * What only the target has is deleted there.
 * @throws RavenError
 */
export async function repairNamed(
  databases: Pair<Database>,
  differing: readonly Difference[],
): Promise<void> {
  const { source, target } = databases;
  const named = namesByKind(differing);
  for (const key of named('compare exchange')) {
    const here = await compareExchangeItem(target, key);
    if (await compareExchangeItem(source, key)) await carryKey(databases, key);
    else if (here) await deleteCompareExchange(target, here);
  }
  const identities = named('identity');
  for (const { name, source: value } of await lowerIdentities(databases)) {
    if (identities.has(name)) await seedIdentity(target, name, value);
  }
  const indexes = differing.filter(({ kind }) => kind === 'index');
  for (const { id } of indexes.filter(({ what }) => what.includes(ONLY_ON_TARGET)))
    await deleteIndex(target, id);
  if (indexes.length > 0) await carryIndexes(databases, false);
}

function namesByKind(items: readonly Difference[]) {
  return (kind: Difference['kind']): Set<string> =>
    new Set(items.filter((each) => each.kind === kind).map(({ id }) => id));
}

async function compareKeys(
  { source, target }: Pair<Database>,
  keys: ReadonlySet<string>,
): Promise<Difference[]> {
  const differing: Difference[] = [];
  for (const id of keys) {
    const [there, here] = await Promise.all([
      compareExchangeItem(source, id),
      compareExchangeItem(target, id),
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

async function compareIdentities(
  databases: Pair<Database>,
  names: ReadonlySet<string>,
): Promise<Difference[]> {
  if (names.size === 0) return [];
  const lower = await lowerIdentities(databases);
  return lower
    .filter(({ name }) => names.has(name))
    .map(({ name, source, target }) => ({
      kind: 'identity',
      id: name,
      what: `is ${target ?? 'missing'}, not ${source}, on the target`,
    }));
}

async function compareIndexes(
  { source, target }: Pair<Database>,
  names: ReadonlySet<string>,
): Promise<Difference[]> {
  if (names.size === 0) return [];
  const [there, here] = await Promise.all([readIndexes(source), readIndexes(target)]);
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
