/** Comparing what belongs to a database as a whole: compare exchange, identities and indexes. */

import type { Difference } from '../../core/compare/verification.ts';
import { indexDifferences, indexKey, onlyOnTarget } from '../../core/settings/indexes.ts';
import { readIndexes } from '../../ravendb/requests/indexes.ts';
import { type ClusterSides, differingKeys, lowerIdentities } from './cluster-items.ts';
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
export async function compareClusterItems(sides: ClusterSides, how: Judgement): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const { key, left, right } of differingKeys(sides)) {
    const kind = 'compare exchange';
    if (left && right) differences.push({ kind, id: key, what: 'has another value on the target' });
    else if (left) differences.push({ kind, id: key, what: 'is missing on the target' });
    else if (!how.extraAllowed) differences.push({ kind, id: key, what: 'is on the target only' });
  }
  return [...differences, ...(await compareIdentities(sides)), ...(await compareIndexes(sides, how))];
}

async function compareIdentities(sides: ClusterSides): Promise<Difference[]> {
  const lower = await lowerIdentities(sides);
  return lower.map(({ name, source, target }) => ({
    kind: 'identity',
    id: name,
    what: `is ${target ?? 'missing'}, not ${source}, on the target`,
  }));
}

async function compareIndexes(sides: ClusterSides, { extraAllowed, mend }: Judgement): Promise<Difference[]> {
  let differing = await differingIndexes(sides, extraAllowed);
  if (mend && differing.length > 0) {
    const { refused } = await carryIndexes(sides, !extraAllowed);
    differing = await differingIndexes(sides, extraAllowed);
    differing = differing.filter(({ name }) => !refused.has(indexKey(name)));
  }
  return differing.map(({ name, what }) => ({ kind: 'index', id: name, what }));
}

async function differingIndexes({ from, into, source, target }: ClusterSides, extraAllowed: boolean) {
  const [there, here] = await Promise.all([readIndexes(from, source), readIndexes(into, target)]);
  if (!there || !here) return [];
  const extra = extraAllowed ? [] : onlyOnTarget(there, here);
  return [
    ...indexDifferences(there, here),
    ...extra.map((name) => ({ name, what: 'is on the target only' })),
  ];
}
