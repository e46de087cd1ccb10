/** What a measurement stands on: servers, the workflows bundled once, and names of its own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { DEMO_CONNECTION, demoEnvironment } from '../../dev/demo/demo-environment.ts';
import { startDemoServers } from '../../dev/demo/demo-servers.ts';
import { connectTemporal } from '../../src/cli/run/temporal.ts';
import { loadConfig } from '../../src/config/config.ts';
import { Connections, type RavenConnection } from '../../src/ravendb/connection/connection.ts';
import { Database } from '../../src/ravendb/connection/database.ts';
import { deleteDatabase } from '../../src/ravendb/requests/databases.ts';

/** The connection's name in the worker's configuration. */
export const CONNECTION = DEMO_CONNECTION;

/** How long ended workers, runs and databases may take to go away. */
const CLOSING_TIMEOUT_MS = 30_000;

/** Servers and connections of one measurement, and all that has to go away after it. */
export interface Bed {
  raven: RavenConnection;
  ravendbUrl: string;
  client: Client;
  taskQueue: string;
  /** For temporary files. */
  directory: string;
  /** In which a worker finds the servers. */
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  say: (line: string) => void;
  /** A database name that nothing else has. */
  databaseName(prefix: string): string;
  /** What must be ended, if it has not ended by itself, when the measurement is over. */
  workers: Set<{ kill(): Promise<void> }>;
  workflows: Set<WorkflowHandle>;
  /** Takes everything down, whatever has happened. */
  close(): Promise<void>;
}

/**
 * Puts everything up: on the servers that `TEMPORAL_ADDRESS` and `SHARDLIFT_RAVENDB_URL` name, and on embedded ones
 * in place of those that are not named.
 */
export async function openBed(signal: AbortSignal, say: (line: string) => void): Promise<Bed> {
  const mark = randomBytes(3).toString('hex');
  const taskQueue = `shardlift-bench-${mark}`;
  const directory = await mkdtemp(join(tmpdir(), 'shardlift-bench-'));
  const undo: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        say(`Not all was removed: ${(error as Error).message}`);
      }
    }
  };
  try {
    const [servers, bundle] = await Promise.all([
      startDemoServers(process.env, { signal, say }).then((started) => {
        undo.push(() => started.stop());
        return started;
      }),
      bundleWorkflows(directory),
    ]);
    const environment = await demoEnvironment(servers, {
      taskQueue,
      directory,
      env: {
        ...process.env,
        SHARDLIFT_WORKFLOW_BUNDLE: bundle,
        SHARDLIFT_REPORT_DIRECTORY: join(directory, 'reports'),
      },
    });
    const connections = new Connections(loadConfig(environment, directory).connections);
    undo.push(() => connections.close());
    const raven = connections.get(CONNECTION);
    const databases = new Set<string>();
    // embedded servers take their databases with them
    if (!servers.ravendb.isOurs) undo.push(() => deleteAll(raven, databases));
    const temporal = await connectTemporal(environment);
    undo.push(temporal.close);
    const workers: Bed['workers'] = new Set();
    undo.push(() => Promise.all([...workers].map((worker) => worker.kill())));
    const workflows = new Set<WorkflowHandle>();
    undo.push(() => endAll(workflows));
    return {
      raven: raven.within(signal),
      ravendbUrl: servers.ravendb.url,
      client: temporal.client,
      taskQueue,
      directory,
      environment,
      signal,
      say,
      databaseName: (prefix) => {
        const name = `${prefix}-${mark}`;
        databases.add(name);
        return name;
      },
      workers,
      workflows,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function bundleWorkflows(directory: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
  });
  const path = join(directory, 'workflow-bundle.js');
  await writeFile(path, code);
  return path;
}

async function deleteAll(raven: RavenConnection, databases: Set<string>): Promise<void> {
  const within = raven.within(AbortSignal.timeout(CLOSING_TIMEOUT_MS));
  for (const database of databases) await deleteDatabase(new Database(within, database));
}

/** On a Temporal that goes on, a workflow without its worker would wait for ever. */
async function endAll(workflows: Set<WorkflowHandle>): Promise<void> {
  for (const workflow of workflows) await workflow.terminate('The measurement is over.');
}
