/** Tombstones: keeping them for a migration, and having them cleaned. */
import { DeleteIndexOperation, DisableIndexOperation, IndexDefinition, PutIndexesOperation } from 'ravendb';
import { ownName } from '../../core/contract/own-names.ts';
import type { Database } from '../connection/database.ts';
import { databaseRecord, shardNumbers } from './databases.ts';
import { setIndexState } from './indexes.ts';

/** The name of the index that keeps tombstones for a workflow: each has its own, so that none ends another's. */
export function holdName(workflowId: string): string {
  return ownName('KeepTombstones', workflowId);
}

/** Whether the index is there and still disabled; if not, tombstones may be gone. @throws RavenError */
export async function holdsTombstones(database: Database, name: string): Promise<boolean> {
  const { Indexes } = await database.json<{ Indexes: { Name: string; Status: string }[] }>({
    doing: 'Checking that tombstones are kept',
    path: 'indexes/status',
  });
  return Indexes.some(({ Name, Status }) => Name === name && Status === 'Disabled');
}

/**
 * Creates an index over all documents and disables it at once. A disabled index has processed nothing, so the server
 * keeps every tombstone of documents, attachments and revisions for it instead of cleaning them after some minutes. It
 * keeps neither deleted ranges of time series nor deleted counters. Doing it again changes nothing.
 * @throws RavenError
 */
export async function putTombstoneHold(database: Database, name: string): Promise<void> {
  const { connection, name: ofDatabase } = database;
  const definition = new IndexDefinition();
  definition.name = name;
  definition.maps = new Set(['from doc in docs select new { Id = doc.Id }']);
  definition.lockMode = 'Unlock';
  const isSharded = shardNumbers((await databaseRecord(database)) ?? {}).length > 0;
  await connection.withClient('Keeping the tombstones', ofDatabase, async (store) => {
    const maintenance = store.maintenance.forDatabase(ofDatabase);
    await maintenance.send(new PutIndexesOperation(definition));
    if (!isSharded) await maintenance.send(new DisableIndexOperation(name));
  });
  // the client disables it on one node, which a sharded database refuses
  if (isSharded) await setIndexState(database, name, 'disabled');
}

/** Deletes that index; one that is not there is fine. @throws RavenError */
export async function removeTombstoneHold(
  { connection, name: database }: Database,
  name: string,
): Promise<void> {
  await connection.withClient('Releasing the tombstones', database, (store) =>
    store.maintenance.forDatabase(database).send(new DeleteIndexOperation(name)),
  );
}

/**
 * Cleans the tombstones of a shard, or of a database that is not sharded, at once; RavenDB does so every few minutes
 * by itself. Tombstones that something has not processed yet, as a disabled index, are kept.
 * @throws RavenError
 */
export async function cleanTombstones(storage: Database): Promise<void> {
  await storage.json({ doing: 'Cleaning tombstones', method: 'POST', path: 'admin/tombstones/cleanup' });
}
