/** Databases: reading their records, creating and deleting them. */
import {
  type DatabaseRecord as ClientRecord,
  CreateDatabaseOperation,
  DeleteDatabasesOperation,
} from 'ravendb';
import type { ShardingRecord } from '../../core/sharding/buckets.ts';
import type { RavenConnection } from '../connection/connection.ts';
import type { Database } from '../connection/database.ts';
import { RavenError } from '../connection/errors.ts';

/** The part of a database record that a migration reads. */
export interface DatabaseRecord {
  DatabaseName: string;
  Disabled?: boolean;
  EtagForBackup?: number;
  Encrypted?: boolean;
  Sharding?: ShardingRecord | null;
  [setting: string]: unknown;
}

/** The names of all databases of a server, which lists a sharded one by its shards alone (7.1.5). @throws RavenError */
export async function databaseNames({ http }: RavenConnection): Promise<string[]> {
  const { Databases } = await http.json<{ Databases: string[] }>({
    doing: 'Reading the names of the databases',
    path: '/databases?namesOnly=true',
  });
  return [...new Set(Databases.map((name) => name.replace(/\$\d+$/, '')))];
}

/** Shard numbers of a record, ascending; empty for a database that is not sharded. */
export function shardNumbers(record: Pick<DatabaseRecord, 'Sharding'>): number[] {
  return Object.keys(record.Sharding?.Shards ?? {})
    .map(Number)
    .sort((a, b) => a - b);
}

/** A storage of a database. */
export interface StorageHandle {
  /** Null where the database is not sharded. */
  shard: number | null;
  storage: Database;
}

/** The storages of a database by its record: its shards in order, or itself where it is not sharded. */
export function storageHandles(
  database: Database,
  record: Pick<DatabaseRecord, 'Sharding'>,
): StorageHandle[] {
  const shards = shardNumbers(record);
  if (shards.length === 0) return [{ shard: null, storage: database }];
  return shards.map((shard) => ({ shard, storage: database.shard(shard) }));
}

/** The record, or undefined when there is no such database. @throws RavenError */
export async function databaseRecord(database: Database): Promise<DatabaseRecord | undefined> {
  try {
    return await database.json<DatabaseRecord>({
      doing: 'Reading the database record',
      path: 'admin/record',
    });
  } catch (error) {
    if (!(error instanceof RavenError)) throw error;
    if (error.kind === 'DatabaseDoesNotExistException') return undefined;
    if (error.kind === 'NodeIsPassiveException' && (await isUnused(database.connection))) return undefined;
    throw error;
  }
}

/** Whether a server is new: it forms its cluster, and names itself, with the first database. */
async function isUnused({ http }: RavenConnection): Promise<boolean> {
  const { Topology } = await http.json<{ Topology: { AllNodes: Record<string, string> } }>({
    doing: 'Reading the cluster',
    path: '/cluster/topology',
  });
  return Object.keys(Topology.AllNodes).every((tag) => tag === '?');
}

/**
 * Creates a sharded database; RavenDB chooses the nodes of each shard.
 * @param options.settings the database settings by key; changing them later would take a reload of the database
 * @throws RavenError, of kind `ConcurrencyException` when the name is taken
 */
export async function createShardedDatabase(
  { connection, name }: Database,
  options: { shards: number; replicationFactor: number; settings?: Record<string, string> },
): Promise<void> {
  const numbers = Array.from({ length: options.shards }, (_, shard) => [shard, {}]);
  const sharding = { shards: Object.fromEntries(numbers), orchestrator: { topology: {} } };
  const record = { databaseName: name, settings: options.settings ?? {}, sharding } as ClientRecord;
  await connection.withClient('Creating the database', name, (store) =>
    store.maintenance.server.send(new CreateDatabaseOperation(record, options.replicationFactor)),
  );
}

/** Creates a database that is not sharded, on one node. @throws RavenError */
export async function createPlainDatabase({ connection, name }: Database): Promise<void> {
  await connection.withClient('Creating the database', name, (store) =>
    store.maintenance.server.send(new CreateDatabaseOperation({ databaseName: name }, 1)),
  );
}

/** Deletes a database with its files. One that does not exist is fine. @throws RavenError */
export async function deleteDatabase({ connection, name }: Database): Promise<void> {
  await connection.withClient('Deleting the database', name, (store) =>
    store.maintenance.server.send(
      new DeleteDatabasesOperation({
        databaseNames: [name],
        hardDelete: true,
        timeToWaitForConfirmation: 30_000,
      }),
    ),
  );
}
