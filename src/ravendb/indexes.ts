/** Index definitions, and the disabled index that keeps tombstones. */
import { DeleteIndexOperation, DisableIndexOperation, IndexDefinition, PutIndexesOperation } from 'ravendb';
import type { RavenConnection } from './connection.ts';
import { databasePath } from './database.ts';

/** The part of an index definition that is compared. */
export interface IndexSummary {
  Name: string;
  Type: string;
  Maps: string[];
  Reduce?: string | null;
  OutputReduceToCollection?: string | null;
  DeploymentMode?: string | null;
  State?: string | null;
}

/** Indexes of this prefix are the product's own; they never leave the source. */
export const OWN_INDEX_PREFIX = 'Shardlift/';

/** The definitions of all indexes, static and automatic, without the product's own. @throws RavenError */
export async function indexDefinitions({ http }: RavenConnection, database: string): Promise<IndexSummary[]> {
  const answer = await http.json<{ Results: IndexSummary[] }>({
    doing: 'Reading the indexes',
    database,
    path: databasePath(database, 'indexes?start=0&pageSize=10000'),
  });
  return answer.Results.filter(({ Name }) => !Name.startsWith(OWN_INDEX_PREFIX));
}

/** Whether a sharded database takes an index; RavenDB leaves others out with a warning. */
export function isCarried(index: IndexSummary): boolean {
  return !index.OutputReduceToCollection && index.DeploymentMode !== 'Rolling';
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
