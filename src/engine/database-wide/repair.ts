/** Making single keys of compare exchange, identities and indexes as they are on the source. */

import { type Difference, ONLY_ON_TARGET } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { indexKey } from '../../core/settings/indexes.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import {
  compareExchangeItem,
  deleteCompareExchange,
  seedIdentity,
} from '../../ravendb/requests/cluster-items.ts';
import { deleteIndex } from '../../ravendb/requests/indexes.ts';
import { copyKey, lowerIdentities } from './cluster-items.ts';
import { compareIdentities, compareIndexes } from './differences.ts';
import { alignIndexes } from './indexes.ts';

/** Those of the items that differ now. @throws RavenError */
export async function compareNamed(
  databases: Pair<Database>,
  items: readonly Difference[],
): Promise<Difference[]> {
  const named = namesByKind(items);
  const [keys, identities, indexes] = [named('compare exchange'), named('identity'), named('index')];
  const indexKeys = new Set([...indexes].map(indexKey));
  const lower = identities.size > 0 ? await compareIdentities(databases) : [];
  const differing = indexes.size > 0 ? await compareIndexes(databases, false) : [];
  return [
    ...(await compareKeys(databases, keys)),
    ...lower.filter(({ id }) => identities.has(id)),
    ...differing.filter(({ id }) => indexKeys.has(indexKey(id))),
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
    if (await compareExchangeItem(source, key)) await copyKey(databases, key);
    else if (here) await deleteCompareExchange(target, here);
  }
  const identities = named('identity');
  for (const { name, source: value } of await lowerIdentities(databases)) {
    if (identities.has(name)) await seedIdentity(target, name, value);
  }
  const indexes = differing.filter(({ kind }) => kind === 'index');
  for (const { id } of indexes.filter(({ what }) => what.includes(ONLY_ON_TARGET)))
    await deleteIndex(target, id);
  if (indexes.length > 0) await alignIndexes(databases, false);
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
