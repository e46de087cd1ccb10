/** Runs one repair in a process of its own, which a test may kill: `node repair-process.ts <input as JSON>`. */
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities, type RepairInput } from '../../src/activities/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { Connections } from '../../src/ravendb/connection.ts';

const input = JSON.parse(process.argv[2] ?? '') as RepairInput;
const config = loadConfig(process.env);
const connections = new Connections(config.connections);
const { repairItems } = createActivities({ config, connections });
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '' });
const environment = new MockActivityEnvironment({}, { client: new Client({ connection }) });
process.stdout.write('begins\n');
const { after } = (await environment.run(repairItems, input)) as { after: unknown[] };
process.stdout.write(`${after.length} left\n`);
await connection.close();
connections.close();
