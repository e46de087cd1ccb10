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
  for (let n = 1; ; n++) {
    n = firstFree(await databases(connection), n);
    const names = sampleNames(n);
    await create(connection, names.source);
    if (!(await isOurs(connection, names.source))) continue;
    await loadSampleData(connection, names.source);
    return names;
  }
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

async function databases({ http }: RavenConnection): Promise<string[]> {
  const request = { doing: 'Listing the databases', path: '/databases?namesOnly=true' };
  return (await http.json<{ Databases: string[] }>(request)).Databases;
}

async function create(connection: RavenConnection, database: string): Promise<void> {
  const operation = new CreateDatabaseOperation({ databaseName: database });
  const send = () =>
    connection.withClient('Creating the database', database, (store) =>
      store.maintenance.server.send(operation),
    );
  try {
    await onceReady(connection, send);
  } catch (error) {
    if (!(error instanceof RavenError && error.kind === 'ConcurrencyException')) throw error;
  }
}

/** Of two that create a database at once RavenDB tells both that they did; only one can put this value. */
async function isOurs(connection: RavenConnection, database: string): Promise<boolean> {
  const put = () =>
    connection.http.json<{ Successful: boolean }>({
      doing: 'Claiming the database',
      database,
      method: 'PUT',
      path: databasePath(database, 'cmpxchg?key=shardlift/demo&index=0'),
      json: { Object: new Date().toISOString() },
    });
  return (await onceReady(connection, put)).Successful;
}

async function loadSampleData(connection: RavenConnection, database: string): Promise<void> {
  const path = databasePath(database, 'studio/sample-data');
  await onceReady(connection, () =>
    connection.http.json({ doing: 'Loading the sample data', database, path, method: 'POST' }),
  );
}

/** A database that was just created may be busy for a moment, more so when another demo wanted the same name. */
async function onceReady<T>({ http }: RavenConnection, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof RavenError && error.retryable) || attempt === MOST_ATTEMPTS) throw error;
      await sleep(RETRY_AFTER_MS, undefined, { signal: http.signal });
    }
  }
}
