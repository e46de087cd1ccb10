/** The database that the demo migrates: RavenDB's own sample data. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateDatabaseOperation } from 'ravendb';
import type { RavenConnection } from '../../ravendb/connection.ts';
import { databasePath } from '../../ravendb/database.ts';
import { RavenError } from '../../ravendb/errors.ts';

const MOST_ATTEMPTS = 20;
const RETRY_AFTER_MS = 500;

/** The names of source and target. */
export interface SampleNames {
  source: string;
  target: string;
}

/** Creates `Northwind`, or the next free name, loads the sample data, and gives the names. @throws RavenError */
export async function createSampleDatabase(connection: RavenConnection): Promise<SampleNames> {
  const names = await createFree(connection);
  await loadSampleData(connection, names.source);
  return names;
}

/** The n-th pair of names. */
export function sampleNames(n: number): SampleNames {
  const suffix = n === 1 ? '' : `-${n}`;
  return { source: `Northwind${suffix}`, target: `NorthwindSharded${suffix}` };
}

/** The first n whose names are both free; `databases` is what the server lists, shards among them. */
export function firstFree(databases: string[], from = 1): number {
  // RavenDB's names differ by more than case
  const taken = new Set(databases.map((name) => name.replace(/\$\d+$/, '').toLowerCase()));
  for (let n = from; ; n++) {
    const { source, target } = sampleNames(n);
    if (!taken.has(source.toLowerCase()) && !taken.has(target.toLowerCase())) return n;
  }
}

/** A database that was just created may be busy for a moment, more so when another demo wanted the same name. */
async function loadSampleData({ http }: RavenConnection, database: string): Promise<void> {
  const path = databasePath(database, 'studio/sample-data');
  for (let attempt = 1; ; attempt++) {
    try {
      return await http.json({ doing: 'Loading the sample data', database, path, method: 'POST' });
    } catch (error) {
      if (!(error instanceof RavenError && error.retryable) || attempt === MOST_ATTEMPTS) throw error;
      await sleep(RETRY_AFTER_MS, undefined, { signal: http.signal });
    }
  }
}

async function createFree(connection: RavenConnection): Promise<SampleNames> {
  for (let n = 1; ; n++) {
    const { Databases } = await connection.http.json<{ Databases: string[] }>({
      doing: 'Listing the databases',
      path: '/databases?namesOnly=true',
    });
    n = firstFree(Databases, n);
    const names = sampleNames(n);
    try {
      await connection.withClient('Creating the database', names.source, (store) =>
        store.maintenance.server.send(new CreateDatabaseOperation({ databaseName: names.source })),
      );
      return names;
    } catch (error) {
      // another demo was faster
      if (!(error instanceof RavenError && error.kind === 'ConcurrencyException')) throw error;
    }
  }
}
