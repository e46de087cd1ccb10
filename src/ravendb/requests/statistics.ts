/**
 * Numbers that are right on both kinds of database. Several of the client's statistics calls fail on a sharded
 * one or count zero there; those used here were checked on both.
 */

import type { Storage } from '../../core/compare/comparison.ts';
import type { Position } from '../../core/copy/position.ts';
import type { RavenConnection } from '../connection/connection.ts';
import { RavenError } from '../connection/errors.ts';
import { databasePath, databaseRecord, shardName, shardNumbers } from './databases.ts';

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
export async function databaseCounts({ http }: RavenConnection, database: string): Promise<DatabaseCounts> {
  const stats = await http.json<EssentialStats>({
    doing: 'Reading statistics',
    database,
    path: databasePath(database, 'stats/essential'),
  });
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
export async function documentsByCollection(
  { http }: RavenConnection,
  database: string,
): Promise<Record<string, number>> {
  const { Collections } = await http.json<{ Collections: Record<string, number> }>({
    doing: 'Reading statistics',
    database,
    path: databasePath(database, 'collections/stats'),
  });
  return Collections;
}

/** What one node, or one shard, says of its own storage. */
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

/**
 * For a database that is not sharded, or for one shard by its own name.
 * @param node tag of the node whose storage is meant; by default the one that the connection uses
 * @throws RavenError
 */
export async function storageStats(
  { http }: RavenConnection,
  database: string,
  node?: string,
): Promise<StorageStats> {
  const stats = await http.json<FullStats>({
    doing: 'Reading statistics',
    database,
    path: databasePath(database, node === undefined ? 'stats' : `stats?nodeTag=${node}`),
  });
  return {
    lastEtag: stats.LastDatabaseEtag,
    databaseId: stats.DatabaseId,
    sizeOnDiskBytes: stats.SizeOnDisk?.SizeInBytes ?? 0,
  };
}

/**
 * Where a database that is not sharded stands now. Read before an export, it is where the next one starts from:
 * the export may hold more, and holding something twice is harmless.
 * @throws RavenError
 */
export async function readPosition(connection: RavenConnection, database: string): Promise<Position> {
  const [stats, record, node] = await Promise.all([
    storageStats(connection, database),
    databaseRecord(connection, database),
    connection.http.json<{ NodeTag: string }>({ doing: 'Reading the node', path: '/cluster/node-info' }),
  ]);
  if (!record) {
    throw new RavenError(`Database "${database}" does not exist on connection "${connection.name}".`, {
      kind: 'DatabaseDoesNotExistException',
      retryable: false,
    });
  }
  return {
    etag: stats.lastEtag,
    raftIndex: record.EtagForBackup ?? 0,
    databaseId: stats.databaseId,
    nodeTag: node.NodeTag,
  };
}

/** Bytes that the data of a database takes, indexes included, without what is free inside its files. @throws RavenError */
export async function usedBytes({ http }: RavenConnection, database: string): Promise<number> {
  const { Results } = await http.json<{
    Results: { Report: { DataFile?: { UsedSpaceInBytes?: number } } }[];
  }>({
    doing: 'Reading the size',
    database,
    path: databasePath(database, 'debug/storage/report'),
  });
  return Results.reduce((sum, { Report }) => sum + (Report.DataFile?.UsedSpaceInBytes ?? 0), 0);
}

/** Items of a database that belong to documents. */
export function shardedItems(counts: DatabaseCounts): number {
  return counts.documents + counts.revisions + counts.counterGroups + counts.timeSeriesSegments;
}

/**
 * Number of revisions without those that only mark a deletion: an import of a deletion adds one of these.
 * @throws RavenError
 */
export async function countRevisions({ http }: RavenConnection, database: string): Promise<number> {
  const { TotalResults } = await http.json<{ TotalResults: number }>({
    doing: 'Counting the revisions',
    database,
    path: databasePath(database, 'studio/revisions/preview?start=0&pageSize=0&type=Regular'),
  });
  return TotalResults;
}

/** The storages of a database: its shards, or itself. @throws RavenError */
export async function storagesOf(
  connection: RavenConnection,
  database: string,
  side: Storage['side'],
): Promise<Storage[]> {
  const shards = shardNumbers((await databaseRecord(connection, database)) ?? {});
  const names = shards.length > 0 ? shards.map((shard) => shardName(database, shard)) : [database];
  return await Promise.all(
    names.map(async (name, index) => {
      const { databaseId, lastEtag } = await storageStats(connection, name);
      return {
        side,
        connection: connection.name,
        database: name,
        shard: shards[index] ?? null,
        databaseId,
        etag: lastEtag,
      };
    }),
  );
}
