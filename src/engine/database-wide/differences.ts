/** Comparing what belongs to a database as a whole: compare exchange, identities and indexes. */

import type { Difference } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { indexDifferences, indexKey, onlyOnTarget } from '../../core/settings/indexes.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { readIndexes } from '../../ravendb/requests/indexes.ts';
import { differingKeys, lowerIdentities } from './cluster-items.ts';
import { carryIndexes } from './indexes.ts';

/** How to compare. */
interface Judgement {
  /** Whether the target may have what the source has not. */
  extraAllowed: boolean;
  /** Whether an index that differs is carried once more first; else nothing is written. */
  mend: boolean;
}

/**
 * Compares compare exchange by value, identities (the target may be ahead) and indexes by definition, lock mode,
 * priority and state. An index that differs is carried once more first; one that the target's server refuses is
 * listed as not carried, and is no difference.
 */
export async function compareClusterItems(databases: Pair<Database>, how: Judgement): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const { key, left, right } of differingKeys(databases)) {
    const kind = 'compare exchange';
    if (left && right) differences.push({ kind, id: key, what: 'has another value on the target' });
    else if (left) differences.push({ kind, id: key, what: 'is missing on the target' });
    else if (!how.extraAllowed) differences.push({ kind, id: key, what: 'is on the target only' });
  }
  return [...differences, ...(await compareIdentities(databases)), ...(await compareIndexes(databases, how))];
}

async function compareIdentities(databases: Pair<Database>): Promise<Difference[]> {
  const lower = await lowerIdentities(databases);
  return lower.map(({ name, source, target }) => ({
    kind: 'identity',
    id: name,
    what: `is ${target ?? 'missing'}, not ${source}, on the target`,
  }));
}

async function compareIndexes(
  databases: Pair<Database>,
  { extraAllowed, mend }: Judgement,
): Promise<Difference[]> {
  let differing = await differingIndexes(databases, extraAllowed);
  if (mend && differing.length > 0) {
    const { refused } = await carryIndexes(databases, !extraAllowed);
    differing = await differingIndexes(databases, extraAllowed);
    differing = differing.filter(({ name }) => !refused.has(indexKey(name)));
  }
  return differing.map(({ name, what }) => ({ kind: 'index', id: name, what }));
}

async function differingIndexes({ source, target }: Pair<Database>, extraAllowed: boolean) {
  const [there, here] = await Promise.all([readIndexes(source), readIndexes(target)]);
  if (!there || !here) return [];
  const extra = extraAllowed ? [] : onlyOnTarget(there, here);
  return [
    ...indexDifferences(there, here),
    ...extra.map((name) => ({ name, what: 'is on the target only' })),
  ];
}
