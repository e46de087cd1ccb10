import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { locateTemporal } from './locate-temporal.ts';
import { onFreePorts } from './ports.ts';
import { noteFor, type Progress } from './progress.ts';
import { untilReady } from './ready.ts';
import { type Launch, supervise } from './supervised.ts';

const NAMESPACE = 'default';
const PROBE_TIMEOUT_MS = 5_000;

/** A Temporal development server that this process started; it stops with this process. */
export type EmbeddedTemporal = {
  /** For clients, such as `127.0.0.1:40001`. */
  address: string;
  uiUrl: string;
  namespace: typeof NAMESPACE;
  /** Process id of the server. */
  pid: number;
  /** Kills the server, like a crash. */
  kill(): Promise<void>;
  /** Stops the server, and kills it if that takes longer than 5 s. */
  stop(): Promise<void>;
};

/** How to start Temporal. Every option has a default. */
export type TemporalOptions = {
  /** gRPC port on 127.0.0.1; default: a free one. */
  port?: number | undefined;
  /** Port of the web UI on 127.0.0.1; default: a free one. */
  uiPort?: number | undefined;
  /** File that keeps the server's state across restarts; default: state in memory. */
  dbFile?: string | undefined;
  onProgress?: Progress | undefined;
  signal?: AbortSignal | undefined;
};

/**
 * Starts a Temporal development server on 127.0.0.1, fetches it first if necessary, and waits until its namespace is
 * ready. Throws `ServerNotFound`, or an error with the last lines of the server's log.
 */
export async function startTemporal(options: TemporalOptions = {}): Promise<EmbeddedTemporal> {
  const launch = await locateTemporal(options);
  return await onFreePorts([options.port, options.uiPort], ([port, uiPort]) =>
    startOn({ port, uiPort }, launch, options),
  );
}

async function startOn(
  { port, uiPort }: { port: number | undefined; uiPort: number | undefined },
  launch: Launch,
  options: TemporalOptions,
): Promise<EmbeddedTemporal> {
  const note = noteFor('temporal', options.onProgress);
  const dbFile = options.dbFile && path.resolve(options.dbFile);
  const scratch = dbFile ? undefined : await mkdtemp(path.join(tmpdir(), 'shardlift-temporal-'));
  const logFile = scratch ? path.join(scratch, 'server.log') : `${dbFile}.log`;
  await mkdir(path.dirname(logFile), { recursive: true });
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
  args.push('--log-level', 'warn');
  if (dbFile) args.push('--db-filename', dbFile);

  note('starting Temporal');
  const server = await supervise({ ...launch, args: [...launch.args, ...args] }, logFile, scratch);
  const address = `127.0.0.1:${port}`;
  await untilReady('Temporal', server, () => describeNamespace(address), options.signal);
  note(`Temporal is ready at ${address}`);
  const { pid, kill, stop } = server;
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, namespace: NAMESPACE, pid, kill, stop };
}

async function describeNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: PROBE_TIMEOUT_MS });
  try {
    await connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace: NAMESPACE }),
    );
  } finally {
    await connection.close();
  }
}
