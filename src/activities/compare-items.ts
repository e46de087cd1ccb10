/** Comparing what is not a document: cluster-wide items, indexes, and kinds that are compared by number. */
import type { Difference, SideBySide } from '../core/verification.ts';
import { compareExchange, countRevisions, identities } from '../ravendb/cluster-items.ts';
import type { RavenConnection } from '../ravendb/connection.ts';
import { shardName } from '../ravendb/database.ts';
import { indexDefinitions, isCarried } from '../ravendb/indexes.ts';
import { startExport } from '../ravendb/smuggler.ts';
import { databaseCounts } from '../ravendb/statistics.ts';

/** The two databases of a comparison. */
export interface Sides {
  from: RavenConnection;
  into: RavenConnection;
  source: string;
  target: string;
  /** Shard numbers of the target. */
  shards: number[];
}

/** Compares compare exchange by value, identities (the target may be ahead) and indexes by definition. */
export async function compareClusterItems(sides: Sides, extraAllowed: boolean): Promise<Difference[]> {
  const { from, into, source, target } = sides;
  const [there, here] = await Promise.all([
    allCompareExchange(from, source),
    allCompareExchange(into, target),
  ]);
  const differences: Difference[] = [];
  for (const [key, value] of there) {
    const kind = 'compare exchange';
    const copied = here.get(key);
    if (copied === undefined) differences.push({ kind, id: key, what: 'is missing on the target' });
    else if (copied !== value) differences.push({ kind, id: key, what: 'has another value on the target' });
  }
  for (const key of here.keys()) {
    if (!extraAllowed && !there.has(key)) {
      differences.push({ kind: 'compare exchange', id: key, what: 'is on the target only' });
    }
  }
  return [...differences, ...(await compareIdentities(sides)), ...(await compareIndexes(sides))];
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

async function allCompareExchange(
  connection: RavenConnection,
  database: string,
): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for await (const page of compareExchange(connection, database)) {
    for (const [key, value] of page) all.set(key, value);
  }
  return all;
}

async function compareIdentities({ from, into, source, target }: Sides): Promise<Difference[]> {
  const [there, here] = await Promise.all([identities(from, source), identities(into, target)]);
  return Object.entries(there)
    .filter(([name, value]) => (here[name] ?? -1) < value)
    .map(([id, value]) => ({
      kind: 'identity',
      id,
      what: `is ${here[id] ?? 'missing'}, not ${value}, on the target`,
    }));
}

async function compareIndexes({ from, into, source, target }: Sides): Promise<Difference[]> {
  const [there, here] = await Promise.all([indexDefinitions(from, source), indexDefinitions(into, target)]);
  const copied = new Map(here.map((index) => [index.Name, index]));
  const differences: Difference[] = [];
  for (const index of there.filter(isCarried)) {
    const other = copied.get(index.Name);
    const same =
      other && sameText(index.Maps, other.Maps) && sameText([index.Reduce ?? ''], [other.Reduce ?? '']);
    const what = other ? 'has another definition on the target' : 'is missing on the target';
    if (!same) differences.push({ kind: 'index', id: index.Name, what });
  }
  return differences;
}

function sameText(a: string[], b: string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
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
