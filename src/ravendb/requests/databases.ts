/** Databases: what they are, making a sharded one, their positions and numbers. */
import {
  type DatabaseRecord as ClientRecord,
  CreateDatabaseOperation,
  DeleteDatabasesOperation,
} from 'ravendb';
import type { ShardingRecord } from '../../core/sharding/buckets.ts';
import type { RavenConnection } from '../connection/connection.ts';
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

/** Shard numbers of a record, ascending; empty for a database that is not sharded. */
export function shardNumbers(record: Pick<DatabaseRecord, 'Sharding'>): number[] {
  return Object.keys(record.Sharding?.Shards ?? {})
    .map(Number)
    .sort((a, b) => a - b);
}

/** Name under which a shard answers by itself. */
export function shardName(database: string, shard: number): string {
  return `${database}$${shard}`;
}

/** Path of a request to a database. */
export function databasePath(database: string, rest: string): string {
  return `/databases/${encodeURIComponent(database)}/${rest}`;
}

/** The record, or undefined when there is no such database. @throws RavenError */
export async function databaseRecord(
  connection: RavenConnection,
  database: string,
): Promise<DatabaseRecord | undefined> {
  try {
    return await connection.http.json<DatabaseRecord>({
      doing: 'Reading the database record',
      database,
      path: databasePath(database, 'admin/record'),
    });
  } catch (error) {
    if (!(error instanceof RavenError)) throw error;
    if (error.kind === 'DatabaseDoesNotExistException') return undefined;
    if (error.kind === 'NodeIsPassiveException' && (await isUnused(connection))) return undefined;
    throw error;
  }
}

/** Whether a server is new: it makes its cluster, and names itself, with the first database. */
async function isUnused({ http }: RavenConnection): Promise<boolean> {
  const { Topology } = await http.json<{ Topology: { AllNodes: Record<string, string> } }>({
    doing: 'Reading the cluster',
    path: '/cluster/topology',
  });
  return Object.keys(Topology.AllNodes).every((tag) => tag === '?');
}

/**
 * Creates a sharded database; RavenDB chooses the nodes of each shard.
 * @param options with `settings`, the database settings by key; set later they would need a reload
 * @throws RavenError, of kind `ConcurrencyException` when the name is taken
 */
export async function createShardedDatabase(
  connection: RavenConnection,
  database: string,
  options: { shards: number; replicationFactor: number; settings?: Record<string, string> },
): Promise<void> {
  const numbers = Array.from({ length: options.shards }, (_, shard) => [shard, {}]);
  const sharding = { shards: Object.fromEntries(numbers), orchestrator: { topology: {} } };
  const record = { databaseName: database, settings: options.settings ?? {}, sharding } as ClientRecord;
  await connection.withClient('Creating the database', database, (store) =>
    store.maintenance.server.send(new CreateDatabaseOperation(record, options.replicationFactor)),
  );
}

/** Creates a database that is not sharded, on one node. @throws RavenError */
export async function createPlainDatabase(connection: RavenConnection, database: string): Promise<void> {
  await connection.withClient('Creating the database', database, (store) =>
    store.maintenance.server.send(new CreateDatabaseOperation({ databaseName: database }, 1)),
  );
}

/** Deletes a database with its files. One that does not exist is fine. @throws RavenError */
export async function deleteDatabase(connection: RavenConnection, database: string): Promise<void> {
  await connection.withClient('Deleting the database', database, (store) =>
    store.maintenance.server.send(
      new DeleteDatabasesOperation({
        databaseNames: [database],
        hardDelete: true,
        timeToWaitForConfirmation: 30_000,
      }),
    ),
  );
}
