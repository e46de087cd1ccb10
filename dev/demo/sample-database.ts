/** The database that the demo migrates: RavenDB's own sample data. */
import { CreateDatabaseOperation } from 'ravendb';
import type { RavenConnection } from '../../src/ravendb/connection/connection.ts';
import { Database } from '../../src/ravendb/connection/database.ts';

/** The names of source and target. */
export interface SampleNames {
  source: string;
  target: string;
}

/**
 * The names of a demo's databases. On a server that others also use they end with the demo's own mark, because two demos that
 * create the same database at the same time both succeed.
 */
export function sampleNames(mark?: string): SampleNames {
  const suffix = mark === undefined ? '' : `-${mark}`;
  return { source: `Northwind${suffix}`, target: `NorthwindSharded${suffix}` };
}

/** Creates the source and loads RavenDB's sample data into it. @throws RavenError */
export async function createSampleDatabase(connection: RavenConnection, database: string): Promise<void> {
  const operation = new CreateDatabaseOperation({ databaseName: database });
  await connection.withClient('Creating the database', database, (store) =>
    store.maintenance.server.send(operation),
  );
  const request = { doing: 'Loading the sample data', method: 'POST', path: 'studio/sample-data' };
  await new Database(connection, database).json(request);
}
