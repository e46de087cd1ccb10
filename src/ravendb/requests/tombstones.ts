/** What RavenDB remembers as deleted. */
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
