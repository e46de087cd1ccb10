/** The runs of the benchmark of the verification. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workflowTypes } from '../../src/core/contract/contract.ts';
import type { VerifyDatabasesInput } from '../../src/core/contract/verify-contract.ts';
import type { VerifyResult } from '../../src/core/run/results.ts';
import { type Bed, CONNECTION } from './bed.ts';
import type { Run } from './figures.ts';
import {
  intoTarget,
  type Job,
  RUN_WITHIN_MS,
  runBare,
  runScript,
  script,
  standstill,
  withWorker,
} from './runs.ts';
import { checkAndDelete, createTarget } from './source.ts';
import { AT_A_TIME, type Compared, requireWhole, type Script } from './verify-figures.ts';
import type { Worker } from './worker-process.ts';

/** A source, its dump, and a sharded database that holds the same. */
export interface Copied extends Job {
  dump: string;
  target: string;
}

const NAIVE_SCRIPT = script('naive-compare');

/** Makes what is compared, and takes it away afterwards. */
export async function withCopy<T>(bed: Bed, job: Job, use: (copied: Copied) => Promise<T>): Promise<T> {
  const target = bed.databaseName(`copy-${job.docs}`);
  const dump = join(bed.directory, `${target}.ravendbdump`);
  await createTarget(bed, target, job.shards);
  await runBare(bed, dump, { from: job.source, into: target });
  const result = await use({ ...job, dump, target });
  await checkAndDelete(bed, target, job.docs);
  await rm(dump);
  return result;
}

/** Imports the dump with RavenDB's client. */
export async function importRun(bed: Bed, copied: Copied): Promise<Run> {
  return await intoTarget(bed, copied, (into) => runBare(bed, copied.dump, { into }));
}

/** Shardlift's verification, from the start of its workflow to the result. */
export async function verifyRun(bed: Bed, copied: Copied): Promise<Run> {
  return await withWorker(bed, async (worker) => {
    const start = performance.now();
    const result = await verifyDatabases(bed, copied, worker);
    const seconds = (performance.now() - start) / 1000;
    if (result.phase !== 'completed') throw new Error(`The verification is ${result.phase}.`);
    requireWhole('The verification', result, copied.docs);
    if (!result.equal)
      throw new Error('The verification finds no difference, and yet the databases unequal.');
    return { seconds, peakRssMb: await worker.peakRssMb() };
  });
}

/** One of the scripts. */
export async function naiveRun(bed: Bed, { source, target, docs }: Copied, which: Script): Promise<Run> {
  const { seconds, peakRssMb, ...compared } = await runScript<Run & Compared>(bed, NAIVE_SCRIPT, [
    bed.ravendbUrl,
    source,
    target,
    String(AT_A_TIME[which]),
  ]);
  requireWhole('The script', compared, docs);
  return { seconds, peakRssMb };
}

/** The workflow itself. @throws Error when it fails, or stands still */
async function verifyDatabases(bed: Bed, { source, target }: Copied, worker: Worker): Promise<VerifyResult> {
  const input: VerifyDatabasesInput = {
    source: { connection: CONNECTION, database: source },
    target: { connection: CONNECTION, database: target },
    depth: 'full',
  };
  const handle = await bed.client.workflow.start(workflowTypes.verifyDatabases, {
    taskQueue: bed.taskQueue,
    workflowId: `verify-${randomUUID()}`,
    args: [input],
  });
  bed.workflows.add(handle);
  const ended = new AbortController();
  const result = handle.result().finally(() => bed.workflows.delete(handle));
  const late = sleep(RUN_WITHIN_MS, undefined, { signal: AbortSignal.any([bed.signal, ended.signal]) });
  try {
    return await Promise.race([result, late.then(async () => Promise.reject(await standstill(worker)))]);
  } finally {
    ended.abort();
  }
}
