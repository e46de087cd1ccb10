/** The worker's entry. `shardlift worker` runs the same. */
import { ConfigError } from './config/config.ts';
import { runWorker } from './worker/run-worker.ts';

await runWorker({
  onStarted: (started) =>
    process.stderr.write(`${JSON.stringify({ message: 'Worker started', ...started })}\n`),
}).catch((error: Error) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
