/** A worker in a process of its own, as in production. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Supervised, supervise } from '../../dev/servers/supervised.ts';
import type { Bed } from './bed.ts';
import { peakRssMb } from './memory.ts';

const WORKER = fileURLToPath(new URL('../../src/worker.ts', import.meta.url));
const START_WITHIN_MS = 60_000;

/** A running worker. */
export interface Worker {
  /** Resolves when it polls for work. */
  started: Promise<void>;
  /** The most memory it had so far, in MB. */
  peakRssMb(): Promise<number>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  lastLines(): Promise<string>;
}

/** Starts a worker; it ends with this process, however that ends. */
export async function startWorker(bed: Bed): Promise<Worker> {
  const logFile = join(bed.directory, `worker-${randomUUID()}.log`);
  // as `npm run worker` and the image do: glibc would keep memory for each thread that has ever asked for some, and V8 would
  // let the space for what lives for a moment grow
  const env = { ...bed.environment, MALLOC_ARENA_MAX: '2' };
  const launch = { command: process.execPath, args: ['--max-semi-space-size=2', WORKER], env };
  const process_ = await supervise(launch, logFile);
  const end = async (how: () => Promise<void>) => {
    await how();
    bed.workers.delete(worker);
  };
  const worker: Worker = {
    started: Promise.race([untilStarted(bed, logFile), failWhenGone(process_)]),
    peakRssMb: () => peakRssMb(process_.pid),
    kill: () => end(process_.kill),
    stop: () => end(process_.stop),
    lastLines: process_.lastLines,
  };
  // who does not wait for it sees the migration stand still, and one that stops is gone as it should be
  worker.started.catch(() => undefined);
  bed.workers.add(worker);
  return worker;
}

async function failWhenGone({ exited, lastLines }: Supervised): Promise<never> {
  const code = await exited;
  throw new Error(`The worker ended with code ${code}. Its last lines:\n${await lastLines()}`);
}

async function untilStarted({ signal }: Bed, logFile: string): Promise<void> {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    const log = await readFile(logFile, 'utf8').catch(() => '');
    if (log.includes('Worker started')) return;
    if (Date.now() > deadline) throw new Error(`The worker did not start:\n${log}`);
    await sleep(50, undefined, { signal });
  }
}
