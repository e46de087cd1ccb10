/** The connection to Temporal. */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { type LoadClientProfileOptions, loadClientConnectConfig } from '@temporalio/envconfig';
import { DEFAULT_ADDRESS, DEFAULT_NAMESPACE } from '../../core/contract/temporal.ts';
import { lackingSearchAttributes, type SearchAttribute } from '../../core/run/search-attributes.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { whyUnreachable } from './reachable.ts';
import { tuning } from './tuning.ts';
import { invocation } from './typed-commands.ts';

/** An open connection to Temporal. */
export interface Temporal {
  client: Client;
  address: string;
  namespace: string;
  close(): Promise<void>;
}

/**
 * Connects by Temporal's standard environment and configuration file.
 * @throws CliError when Temporal cannot be reached
 */
export async function connectTemporal(
  env: NodeJS.ProcessEnv = process.env,
  withinMs = tuning.connectWithinMs,
): Promise<Temporal> {
  const settings = readTemporalSettings(env, loadClientConnectConfig);
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = settings;
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  const connection = await connect(
    {
      ...(connectionOptions as ConnectionOptions),
      address,
      // after an outage gRPC would wait for up to two minutes until it looks again
      channelArgs: { 'grpc.max_reconnect_backoff_ms': 2_000 },
    },
    withinMs,
  );
  const client = new Client({ connection, namespace });
  return { client, address, namespace, close: () => connection.close() };
}

/** Does something with a connection to Temporal, and closes it. @throws CliError when Temporal cannot be reached */
export async function withTemporal<T>(act: (temporal: Temporal) => Promise<T>): Promise<T> {
  const temporal = await connectTemporal();
  try {
    return await act(temporal);
  } finally {
    await temporal.close();
  }
}

/** Asks Temporal something that it answers soon, or not at all. */
export function ask<T>(
  { client }: Temporal,
  question: () => Promise<T>,
  signal?: AbortSignal,
  withinMs = tuning.askWithinMs,
): Promise<T> {
  const bounded = () => client.withDeadline(Date.now() + withinMs, question);
  return signal ? client.withAbortSignal(signal, bounded) : bounded();
}

/** One sentence on why a worker does not answer, as far as Temporal can tell, or that Temporal does not. */
export async function explainSilence(temporal: Temporal, taskQueue: string): Promise<string> {
  try {
    return (await isPolled(temporal, taskQueue))
      ? `The worker on task queue "${taskQueue}" does not answer.`
      : noWorkerPolls(taskQueue);
  } catch {
    return `Temporal does not answer at ${temporal.address}.`;
  }
}

/** One sentence on a task queue that no worker polls, with the way out. */
export function noWorkerPolls(taskQueue: string): string {
  return `No worker polls task queue "${taskQueue}"; start one with: ${invocation()} worker`;
}

/** The version of Temporal's server. @throws when it does not answer, or there is no such namespace */
export async function serverVersion(temporal: Temporal): Promise<string> {
  const { client, namespace } = temporal;
  const [{ serverVersion: version }] = await ask(temporal, () =>
    Promise.all([
      client.workflowService.getSystemInfo({}),
      client.workflowService.describeNamespace({ namespace }),
    ]),
  );
  return version ?? 'of an unknown version';
}

/** The search attributes that the namespace lacks. @throws when Temporal does not tell */
export async function missingSearchAttributes(temporal: Temporal): Promise<SearchAttribute[]> {
  const { client, namespace } = temporal;
  const listing = () => client.connection.operatorService.listSearchAttributes({ namespace });
  const { customAttributes } = await ask(temporal, listing);
  return lackingSearchAttributes(customAttributes ?? {});
}

/** Whether a worker polled a task queue lately. @throws when Temporal does not answer */
export async function isPolled(temporal: Temporal, taskQueue: string): Promise<boolean> {
  return (await pollersOf(temporal, taskQueue)).length > 0;
}

/** A worker that asks for work. */
export interface Poller {
  /** Its process and host, as `1234@migration-1`. */
  identity: string;
  /** Of its workflow code: workers with the same code have the same. */
  buildId: string;
}

/** The workers that polled a task queue for workflows lately. @throws when Temporal does not answer */
export async function pollersOf(temporal: Temporal, taskQueue: string): Promise<Poller[]> {
  const { client, namespace } = temporal;
  const { pollers } = await ask(temporal, () =>
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: WORKFLOW_QUEUE,
    }),
  );
  const since = Date.now() - tuning.pollerGoneMs;
  return (pollers ?? [])
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since)
    .map(({ identity, workerVersionCapabilities }) => ({
      identity: identity ?? '',
      buildId: workerVersionCapabilities?.buildId ?? '',
    }));
}

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_QUEUE = 1;

/** Reads Temporal's settings from its standard environment and configuration file. @throws CliError */
export function readTemporalSettings<T>(
  env: NodeJS.ProcessEnv,
  read: (options: LoadClientProfileOptions) => T,
): T {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    return read({ overrideEnvVars: Object.fromEntries(defined) });
  } catch (error) {
    const message = `Temporal's configuration cannot be used: ${(error as Error).message}.`;
    const hint = 'Look at TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and TEMPORAL_TLS_*.';
    throw new CliError(message, hint, exitCodes.usage);
  }
}

async function connect(
  options: ConnectionOptions & { address: string },
  withinMs: number,
): Promise<Connection> {
  const { address } = options;
  const why = await whyUnreachable(address, withinMs);
  if (why !== undefined) throw unreachable(address, why);
  try {
    return await Connection.connect({ ...options, connectTimeout: withinMs });
  } catch (error) {
    throw unreachable(address, (error as Error).message.replace(/\.$/, ''));
  }
}

function unreachable(address: string, why: string): CliError {
  const message = `Temporal cannot be reached at ${address}: ${why}.`;
  const hint =
    'Set TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE, TEMPORAL_TLS_*, TEMPORAL_API_KEY where needed), or choose ' +
    'a profile by TEMPORAL_PROFILE.';
  return new CliError(message, hint, exitCodes.unreachable);
}
