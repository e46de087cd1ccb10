/**
 * Cluster-wide transactions: the cluster takes them, with what they do to compare exchange; their documents follow into an
 * open database one after the other. One that RavenDB cannot carry out there stops all that come after it (seen on 7.1.5:
 * an id of more than 512 bytes).
 */
import { askEach } from '../connection/ask-each.ts';
import type { Database } from '../connection/database.ts';
import { RavenError } from '../connection/errors.ts';
import { databaseRecord, storageHandles } from './databases.ts';

/** By these the storages of a database name their part in a change vector. */
interface TopologyIds {
  DatabaseTopologyIdBase64?: string;
  ClusterTransactionIdBase64?: string;
}

interface Topologies {
  Topology?: TopologyIds | null;
  Sharding?: { Shards?: Record<string, TopologyIds> } | null;
}

/** A transaction as the cluster keeps it, until every node has told that it has carried it out. */
interface KeptTransaction {
  /** Changes of documents by all transactions before. */
  PreviousCount: number;
  /** Its changes of documents: the name comes twice in an answer, and this is the later one. */
  Index: readonly { Id: string }[];
  ShardNumber: number | null;
}

/** Where a server does not name a document: those of 6.2 and 7.0 break off a list that is not empty. */
const UNNAMED = '(not named by this version)';

/**
 * The documents of transactions that are not in their storage yet, by id and in order. May name one that arrives just then;
 * names every one that the cluster had taken before and that is not there. Undefined where the server does not tell: a sharded
 * database of 6.2 or 7.0.
 * @throws RavenError
 */
export async function waitingDocuments(database: Database): Promise<string[] | undefined> {
  const record = await databaseRecord(database);
  const { Topology, Sharding } = (record ?? {}) as Topologies;
  const storages = storageHandles(database, record ?? {});
  const counted = await askEach(database.http.tuning, storages, async ({ shard, storage }) => {
    const topology = shard === null ? Topology : Sharding?.Shards?.[shard];
    return [shard, await carriedOut(storage, topology ?? {})] as const;
  });
  const counts = new Map(counted);
  const kept = await keptFrom(database, Math.min(...counts.values()));
  if (kept === 'broken off') return counts.has(null) ? [UNNAMED] : undefined;
  return kept
    .filter(
      ({ PreviousCount, Index, ShardNumber }) =>
        PreviousCount + Index.length > (counts.get(ShardNumber) ?? 0),
    )
    .flatMap(({ Index }) => Index.map(({ Id }) => Id));
}

/** What the cluster keeps of the transactions before which there were at least so many changes. */
async function keptFrom(database: Database, from: number): Promise<KeptTransaction[] | 'broken off'> {
  try {
    const { Results } = await database.json<{ Results: KeptTransaction[] }>({
      doing: 'Reading the cluster-wide transactions',
      path: `admin/debug/cluster/txinfo?from=${from}`,
    });
    return Results;
  } catch (error) {
    if (error instanceof RavenError && error.kind === 'SyntaxError') return 'broken off';
    throw error;
  }
}

/** How many changes of documents by such transactions a storage holds. */
async function carriedOut(storage: Database, ids: TopologyIds): Promise<number> {
  const { DatabaseChangeVector } = await storage.json<{ DatabaseChangeVector: string | null }>({
    doing: 'Reading statistics',
    path: 'stats',
  });
  const own = new Set([ids.DatabaseTopologyIdBase64, ids.ClusterTransactionIdBase64]);
  const parts = [...(DatabaseChangeVector ?? '').matchAll(/RAFT:(\d+)-([^,\s]+)/g)];
  return Math.max(0, ...parts.filter(([, , id]) => own.has(id)).map(([, count]) => Number(count)));
}
