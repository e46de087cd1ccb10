import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { type MigrateDatabaseInput, queries, requests } from '../../src/core/contract/contract.ts';
import { isFinal, type MigrationPhase, phasesOf } from '../../src/core/contract/phases.ts';
import type { RunProgress } from '../../src/core/run/progress.ts';
import type { RunReport } from '../../src/core/run/report.ts';
import type { Bed } from './bed.ts';
import type { KilledRun } from './copy-figures.ts';
import type { Run } from './figures.ts';
import {
  intoTarget,
  type Job,
  RUN_WITHIN_MS,
  runBare,
  settle,
  standstill,
  startMigration,
  withWorker,
} from './runs.ts';
import { checkAndDelete, documentCount } from './source.ts';
import { startWorker, type Worker } from './worker-process.ts';

type Method = NonNullable<MigrateDatabaseInput['method']>;

const DECISION = { by: 'bench', note: 'measurement' };
/** Often enough to measure whole migrations of seconds; seldom enough to cost nothing. */
const ASK_EVERY_MS = 200;
/** The cutover without the time in which it could be taken back. */
const TO_THE_END = { freeze: 'fence', observeFor: '0s' } as const;
const COUNT_EVERY_MS = 100;

/** Exports and imports with RavenDB's client. */
export async function bareRun(bed: Bed, job: Job): Promise<Run> {
  const file = join(bed.directory, `${job.source}.ravendbdump`);
  const run = await intoTarget(bed, job, (into) => runBare(bed, file, { from: job.source, into }));
  await rm(file);
  return run;
}

/** Shardlift's phase of copying; the rest of the migration is aborted. */
export async function copyRun(bed: Bed, job: Job, method: Method): Promise<Run> {
  return await withWorker(bed, async (worker) => {
    const { handle, target } = await startMigration(bed, job, method, { method });
    await follow(bed, handle, worker, isAfter('copying'));
    const report = await handle.query<RunReport>(queries.report);
    const peakRssMb = await worker.peakRssMb();
    await handle.executeUpdate(requests.abort, { args: [DECISION] });
    await handle.result().catch(() => undefined);
    bed.workflows.delete(handle);
    await checkAndDelete(bed, target, job.docs);
    const copying = report.timings.find(({ phase }) => phase === 'copying');
    if (!copying) throw new Error('The report tells no time of copying.');
    return { seconds: copying.seconds, peakRssMb };
  });
}

/** A whole migration by `stream`, from its start until it is completed, approved as soon as it asks. */
export async function wholeRun(bed: Bed, job: Job): Promise<Run> {
  return await withWorker(bed, async (worker) => {
    const start = performance.now();
    const { handle, target } = await startMigration(bed, job, 'stream', TO_THE_END);
    await approveAndComplete(bed, handle, worker);
    const seconds = (performance.now() - start) / 1000;
    const peakRssMb = await worker.peakRssMb();
    await checkAndDelete(bed, target, job.docs);
    return { seconds, peakRssMb };
  });
}

/** The same as `wholeRun`, with a worker that is killed at half of the copy, and a new one at once in its place. */
export async function killedRun(bed: Bed, job: Job): Promise<KilledRun> {
  const first = await startWorker(bed);
  await first.started;
  await settle(bed);
  const start = performance.now();
  const { handle, target } = await startMigration(bed, job, 'stream', TO_THE_END);
  let killedAt = 0;
  while (killedAt < job.docs / 2) {
    await sleep(COUNT_EVERY_MS, undefined, { signal: bed.signal });
    killedAt = await documentCount(bed, target);
    if (performance.now() - start > RUN_WITHIN_MS) throw await standstill(first);
  }
  const firstPeak = await first.peakRssMb();
  await first.kill();
  const second = await startWorker(bed);
  await approveAndComplete(bed, handle, second);
  const seconds = (performance.now() - start) / 1000;
  const peakRssMb = Math.max(firstPeak, await second.peakRssMb());
  await second.stop();
  await checkAndDelete(bed, target, job.docs);
  return { seconds, peakRssMb, killedAt };
}

async function approveAndComplete(bed: Bed, handle: WorkflowHandle, worker: Worker): Promise<void> {
  await follow(bed, handle, worker, isAfter('verifying'));
  await handle.executeUpdate(requests.approve, { args: [DECISION] });
  await handle.result();
  bed.workflows.delete(handle);
}

/** Whether a migration is in a later phase of the runbook. */
function isAfter(phase: MigrationPhase): (progress: RunProgress) => boolean {
  const phases: readonly string[] = phasesOf.migrateDatabase;
  return (progress) => phases.indexOf(progress.phase) > phases.indexOf(phase);
}

/** Asks a migration until it is where it should be. @throws Error when it ended, or stands still */
async function follow(
  { signal }: Bed,
  handle: WorkflowHandle,
  worker: Worker,
  isThere: (progress: RunProgress) => boolean,
): Promise<void> {
  const deadline = Date.now() + RUN_WITHIN_MS;
  while (Date.now() < deadline) {
    // nobody answers while one worker takes over from another
    const progress = await handle.query<RunProgress>(queries.progress).catch(() => undefined);
    signal.throwIfAborted();
    if (progress && isFinal(progress.phase)) {
      throw new Error(`The migration is ${progress.phase}: ${progress.attention}`);
    }
    if (progress && isThere(progress)) return;
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
  throw await standstill(worker);
}
