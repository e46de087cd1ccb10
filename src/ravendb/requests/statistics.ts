/**
 * Counts that are right for a database of either kind. Several statistics of the client fail on a sharded database, or
 * count zero there; those used here were checked on both kinds.
 */
import { createHash } from 'node:crypto';
import type { Storage } from '../../core/compare/comparison.ts';
import type { ClusterMark, Position } from '../../core/copy/position.ts';
import { askEach } from '../connection/ask-each.ts';
import type { Database } from '../connection/database.ts';
import { isRefusal, RavenError } from '../connection/errors.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { startExport } from '../smuggler/smuggler.ts';
import { type DatabaseRecord, databaseRecord, shardNumbers, storageHandles } from './databases.ts';

/** Items of a database by kind; on a sharded one the sum over its shards. */
export interface DatabaseCounts {
  documents: number;
  revisions: number;
  /** Attachments of documents and revisions. */
  attachments: number;
  /** Groups of counters, not counters. */
  counterGroups: number;
  /** Segments of time series, not entries. */
  timeSeriesSegments: number;
  conflicts: number;
  tombstones: number;
}

interface EssentialStats {
  CountOfDocuments: number;
  CountOfRevisionDocuments: number;
  CountOfAttachments: number;
  CountOfCounterEntries: number;
  CountOfTimeSeriesSegments: number;
  CountOfDocumentsConflicts: number;
  CountOfTombstones: number;
}

/** @throws RavenError */
export async function databaseCounts(database: Database): Promise<DatabaseCounts> {
  // 5.4 knows no sharded database, and for others its `stats` have the same
  const path = (await database.connection.answers('stats/essential')) ? 'stats/essential' : 'stats';
  const stats = await database.json<EssentialStats>({ doing: 'Reading statistics', path });
  return {
    documents: stats.CountOfDocuments,
    revisions: stats.CountOfRevisionDocuments,
    attachments: stats.CountOfAttachments,
    counterGroups: stats.CountOfCounterEntries,
    timeSeriesSegments: stats.CountOfTimeSeriesSegments,
    conflicts: stats.CountOfDocumentsConflicts,
    tombstones: stats.CountOfTombstones,
  };
}

/** Number of documents of each collection. @throws RavenError */
export async function documentsByCollection(database: Database): Promise<Record<string, number>> {
  const { Collections } = await database.json<{ Collections: Record<string, number> }>({
    doing: 'Reading statistics',
    path: 'collections/stats',
  });
  return Collections;
}

/** Items that belong to documents, and so to shards; attachments are counted with their documents. */
export function shardedItems(counts: DatabaseCounts): number {
  return counts.documents + counts.revisions + counts.counterGroups + counts.timeSeriesSegments;
}

/**
 * Number of revisions, without those that only mark a deletion: an import of a deletion adds one. Undefined where the
 * server does not tell them apart (before 7.0).
 * @throws RavenError
 */
export async function countRevisions(database: Database): Promise<number | undefined> {
  if (!(await database.connection.answers('studio/revisions/preview'))) return undefined;
  const { TotalResults } = await database.json<{ TotalResults: number }>({
    doing: 'Counting the revisions',
    path: 'studio/revisions/preview?start=0&pageSize=0&type=Regular',
  });
  return TotalResults;
}

/** Number of documents of each shard; none for a database that is not sharded. @throws RavenError */
export async function documentsByShard(database: Database): Promise<Record<string, number>> {
  return await ofEachShard(database, async (shard) => (await databaseCounts(shard)).documents);
}

/** A number of each shard, by the number of the shard; none for a database that is not sharded. */
async function ofEachShard(
  database: Database,
  numberOf: (shard: Database) => Promise<number>,
): Promise<Record<string, number>> {
  const shards = shardNumbers((await databaseRecord(database)) ?? {});
  const numbers = await askEach(database.http.tuning, shards, async (shard) => [
    shard,
    await numberOf(database.shard(shard)),
  ]);
  return Object.fromEntries(numbers);
}

/**
 * Bytes that the documents of each shard take, as part of what a comparison says: nothing for a database that is not sharded, and where
 * the server does not tell.
 * @throws RavenError
 */
export async function bytesByShard(database: Database): Promise<{ shardBytes?: Record<string, number> }> {
  try {
    const shardBytes = await ofEachShard(database, (shard) => usedBytes(shard, 'Documents'));
    return Object.keys(shardBytes).length > 0 ? { shardBytes } : {};
  } catch (error) {
    if (isRefusal(error)) return {};
    throw error;
  }
}

/** What a node says about its storage of a database or shard. */
export interface StorageStats {
  lastEtag: number;
  databaseId: string;
  sizeOnDiskBytes: number;
}

interface FullStats {
  LastDatabaseEtag: number;
  DatabaseId: string;
  SizeOnDisk?: { SizeInBytes?: number };
}

interface DetailedStats extends FullStats {
  CountOfCompareExchange: number;
}

/**
 * For a database that is not sharded, or for one shard.
 * @param node tag of the node whose storage is meant; by default the one that the connection uses
 * @throws RavenError
 */
export async function storageStats(database: Database, node?: string): Promise<StorageStats> {
  const path = node === undefined ? 'stats' : `stats?nodeTag=${node}`;
  const stats = await database.json<FullStats>({ doing: 'Reading statistics', path });
  return {
    lastEtag: stats.LastDatabaseEtag,
    databaseId: stats.DatabaseId,
    sizeOnDiskBytes: stats.SizeOnDisk?.SizeInBytes ?? 0,
  };
}

/** The storages of a database: its shards, or itself where it is not sharded. @throws RavenError */
export async function storagesOf(database: Database): Promise<Storage[]> {
  const handles = storageHandles(database, (await databaseRecord(database)) ?? {});
  return await askEach(database.http.tuning, handles, async ({ shard, storage }) => {
    const { databaseId, lastEtag } = await storageStats(storage);
    const connection = storage.connection.name;
    return { connection, database: storage.name, shard, databaseId, lastEtag };
  });
}

/**
 * Where a database that is not sharded stands now. Read before an export, it is where the next one starts from: the
 * export may hold more, and copying something twice is harmless.
 * It takes as long as reading the compare exchange that has changed since the record has: cluster-wide transactions may
 * have made millions of keys since.
 * @throws RavenError
 */
export async function readPosition(database: Database): Promise<Position> {
  const { connection, name } = database;
  const [stats, record, node] = await Promise.all([
    database.json<DetailedStats>({ doing: 'Reading statistics', path: 'stats/detailed' }),
    databaseRecord(database),
    connection.http.json<{ NodeTag: string }>({ doing: 'Reading the node', path: '/cluster/node-info' }),
  ]);
  if (!record) {
    throw new RavenError(`Database "${name}" does not exist on connection "${connection.name}".`, {
      kind: 'DatabaseDoesNotExistException',
      retryable: false,
    });
  }
  return {
    etag: stats.LastDatabaseEtag,
    ...(await markFrom(database, record, stats)),
    databaseId: stats.DatabaseId,
    nodeTag: node.NodeTag,
  };
}

/**
 * Where a database stands now, with its compare exchange as an earlier mark tells it: the same as there unless it has
 * changed, whatever has become of indexes and settings since. Takes as long as above.
 * @throws RavenError
 */
export async function standsSince(
  database: Database,
  { raftIndex }: ClusterMark,
): Promise<Pick<Position, 'etag' | 'databaseId' | 'compareExchange'>> {
  const stats = await database.json<DetailedStats>({ doing: 'Reading statistics', path: 'stats/detailed' });
  return {
    etag: stats.LastDatabaseEtag,
    databaseId: stats.DatabaseId,
    compareExchange: await compareExchangeMark(database, raftIndex, stats),
  };
}

/** Where what the cluster keeps under a database's name stands now; sharded or not. Takes as long as above. @throws RavenError */
export async function clusterMark(database: Database): Promise<ClusterMark> {
  const record = await databaseRecord(database);
  const [shard] = shardNumbers(record ?? {});
  // every shard tells the number of the whole database
  const storage = shard === undefined ? database : database.shard(shard);
  const stats = await storage.json<DetailedStats>({ doing: 'Reading statistics', path: 'stats/detailed' });
  return await markFrom(database, record, stats);
}

async function markFrom(
  database: Database,
  record: DatabaseRecord | undefined,
  stats: DetailedStats,
): Promise<ClusterMark> {
  const raftIndex = record?.EtagForBackup ?? 0;
  return { raftIndex, compareExchange: await compareExchangeMark(database, raftIndex, stats) };
}

async function compareExchangeMark(
  database: Database,
  raftIndex: number,
  { CountOfCompareExchange }: DetailedStats,
): Promise<string> {
  return `${CountOfCompareExchange} ${await compareExchangeSince(database, raftIndex)}`;
}

/**
 * A digest of the compare exchange that has changed since a raft index. A key that was deleted shows in their number:
 * tombstones would not do, since RavenDB cleans them.
 */
async function compareExchangeSince(database: Database, raftIndex: number): Promise<string> {
  const changed = await startExport(database, { types: ['CompareExchange'], startRaftIndex: raftIndex + 1 });
  const hash = createHash('sha256');
  for await (const chunk of decompressed(changed.body)) hash.update(chunk);
  await changed.finished();
  return hash.digest('base64url');
}

/**
 * Bytes that the data of a database takes with its indexes, without free space in its files.
 * @param ofType of RavenDB's storages only this one: that of the documents and all that belongs to them
 * @throws RavenError
 */
export async function usedBytes(database: Database, ofType?: 'Documents'): Promise<number> {
  const { Results } = await database.json<{
    Results: { Type: string; Report: { DataFile?: { UsedSpaceInBytes?: number } } }[];
  }>({ doing: 'Reading the size', path: 'debug/storage/report' });
  const counted = Results.filter(({ Type }) => ofType === undefined || Type === ofType);
  return counted.reduce((sum, { Report }) => sum + (Report.DataFile?.UsedSpaceInBytes ?? 0), 0);
}
