/** RavenDB's own sample data. */
import { CreateDatabaseOperation } from 'ravendb';
import type { RavenConnection } from '../../src/ravendb/connection/connection.ts';
import { Database } from '../../src/ravendb/connection/database.ts';

/** Creates a database and loads RavenDB's sample data into it. @throws RavenError */
export async function createSampleDatabase(connection: RavenConnection, database: string): Promise<void> {
  const operation = new CreateDatabaseOperation({ databaseName: database });
  await connection.withClient('Creating the database', database, (store) =>
    store.maintenance.server.send(operation),
  );
  const request = { doing: 'Loading the sample data', method: 'POST', path: 'studio/sample-data' };
  await new Database(connection, database).json(request);
}
