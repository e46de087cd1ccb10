/* Starts both servers and waits to be killed. Prints their pids, and RavenDB's directory, as one line of JSON. */
import { startServers } from '../../../../dev/servers/index.ts';

const { temporal, ravendb } = await startServers();
const pids = [temporal.pid, ravendb.pid];
process.stdout.write(`${JSON.stringify({ pids, dataDirectory: ravendb.dataDirectory })}\n`);
setInterval(() => undefined, 1_000);
