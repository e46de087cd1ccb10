/** What runs of every kind stand on. Each has a process of its own, so that its peak of memory is its own. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { supervise } from '../../dev/servers/supervised.ts';
import { type MigrateDatabaseInput, workflowTypes } from '../../src/core/contract/contract.ts';
import { type Bed, CONNECTION } from './bed.ts';
import type { Run } from './figures.ts';
import { checkAndDelete, createTarget } from './source.ts';
import { startWorker, type Worker } from './worker-process.ts';

/** What is measured with. */
export interface Job {
  source: string;
  docs: number;
  shards: number;
}

const BARE_SCRIPT = script('bare-smuggler');
/** A workflow that takes longer stands still. */
export const RUN_WITHIN_MS = 15 * 60_000;
/** Deleted databases and written journals keep the server busy for a moment, which is not the next run's fault. */
const SETTLE_MS = 1_500;

/** Waits until the server has done what a run before has left to it. */
export async function settle({ signal }: Bed): Promise<void> {
  await sleep(SETTLE_MS, undefined, { signal });
}

/** Path of a script that runs in a process of its own. */
export function script(name: string): string {
  return fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
}

/** Runs a script to its end. @returns what its last line says @throws Error with its last lines when it fails */
export async function runScript<T extends Run>(bed: Bed, path: string, args: string[]): Promise<T> {
  await settle(bed);
  const log = join(bed.directory, `script-${randomUUID()}.log`);
  const running = await supervise({ command: process.execPath, args: [path, ...args] }, log);
  const kill = () => void running.kill();
  bed.signal.addEventListener('abort', kill);
  const code = await running.exited;
  bed.signal.removeEventListener('abort', kill);
  bed.signal.throwIfAborted();
  const output = await running.lastLines();
  if (code !== 0) throw new Error(`The script ended with code ${code}:\n${output}`);
  return JSON.parse(output.split('\n').at(-1) ?? '') as T;
}

/** Exports a database to a file, imports the file into another one, or both, with RavenDB's client. */
export async function runBare(
  bed: Bed,
  file: string,
  { from, into }: { from?: string; into?: string },
): Promise<Run> {
  const ends = [
    ...(from === undefined ? [] : ['--from', from]),
    ...(into === undefined ? [] : ['--into', into]),
  ];
  return await runScript(bed, BARE_SCRIPT, [bed.ravendbUrl, file, ...ends]);
}

/** Fills an empty target, whose creation is not in the time, makes sure that it is whole, and deletes it. */
export async function intoTarget(
  bed: Bed,
  { docs, shards }: Job,
  fill: (target: string) => Promise<Run>,
): Promise<Run> {
  const target = bed.databaseName(`bare-${randomUUID().slice(0, 8)}`);
  await createTarget(bed, target, shards);
  const run = await fill(target);
  await checkAndDelete(bed, target, docs);
  return run;
}

/** Runs something with a worker of its own, that has started and is stopped afterwards. */
export async function withWorker<T>(bed: Bed, run: (worker: Worker) => Promise<T>): Promise<T> {
  const worker = await startWorker(bed);
  try {
    await worker.started;
    await settle(bed);
    return await run(worker);
  } finally {
    await worker.stop();
  }
}

/**
 * Starts a migration into a target of its own.
 * @param name of the target begins so
 * @param more fields of the input
 */
export async function startMigration(
  bed: Bed,
  { source, shards }: Job,
  name: string,
  more: Omit<MigrateDatabaseInput, 'source' | 'target'> = {},
): Promise<{ handle: WorkflowHandle; target: string }> {
  const target = bed.databaseName(`${name}-${randomUUID().slice(0, 8)}`);
  const input: MigrateDatabaseInput = {
    source: { connection: CONNECTION, database: source },
    target: { connection: CONNECTION, database: target, shards },
    ...more,
  };
  const handle = await bed.client.workflow.start(workflowTypes.migrateDatabase, {
    taskQueue: bed.taskQueue,
    workflowId: target,
    args: [input],
  });
  bed.workflows.add(handle);
  return { handle, target };
}

/** Why a workflow does not go on, as far as its worker tells. */
export async function standstill(worker: Worker): Promise<Error> {
  return new Error(`The workflow stands still. The worker's last lines:\n${await worker.lastLines()}`);
}
