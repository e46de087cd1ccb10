import type { WorkerStarted } from '../../worker/run-worker.ts';
import { connectTemporal } from '../run/temporal.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';

/** `shardlift worker`: runs workflows and activities until it is told to stop. */
export async function worker(): Promise<ExitCode> {
  // says in one sentence, and by its own exit code, when Temporal is not there
  await (await connectTemporal()).close();
  const { runWorker } = await import('../../worker/run-worker.ts');
  await runWorker({
    onStarted: (started) => {
      const line = process.stderr.isTTY
        ? describeWorker(started)
        : JSON.stringify({ message: 'Worker started', ...started });
      process.stderr.write(`${line}\n`);
    },
  });
  return exitCodes.ok;
}

/** What to know of a worker that has started. */
export function describeWorker({
  address,
  namespace,
  taskQueue,
  connections,
  advice,
}: WorkerStarted): string {
  const known =
    connections.length > 0 ? connections.join(', ') : 'none: see SHARDLIFT_CONNECTION_<NAME>_URLS';
  return (
    `Worker started: task queue "${taskQueue}" of namespace "${namespace}" at ${address}; ` +
    `connections to RavenDB: ${known}. Ctrl-C stops it.${advice === undefined ? '' : `\n${advice}`}`
  );
}
