/** Starts and stops everything that the demo needs. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTemporal, type Temporal } from '../../src/cli/run/temporal.ts';
import { TypedCommands } from '../../src/cli/run/typed-commands.ts';
import { loadConfig } from '../../src/config/config.ts';
import { Connections, type RavenConnection } from '../../src/ravendb/connection/connection.ts';
import { startWorker } from '../playground/worker.ts';
import { DEMO_CONNECTION, demoEnvironment } from './demo-environment.ts';
import { type DemoServers, startDemoServers } from './demo-servers.ts';

/** Servers, worker and connections of one demo. */
export interface Playground {
  /** Also the id of the workflow: unique, so that demos do not share anything. */
  taskQueue: string;
  servers: DemoServers;
  temporal: Temporal;
  ravendb: RavenConnection;
  commands: TypedCommands;
  workerLog: string;
  /** Stops what was started. */
  close(options: { keepLog: boolean }): Promise<void>;
}

/** Starts everything. If one part fails, stops the others. Aborts `controller` if the worker exits by itself. */
export async function openPlayground(
  controller: AbortController,
  say: (line: string) => void,
): Promise<Playground> {
  const { signal } = controller;
  const taskQueue = `shardlift-demo-${randomBytes(3).toString('hex')}`;
  const directory = await mkdtemp(join(tmpdir(), 'shardlift-demo-'));
  const workerLog = join(directory, 'worker.log');
  const undo: (() => Promise<void> | void)[] = [];
  const close = async ({ keepLog }: { keepLog: boolean }) => {
    for (const step of undo.reverse()) await step();
    if (!keepLog) await rm(directory, { recursive: true, force: true });
  };
  try {
    const servers = await startDemoServers(process.env, { signal, say });
    undo.push(servers.stop);
    const env = await demoEnvironment(servers, { taskQueue, directory, env: process.env });
    const connections = new Connections(loadConfig(env, directory).connections);
    undo.push(() => connections.close());
    const temporal = await connectTemporal(env);
    undo.push(temporal.close);
    const onEnd = (why: Error) => controller.abort(why);
    const worker = await startWorker(env, { logFile: workerLog, onEnd });
    undo.push(worker.stop);
    const ravendb = connections.get(DEMO_CONNECTION).within(signal);
    const commands = new TypedCommands(servers.temporal?.address);
    return { taskQueue, servers, temporal, ravendb, commands, workerLog, close };
  } catch (error) {
    await close({ keepLog: false });
    throw error;
  }
}
