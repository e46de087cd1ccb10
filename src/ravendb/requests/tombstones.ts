/** What RavenDB remembers as deleted, and the disabled index on the source that keeps it from cleaning that. */
import { DeleteIndexOperation, DisableIndexOperation, IndexDefinition, PutIndexesOperation } from 'ravendb';
import { ownName } from '../../core/contract/own-names.ts';
import type { RavenConnection } from '../connection/connection.ts';
import { databasePath } from './databases.ts';

/**
 * Has a shard, or a database that is not sharded, forget at once what was deleted, as it does every few minutes by
 * itself. It keeps what something has still to see, such as a disabled index.
 * @throws RavenError
 */
export async function forgetTombstones({ http }: RavenConnection, storage: string): Promise<void> {
  await http.json({
    doing: 'Cleaning tombstones',
    database: storage,
    method: 'POST',
    path: databasePath(storage, 'admin/tombstones/cleanup'),
  });
}

/** Each migration holds by itself, so that the end of one does not take away what another needs. */
export function holdName(workflowId: string): string {
  return ownName('KeepTombstones', workflowId);
}

/** Whether the index is there and has stayed disabled; if not, tombstones may be gone. @throws RavenError */
export async function holdsTombstones(
  { http }: RavenConnection,
  database: string,
  name: string,
): Promise<boolean> {
  const { Indexes } = await http.json<{ Indexes: { Name: string; Status: string }[] }>({
    doing: 'Looking after the tombstones',
    database,
    path: databasePath(database, 'indexes/status'),
  });
  return Indexes.some(({ Name, Status }) => Name === name && Status === 'Disabled');
}

/**
 * Puts an index over all documents and disables it at once. A disabled index has seen nothing, so the server
 * keeps every tombstone of documents, attachments and revisions for it instead of cleaning up after minutes. It
 * does not keep deleted ranges of time series nor deleted counters. Doing it again changes nothing.
 * @throws RavenError
 */
export async function putTombstoneHold(
  connection: RavenConnection,
  database: string,
  name: string,
): Promise<void> {
  const doing = 'Keeping the tombstones';
  const definition = new IndexDefinition();
  definition.name = name;
  definition.maps = new Set(['from doc in docs select new { Id = doc.Id }']);
  definition.lockMode = 'Unlock';
  await connection.withClient(doing, database, async (store) => {
    const { maintenance } = store;
    await maintenance.forDatabase(database).send(new PutIndexesOperation(definition));
    await maintenance.forDatabase(database).send(new DisableIndexOperation(name));
  });
}

/** Takes it away again; one that is not there is fine. @throws RavenError */
export async function removeTombstoneHold(
  connection: RavenConnection,
  database: string,
  name: string,
): Promise<void> {
  await connection.withClient('Releasing the tombstones', database, (store) =>
    store.maintenance.forDatabase(database).send(new DeleteIndexOperation(name)),
  );
}
