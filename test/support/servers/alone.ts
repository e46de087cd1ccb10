import { join } from 'node:path';
import { type EmbeddedRavenDb, startRavenDb } from '../../../dev/servers/index.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseNames } from '../../../src/ravendb/requests/databases.ts';
import { lockDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { deleteDatabases } from '../data/databases.ts';
import { Stack } from './stack.ts';

/** One a process, for one file after another: .NET spends more on a new server than such a file asks of it. */
let server: Promise<EmbeddedRavenDb> | undefined;

/**
 * A stack with a RavenDB that no other file uses meanwhile: what other databases of a cluster do with compare exchange
 * undoes a fence in its first moment. Closing it deletes all its databases.
 */
export async function openAlone(): Promise<{ stack: Stack; close: () => Promise<void> }> {
  server ??= startRavenDb();
  const { url, dataDirectory } = await server;
  const stack = await Stack.open({ ravendbUrl: url });
  const close = async () => {
    const names = await databaseNames(stack.raven);
    // a cutover locks the database that it has closed
    for (const name of names) await lockDatabase(new Database(stack.raven, name), 'Unlock');
    await deleteDatabases(stack.raven, names, join(dataDirectory, 'Databases'));
    await stack.close();
  };
  return { stack, close };
}
