import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExitCode, exitCodes } from '../../src/cli/terminal/exit-codes.ts';
import { untilInterrupted } from '../../src/cli/terminal/interrupt.ts';
import { RavenConnection } from '../../src/ravendb/connection/connection.ts';
import {
  indented,
  loadingCommands,
  movingCommands,
  type Places,
  pagesOf,
  reachingCommands,
} from '../playground/next-steps.ts';
import { createSampleDatabase } from '../playground/sample-database.ts';
import { foreignRemoved, startWorker } from '../playground/worker.ts';
import { serverTitles, startServers } from '../servers/index.ts';
import { portsIn } from './ports.ts';

/** The options of `npm run dev`. */
export interface WorkbenchOptions {
  directory: string;
}

/** The connection to the server of the workbench. */
const CONNECTION = 'local';
const SAMPLE = 'Northwind';
const TASK_QUEUE = 'shardlift';
const MAX_TIMER_MS = 2 ** 31 - 1;

const CONFIGURATION = `# More connections of the worker, such as to a server of yours: see shardlift.example.yaml.
# The connection "${CONNECTION}" is that of the workbench itself. Start it again after a change.
connections: {}
`;

/** `npm run dev`: servers and a worker, until Ctrl-C. What they hold is there again at the next start. */
export async function workbench(options: WorkbenchOptions): Promise<ExitCode> {
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });
  return await untilInterrupted(async (controller) => {
    const { signal } = controller;
    const stops: (() => Promise<void>)[] = [];
    try {
      const places = await startAll(directory, controller, stops);
      for (const line of await welcome(places, directory)) say(line);
      await sleep(MAX_TIMER_MS, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      return exitCodes.ok;
    } finally {
      say('Stopping the worker and the servers ...');
      for (const stop of stops.reverse()) await stop();
      say(`Stopped. The data is in ${shown(directory)}.`);
    }
  });
}

async function startAll(
  directory: string,
  controller: AbortController,
  stops: (() => Promise<void>)[],
): Promise<Places> {
  const { signal } = controller;
  const ports = await portsIn(directory);
  const servers = await startServers({
    temporal: { port: ports.temporal, uiPort: ports.temporalUi, dbFile: join(directory, 'temporal.db') },
    ravendb: { port: ports.ravendb, dataDirectory: join(directory, 'ravendb') },
    onProgress: ({ server, message }) => say(`${serverTitles[server]}: ${message}`),
    signal,
  });
  stops.push(servers.stop);
  const { temporal, ravendb } = servers;
  await loadSample(ravendb.url, directory);
  const env = foreignRemoved(process.env, {
    ownTemporal: true,
    adds: {
      TEMPORAL_ADDRESS: temporal.address,
      SHARDLIFT_CONFIG: await configurationIn(directory),
      SHARDLIFT_CONNECTION_LOCAL_URLS: ravendb.url,
      SHARDLIFT_TASK_QUEUE: TASK_QUEUE,
      SHARDLIFT_DUMP_DIRECTORY: join(directory, 'dumps'),
      SHARDLIFT_REPORT_DIRECTORY: join(directory, 'reports'),
    },
  });
  const onEnd = (why: Error) => controller.abort(why);
  const worker = await startWorker(env, { logFile: join(directory, 'worker.log'), onEnd });
  stops.push(worker.stop);
  return { temporal, ravendb, taskQueue: TASK_QUEUE };
}

/** Once: whoever deletes the sample does not want it again. */
async function loadSample(url: string, directory: string): Promise<void> {
  const mark = join(directory, 'sample-loaded');
  if (await exists(mark)) return;
  say('RavenDB: loading sample data');
  const connection = RavenConnection.open(CONNECTION, { urls: [url] });
  try {
    await createSampleDatabase(connection, SAMPLE);
  } finally {
    connection.close();
  }
  await writeFile(mark, '');
}

/** Where the user may add connections. */
async function configurationIn(directory: string): Promise<string> {
  const file = join(directory, 'shardlift.yaml');
  if (!(await exists(file))) await writeFile(file, CONFIGURATION);
  return file;
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

async function welcome(places: Places, directory: string): Promise<string[]> {
  const here = shown(directory);
  return [
    '',
    `Everything runs. Ctrl-C stops it; the data stays in ${here}.`,
    '',
    ...pagesOf(places),
    `  Worker           connection "${CONNECTION}", log in ${join(here, 'worker.log')}, reports in ${join(here, 'reports')}`,
    '',
    'In another terminal, so that it reaches these servers:',
    '',
    ...indented(await reachingCommands(places)),
    '',
    `Move the sample data, by Shardlift's command line or by Temporal's:`,
    '',
    ...indented(movingCommands(places, CONNECTION, SAMPLE)),
    '',
    'Load a dump of your own, to move that:',
    '',
    ...indented(loadingCommands(places, 'Shop')),
    '',
    `Or move a database of another server: add its connection to ${join(here, 'shardlift.yaml')}, and start this again.`,
    '',
  ];
}

/** A directory as a person would type it. */
function shown(directory: string): string {
  const path = relative(process.cwd(), directory);
  return path.startsWith('..') ? directory : path;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
