/** Comparing what belongs to a database as a whole: compare exchange, identities and indexes. */

import type { Difference } from '../../core/compare/verification.ts';
import type { Pair } from '../../core/contract/contract.ts';
import { indexDifferences, onlyOnTarget } from '../../core/settings/indexes.ts';
import { settingDifferences } from '../../core/settings/setting-differences.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { readIndexes } from '../../ravendb/requests/indexes.ts';
import { serverInfo } from '../../ravendb/requests/server.ts';
import { differingKeys, lowerIdentities } from './cluster-items.ts';

/**
 * Compares compare exchange by value, identities (the target may be ahead) and indexes by definition, lock mode,
 * priority and state. An index that differs is carried once more first; one that the target's server refuses is
 * listed as not carried, and is no difference.
 */
export async function compareClusterItems(
  databases: Pair<Database>,
  extraAllowed: boolean,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const { key, left, right } of differingKeys(databases)) {
    const kind = 'compare exchange';
    if (left && right) differences.push({ kind, id: key, what: 'has another value on the target' });
    else if (left) differences.push({ kind, id: key, what: 'is missing on the target' });
    else if (!extraAllowed) differences.push({ kind, id: key, what: 'is on the target only' });
  }
  return [
    ...differences,
    ...(await compareIdentities(databases)),
    ...(await compareIndexes(databases, extraAllowed)),
  ];
}

/** Identities that are lower on the target. @throws RavenError */
export async function compareIdentities(databases: Pair<Database>): Promise<Difference[]> {
  const lower = await lowerIdentities(databases);
  return lower.map(({ name, source, target }) => ({
    kind: 'identity',
    id: name,
    what: `is ${target ?? 'missing'}, not ${source}, on the target`,
  }));
}

/** Indexes that differ in definition, lock mode, priority or state. @throws RavenError */
export async function compareIndexes(
  { source, target }: Pair<Database>,
  extraAllowed: boolean,
): Promise<Difference[]> {
  const [there, here] = await Promise.all([readIndexes(source), readIndexes(target)]);
  if (!there || !here) return [];
  const extra = extraAllowed ? [] : onlyOnTarget(there, here);
  const differing = [
    ...indexDifferences(there, here),
    ...extra.map((name) => ({ name, what: 'is on the target only' })),
  ];
  return differing.map(({ name, what }) => ({ kind: 'index', id: name, what }));
}

/** Compares settings of the database records. */
export async function compareSettings(
  { source, target }: Pair<Database>,
  extraAllowed: boolean,
): Promise<Difference[]> {
  const [ours, theirs, there, here] = await Promise.all([
    databaseRecord(source),
    databaseRecord(target),
    serverInfo(source.connection),
    serverInfo(target.connection),
  ]);
  const sameVersion = there.version === here.version;
  return settingDifferences(ours ?? {}, theirs ?? {}, { extraAllowed, sameVersion });
}
