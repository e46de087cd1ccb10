/** Comparing what is not a document: cluster-wide items, indexes, and kinds that are compared by number. */
import { indexDifferences, indexKey, onlyOnTarget } from '../core/indexes.ts';
import type { Difference, SideBySide } from '../core/verification.ts';
import { countRevisions } from '../ravendb/cluster-items.ts';
import type { RavenConnection } from '../ravendb/connection.ts';
import { shardName } from '../ravendb/database.ts';
import { readIndexes } from '../ravendb/indexes.ts';
import { startExport } from '../ravendb/smuggler.ts';
import { databaseCounts } from '../ravendb/statistics.ts';
import { differingKeys, lowerIdentities } from './sync-cluster-items.ts';
import { carryIndexes } from './sync-indexes.ts';

/** The two databases of a comparison. */
export interface Sides {
  from: RavenConnection;
  into: RavenConnection;
  source: string;
  target: string;
  /** Shard numbers of the target. */
  shards: number[];
}

/**
 * Compares compare exchange by value, identities (the target may be ahead) and indexes by definition, lock mode,
 * priority and state. An index that differs is carried once more first; one that the target's server refuses is
 * listed as not carried, and is no difference.
 */
export async function compareClusterItems(sides: Sides, extraAllowed: boolean): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const { key, left, right } of differingKeys(sides)) {
    const kind = 'compare exchange';
    if (left && right) differences.push({ kind, id: key, what: 'has another value on the target' });
    else if (left) differences.push({ kind, id: key, what: 'is missing on the target' });
    else if (!extraAllowed) differences.push({ kind, id: key, what: 'is on the target only' });
  }
  return [
    ...differences,
    ...(await compareIdentities(sides)),
    ...(await compareIndexes(sides, extraAllowed)),
  ];
}

/** Numbers on both sides of the kinds that are compared by number. */
export async function countBySide(sides: Sides): Promise<Record<string, SideBySide>> {
  const { from, into, source, target, shards } = sides;
  const [there, here] = await Promise.all([databaseCounts(from, source), databaseCounts(into, target)]);
  const counts: Record<string, SideBySide> = {};
  if (there.revisions + here.revisions > 0) {
    const [ours, theirs] = await Promise.all([countRevisions(from, source), countRevisions(into, target)]);
    counts.revisions = { source: ours, target: theirs };
  }
  if (there.timeSeriesSegments + here.timeSeriesSegments > 0) {
    const names = shards.map((shard) => shardName(target, shard));
    const ours = await countTimeSeriesEntries(from, source);
    const theirs = await Promise.all(names.map((name) => countTimeSeriesEntries(into, name)));
    counts.timeSeriesEntries = { source: ours, target: theirs.reduce((sum, count) => sum + count, 0) };
  }
  return counts;
}

async function compareIdentities(sides: Sides): Promise<Difference[]> {
  const lower = await lowerIdentities(sides);
  return lower.map(({ name, source, target }) => ({
    kind: 'identity',
    id: name,
    what: `is ${target ?? 'missing'}, not ${source}, on the target`,
  }));
}

async function compareIndexes(sides: Sides, extraAllowed: boolean): Promise<Difference[]> {
  if ((await differingIndexes(sides, extraAllowed)).length === 0) return [];
  const { refused } = await carryIndexes(sides, !extraAllowed);
  const differing = await differingIndexes(sides, extraAllowed);
  return differing
    .filter(({ name }) => !refused.has(indexKey(name)))
    .map(({ name, what }) => ({ kind: 'index', id: name, what }));
}

async function differingIndexes({ from, into, source, target }: Sides, extraAllowed: boolean) {
  const [there, here] = await Promise.all([readIndexes(from, source), readIndexes(into, target)]);
  if (!there || !here) return [];
  const extra = extraAllowed ? [] : onlyOnTarget(there, here);
  return [
    ...indexDifferences(there, here),
    ...extra.map((name) => ({ name, what: 'is on the target only' })),
  ];
}

/** Statistics count segments, which RavenDB may cut differently; an export counts entries. */
async function countTimeSeriesEntries({ http }: RavenConnection, database: string): Promise<number> {
  const running = await startExport(http, database, { types: ['TimeSeries'] });
  for await (const _ of running.body) {
    // only the count at the end is wanted
  }
  const { counts } = await running.finished();
  return counts.timeSeriesEntries ?? 0;
}
