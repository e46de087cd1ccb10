/** What workflows that no longer run have left on a server, as far as the records of its databases show it. */

import { type Check, ok, warning } from '../../core/plan/check.ts';
import type { Leftover } from '../../core/plan/leftovers.ts';
import { firstOf, formatCount, shellWord } from '../../core/text/format.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { databaseNames } from '../../ravendb/requests/databases.ts';
import { closableRecord } from '../../ravendb/requests/fencing.ts';
import { isFencesOwn } from '../cutover/fence.ts';
import { isTemporary } from '../work/temporary-database.ts';
import { found, markInUse, onSource } from './leftovers.ts';

/** Somebody waits for the answer, and reads it. */
const MOST_READ = 500;
const MOST_NAMED = 10;

/**
 * Looks for leftovers without opening a database, so that a claim, which lies inside of one, is not found.
 * @param running the ids of all open workflows
 * @returns a warning for each database with leftovers
 * @throws RavenError
 */
export async function checkLeftovers(
  connection: RavenConnection,
  running: readonly string[],
): Promise<Check[]> {
  const names = await databaseNames(connection);
  const read = names.slice(0, MOST_READ);
  const all = await askEach(connection.http.tuning, read, (name) =>
    // a record that the certificate may not read tells nothing
    leftIn(new Database(connection, name)).catch((error) => {
      if (isRefusal(error)) return [];
      throw error;
    }),
  );
  const left = markInUse(all.flat(), running).filter(({ what, inUse }) =>
    // another database holds the name of its workflow
    what === 'fence' ? running.length === 0 : !inUse,
  );
  const none =
    read.length < names.length ? `None of the first ${formatCount(read.length)} databases` : 'No database';
  const name = `leftovers on "${connection.name}"`;
  if (left.length === 0) return [ok(name, `${none} shows anything that a workflow left behind.`)];
  const byDatabase = [...Map.groupBy(left, ({ database }) => database.database)];
  const more = byDatabase.length - MOST_NAMED;
  return [
    ...byDatabase
      .slice(0, MOST_NAMED)
      .map(([database, ofIt]) => describe(`${connection.name}/${database}`, ofIt)),
    ...(more > 0 ? [warning(name, `${formatCount(more)} more databases have some.`)] : []),
  ];
}

function describe(database: string, left: readonly Leftover[]): Check {
  const names = firstOf(left.map(({ what, name }) => `${what} "${name}"`));
  // the database itself is ours: its name says nothing about the source and the target of its workflow
  const own = left.some(({ what }) => what === 'fence' || what === 'temporary database');
  const sides = own ? '--source <its source> --target <its target>' : `--source ${shellWord(database)}`;
  const advice = `To list and remove it: shardlift cleanup ${sides}`;
  return warning(`leftovers on "${database}"`, `No workflow that runs here needs ${names}. ${advice}`);
}

async function leftIn(database: Database): Promise<Leftover[]> {
  const ref = { connection: database.connection.name, database: database.name };
  if (isTemporary(ref.database)) return [found('temporary database', ref, ref.database)];
  if (isFencesOwn(ref.database)) return [found('fence', ref, ref.database)];
  const record = await closableRecord(database);
  return record ? onSource(ref, record) : [];
}
