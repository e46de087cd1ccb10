/** Items that belong to a database as a whole: compare exchange, identities. */
import type { RavenConnection } from './connection.ts';
import { databasePath } from './database.ts';

const PAGE = 1024;
/** Keys by which the server guards cluster-wide transactions; it makes them anew on the target. */
const GUARD_PREFIX = 'rvn-atomic/';

/** Keys of compare exchange with their values as JSON text, a page at a time; guards left out. @throws RavenError */
export async function* compareExchange(
  { http }: RavenConnection,
  database: string,
): AsyncGenerator<[key: string, value: string][]> {
  for (let start = 0; ; start += PAGE) {
    const { Results } = await http.json<{ Results: { Key: string; Value: unknown }[] }>({
      doing: 'Reading compare exchange',
      database,
      path: databasePath(database, `cmpxchg?startsWith=&start=${start}&pageSize=${PAGE}`),
    });
    const own = Results.filter(({ Key }) => !Key.startsWith(GUARD_PREFIX));
    yield own.map(({ Key, Value }) => [Key, JSON.stringify(Value)]);
    if (Results.length < PAGE) return;
  }
}

/** Every identity with its last value. @throws RavenError */
export async function identities(
  { http }: RavenConnection,
  database: string,
): Promise<Record<string, number>> {
  return await http.json({
    doing: 'Reading the identities',
    database,
    path: databasePath(database, 'debug/identities'),
  });
}

/**
 * Number of revisions without those that only mark a deletion: an import of a deletion adds one of these.
 * @throws RavenError
 */
export async function countRevisions({ http }: RavenConnection, database: string): Promise<number> {
  const { TotalResults } = await http.json<{ TotalResults: number }>({
    doing: 'Counting the revisions',
    database,
    path: databasePath(database, 'studio/revisions/preview?start=0&pageSize=0&type=Regular'),
  });
  return TotalResults;
}
