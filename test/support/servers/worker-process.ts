/** A worker as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tuningVariable } from './tuning.ts';
import { until } from './until.ts';

const WORKER = fileURLToPath(new URL('../../../src/worker.ts', import.meta.url));

/** A worker process. */
export interface WorkerProcess {
  child: ChildProcess;
  logFile: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Tells it to stop, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** What a worker of the tests, the command line and Temporal's CLI are told by their environment. */
export interface WorkerPlace {
  temporalAddress: string;
  ravendbUrl: string;
  taskQueue: string;
  /** Dumps and reports are written to `dumps` and `reports` in it. */
  directory: string;
  workflowBundle: string;
}

export function workerEnvironment(place: WorkerPlace): NodeJS.ProcessEnv {
  const { temporalAddress, ravendbUrl, taskQueue, directory, workflowBundle } = place;
  return {
    ...process.env,
    TEMPORAL_ADDRESS: temporalAddress,
    SHARDLIFT_TASK_QUEUE: taskQueue,
    SHARDLIFT_CONNECTION_LOCAL_URLS: ravendbUrl,
    SHARDLIFT_CONNECTION_NOWHERE_URLS: 'http://127.0.0.1:9',
    SHARDLIFT_DUMP_DIRECTORY: join(directory, 'dumps'),
    SHARDLIFT_REPORT_DIRECTORY: join(directory, 'reports'),
    SHARDLIFT_WORKFLOW_BUNDLE: workflowBundle,
    ...tuningVariable(),
  };
}

/** Starts a worker and waits until it polls. @param directory for its log */
export async function startWorkerProcess(env: NodeJS.ProcessEnv, directory: string): Promise<WorkerProcess> {
  const logFile = join(directory, `worker-${randomUUID()}.log`);
  const child = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.pipe(createWriteStream(logFile));
  let isToEnd = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code, signal) => {
      // what waits for it would wait in vain, and its log goes with the directory
      if (!isToEnd) void told(logFile, `ended by itself: ${signal ?? `exit code ${code}`}`);
      resolve(code);
    });
  });
  const end = async (signal: NodeJS.Signals) => {
    isToEnd = true;
    child.kill(signal);
    return await exited;
  };
  const worker = {
    child,
    logFile,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
  await until('the worker has started', async () => {
    const log = await readFile(logFile, 'utf8').catch(() => '');
    if (child.exitCode !== null) throw new Error(`the worker ended: ${log}`);
    return log.includes('Worker started');
  });
  return worker;
}

async function told(logFile: string, what: string): Promise<void> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  process.stderr.write(`a worker ${what}\n${log.split('\n').slice(-20).join('\n')}\n`);
}
