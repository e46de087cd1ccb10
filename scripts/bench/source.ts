/** Databases for measurements. */
import { CreateDatabaseOperation } from 'ravendb';
import { Database } from '../../src/ravendb/connection/database.ts';
import { createShardedDatabase, deleteDatabase } from '../../src/ravendb/requests/databases.ts';
import { databaseCounts } from '../../src/ravendb/requests/statistics.ts';
import type { Bed } from './bed.ts';
import { benchDocument } from './documents.ts';

const BATCH = 1_000;
/** Requests at once: while the server stores one batch, the next is made and sent. */
const SIDE_BY_SIDE = 2;

/** Makes a database that is not sharded, with as many documents. */
export async function createSource({ raven }: Bed, database: string, docs: number): Promise<void> {
  const operation = new CreateDatabaseOperation({ databaseName: database });
  await raven.withClient('Creating the database', database, (store) =>
    store.maintenance.server.send(operation),
  );
  let next = 0;
  const writeOn = async () => {
    while (next < docs) {
      const from = next;
      next = Math.min(docs, from + BATCH);
      const Commands = Array.from({ length: next - from }, (_, index) => {
        const { id, document } = benchDocument(from + index);
        return { Type: 'PUT', Id: id, Document: document };
      });
      await new Database(raven, database).json({
        doing: 'Writing documents',
        method: 'POST',
        path: 'bulk_docs',
        json: { Commands },
      });
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, writeOn));
}

/** Makes an empty sharded database. */
export async function createTarget({ raven }: Bed, database: string, shards: number): Promise<void> {
  await createShardedDatabase(new Database(raven, database), { shards, replicationFactor: 1 });
}

/** How many documents are there; none where there is no database. */
export async function documentCount({ raven, signal }: Bed, database: string): Promise<number> {
  const counts = await databaseCounts(new Database(raven, database)).catch(() => undefined);
  signal.throwIfAborted();
  return counts?.documents ?? 0;
}

/** Makes sure that a copy is whole, and deletes it. @throws Error when a document is missing */
export async function checkAndDelete(bed: Bed, database: string, docs: number): Promise<void> {
  const there = await documentCount(bed, database);
  if (there !== docs) throw new Error(`${database} holds ${there} documents, and should hold ${docs}`);
  await deleteDatabase(new Database(bed.raven, database));
}
