import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import type { LocateOptions } from './locate.ts';
import { locateTimeSkipping } from './locate-time-skipping.ts';
import { onFreePorts } from './ports.ts';
import { noteFor } from './progress.ts';
import { untilReady } from './ready.ts';
import { type Launch, supervise } from './supervised.ts';

const PROBE_TIMEOUT_MS = 5_000;

/** A time-skipping Temporal server that this process started; it stops with this process. */
export type TimeSkippingServer = {
  /** For clients, such as `127.0.0.1:20001`. */
  address: string;
  /** Process id of the server. */
  pid: number;
  /** Stops the server, and kills it if that takes longer than 5 s. */
  stop(): Promise<void>;
};

/**
 * Starts Temporal's time-skipping test server on 127.0.0.1, and fetches it first if necessary. Its clock runs normally
 * until a client unlocks it. Throws `ServerNotFound`, or an error with the last lines of the server's log.
 */
export async function startTimeSkipping(options: LocateOptions = {}): Promise<TimeSkippingServer> {
  const launch = await locateTimeSkipping(options);
  return await onFreePorts([undefined], ([port]) => startOn(port, launch, options));
}

async function startOn(
  port: number | undefined,
  launch: Launch,
  options: LocateOptions,
): Promise<TimeSkippingServer> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shardlift-time-skipping-'));
  noteFor('time-skipping', options.onProgress)('starting the time-skipping Temporal server');
  const server = await supervise(
    { ...launch, args: [...launch.args, `${port}`] },
    path.join(scratch, 'server.log'),
    scratch,
  );
  const address = `127.0.0.1:${port}`;
  await untilReady('The time-skipping Temporal server', server, () => answers(address), options.signal);
  return { address, pid: server.pid, stop: server.stop };
}

async function answers(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: PROBE_TIMEOUT_MS });
  await connection.close();
}
