/**
 * Runs one repair in a process of its own, which a test may kill: `node repair-process.ts <input> <last heartbeat>`, both
 * JSON. Writes each new heartbeat as a line, and how many differences are left.
 */
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../../src/activities/index.ts';
import { loadConfig } from '../../../src/config/config.ts';
import type { RepairInput } from '../../../src/core/compare/verification.ts';
import { Connections } from '../../../src/ravendb/connection/connection.ts';

const input = JSON.parse(process.argv[2] ?? '') as RepairInput;
const lastHeartbeat: unknown = JSON.parse(process.argv[3] ?? 'null');
const config = loadConfig(process.env);
const connections = new Connections(config.connections, config.tuning.connection);
const { repairItems } = createActivities({ config, connections });
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '' });
const info = lastHeartbeat === null ? {} : { heartbeatDetails: lastHeartbeat };
const environment = new MockActivityEnvironment(info, { client: new Client({ connection }) });
environment.on('heartbeat', (details: unknown) => {
  process.stdout.write(`${JSON.stringify(details ?? null)}\n`);
});
const { after } = (await environment.run(repairItems, input)) as { after: unknown[] };
process.stdout.write(`${after.length} left\n`);
await connection.close();
connections.close();
