/** Runs a worker: the composition root of workflows and activities. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, type LogLevel, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { createActivities } from '../activities/index.ts';
import { ConfigError, loadConfig } from '../config/config.ts';
import { hostTaskQueue, pieceTaskQueue } from '../core/contract/task-queues.ts';
import { DEFAULT_ADDRESS, DEFAULT_NAMESPACE } from '../core/contract/temporal.ts';
import { registeringCommand } from '../core/run/search-attributes.ts';
import { Mutex } from '../engine/work/one-at-a-time.ts';
import { Connections } from '../ravendb/connection/connection.ts';
import { removeLeftovers } from './leftovers.ts';
import { NamespaceSearchAttributes } from './search-attributes.ts';
import { takeOver, workerIdentity } from './take-over.ts';
import { madeTogether, runTogether } from './worker-group.ts';

/** What a person should know of a worker that has started. */
export interface WorkerStarted {
  address: string;
  namespace: string;
  taskQueue: string;
  hostTaskQueue: string;
  connections: string[];
  /** What an administrator of Temporal may do for it; absent where there is nothing. */
  advice?: string;
}

/** How a worker is run; everything has a default. */
export interface WorkerOptions {
  onStarted?: (started: WorkerStarted) => void;
  logLevel?: LogLevel;
}

/**
 * Pieces that one worker holds. It works on one of them, since all shards take part in each; the next is there
 * already when that is done, for Temporal may take a second to hand it over.
 */
const PIECES_HELD = 2;

/**
 * Runs a worker until the process is told to stop (SIGINT, SIGTERM); its activities are handed back at once and
 * go on elsewhere. Temporal is found by its standard environment and configuration file.
 * @throws ConfigError when Temporal cannot be reached or the configuration cannot be used
 */
export async function runWorker(options: WorkerOptions = {}): Promise<void> {
  // before the runtime: it would keep the process alive when the configuration cannot be used
  const config = loadConfig();
  installRuntime(options.logLevel ?? 'INFO');
  const temporal = loadClientConnectConfig();
  const namespace = temporal.namespace ?? DEFAULT_NAMESPACE;
  const address = temporal.connectionOptions.address ?? DEFAULT_ADDRESS;
  const connection = await connect(temporal.connectionOptions, address);
  const connections = new Connections(config.connections, config.tuning.connection);
  try {
    const environment = { connections, config };
    const { host, taskQueue } = config;
    const tuning = config.tuning.worker;
    const client = new Client({ connection, namespace });
    // a courtesy: without it the same happens when heartbeats have been missing for a while
    const beatsWithinMs = 2 * (config.tuning.activity.heartbeatMs + tuning.heartbeatThrottleMs);
    const takingOver = takeOver({ client, taskQueue, host, beatsWithinMs }).catch(() => 0);
    void removeLeftovers(config.dumpDirectory, tuning).catch(() => undefined);
    const attributes = new NamespaceSearchAttributes(connection, namespace);
    const registering = attributes.register().catch(() => []);
    const activities = createActivities(environment);
    const shared = {
      connection,
      namespace,
      identity: workerIdentity(host),
      activities,
      shutdownForceTime: tuning.shutdownMs,
      maxHeartbeatThrottleInterval: tuning.heartbeatThrottleMs,
      defaultHeartbeatThrottleInterval: tuning.heartbeatThrottleMs,
      stickyQueueScheduleToStartTimeout: tuning.stickyMs,
    } as const;
    const workers = await madeTogether([
      Worker.create({
        ...shared,
        taskQueue: config.taskQueue,
        ...workflowCode(),
        activities: { ...activities, hasSearchAttributes: attributes.hasSearchAttributes },
      }),
      Worker.create({ ...shared, taskQueue: hostTaskQueue(taskQueue, host) }),
      Worker.create({
        ...shared,
        taskQueue: pieceTaskQueue(config.taskQueue),
        activities: createActivities(environment, new Mutex()),
        maxConcurrentActivityTaskExecutions: PIECES_HELD,
      }),
    ]);
    const [lacking] = await Promise.all([registering, takingOver]);
    options.onStarted?.({
      address,
      namespace,
      taskQueue: config.taskQueue,
      hostTaskQueue: hostTaskQueue(taskQueue, host),
      connections: Object.keys(config.connections),
      ...(lacking.length > 0 && {
        advice: `To filter lists of workflows by Shardlift's search attributes: ${registeringCommand(lacking, namespace)}`,
      }),
    });
    await runTogether(workers);
  } finally {
    connections.close();
    await connection.close();
  }
}

/** One line of JSON per entry, on stderr: stdout belongs to the command line. */
function installRuntime(level: LogLevel): void {
  const output = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, level: 'trace' },
    pino.destination(2),
  );
  const logger = new DefaultLogger(level, ({ level: severity, message, meta }) => {
    const { sdkComponent: _, taskToken: __, ...rest } = meta ?? {};
    const write = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
    output[write[severity]](rest, message);
  });
  Runtime.install({
    logger,
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}

async function connect(
  options: NonNullable<Parameters<typeof NativeConnection.connect>[0]>,
  address: string,
): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    throw new ConfigError(
      `Temporal cannot be reached at ${address}: ${(error as Error).message}. Set TEMPORAL_ADDRESS ` +
        '(and TEMPORAL_NAMESPACE, TEMPORAL_TLS_*, TEMPORAL_API_KEY where needed), or choose a profile by TEMPORAL_PROFILE.',
    );
  }
}

/** A build carries the workflows bundled ahead; from sources they are bundled at the start. */
function workflowCode(): { workflowBundle: { codePath: string } } | { workflowsPath: string } {
  const built = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  const codePath = process.env.SHARDLIFT_WORKFLOW_BUNDLE ?? built;
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  return {
    workflowsPath: fileURLToPath(new URL(`../workflows/index${extname(import.meta.url)}`, import.meta.url)),
  };
}
