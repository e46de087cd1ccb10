/** The runs of the benchmark of the cutover. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { queries, requests } from '../../src/core/contract/contract.ts';
import type { Phase } from '../../src/core/contract/phases.ts';
import type { HookCall } from '../../src/core/cutover/hooks.ts';
import type { RunProgress } from '../../src/core/run/progress.ts';
import { lockFenced, lowerFence, planFence, raiseFence } from '../../src/engine/cutover/fence.ts';
import type { Work } from '../../src/engine/work/work.ts';
import { Database } from '../../src/ravendb/connection/database.ts';
import { deleteDatabase } from '../../src/ravendb/requests/databases.ts';
import { putDocument } from '../../src/ravendb/requests/documents.ts';
import { closeDatabase, openDatabase } from '../../src/ravendb/requests/fencing.ts';
import { type Bed, CONNECTION } from './bed.ts';
import type { Outages } from './cutover-figures.ts';
import { type Job, RUN_WITHIN_MS, settle, standstill, startMigration, withWorker } from './runs.ts';
import type { Worker } from './worker-process.ts';

const DECISION = { by: 'bench', note: 'measurement' };
const ASK_EVERY_MS = 100;
/** Together: each of four writes every 20 ms. */
const WRITERS = 4;
const WRITE_EVERY_MS = 20;
const AGAIN_AFTER_MS = 5;
/** Between two outages, so that the writers are at work again. */
const BETWEEN_MS = 700;
/** Documents that the writers write, again and again. */
const WRITTEN = 200;

/** Writers, and when their writes were acknowledged. */
class Writers {
  /** The database that serves. */
  serving: string;
  readonly #bed: Bed;
  readonly #stopping = new AbortController();
  readonly #done: Promise<unknown>;
  #times: number[] = [];

  constructor(bed: Bed, serving: string) {
    this.#bed = bed;
    this.serving = serving;
    this.#done = Promise.all(Array.from({ length: WRITERS }, (_, number) => this.#write(number)));
  }

  async #write(number: number): Promise<void> {
    for (let n = 0; !this.#stopping.signal.aborted; n++) {
      const database = new Database(this.#bed.raven, this.serving);
      const document = `{"n":${n},"@metadata":{"@collection":"Written"}}`;
      const isTaken = await putDocument(database, `written/${number}-${n % WRITTEN}`, document).then(
        () => true,
        () => false,
      );
      if (isTaken) this.#times.push(performance.now());
      await sleep(isTaken ? WRITE_EVERY_MS : AGAIN_AFTER_MS);
    }
  }

  /** Does something, and tells the longest time meanwhile in which no write was acknowledged. */
  async outageOf(disturb: () => Promise<void>): Promise<number> {
    await sleep(BETWEEN_MS);
    this.#times = this.#times.slice(-1);
    await disturb();
    await sleep(BETWEEN_MS);
    const times = this.#times;
    return Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? time)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }
}

/** RavenDB's own disable and enable. */
export async function bareOutages(bed: Bed, { source }: Job, rounds: number): Promise<number[]> {
  const writers = new Writers(bed, source);
  const database = new Database(bed.raven, source);
  const outages: number[] = [];
  for (let round = 0; round < rounds; round++) {
    outages.push(
      await writers.outageOf(async () => {
        await closeDatabase(database);
        await openDatabase(database);
      }),
    );
  }
  await writers.stop();
  return outages;
}

/** How long it takes to undo a fence. */
export async function undoTimes(bed: Bed, { source }: Job, rounds: number): Promise<number[]> {
  const work = {
    database: ({ database }) => new Database(bed.raven, database),
    signal: bed.signal,
  } as Pick<Work, 'database' | 'signal'> as Work;
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const plan = await planFence(work, { connection: CONNECTION, database: source });
    await lockFenced(work, plan);
    await raiseFence(work, plan);
    const start = performance.now();
    await lowerFence(work, plan);
    times.push(performance.now() - start);
  }
  return times;
}

/** A migration that is rehearsed, cut over and rolled back while there are writers. */
export async function cutoverRound(bed: Bed, job: Job, rehearsals: number): Promise<Outages> {
  let writers: Writers | undefined;
  const hook = createServer(async (request, answer) => {
    const { to } = (await json(request)) as HookCall;
    if (writers) writers.serving = to.database;
    answer.writeHead(204).end();
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const config = join(bed.directory, `hooks-${randomUUID()}.yaml`);
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
  await writeFile(config, JSON.stringify({ hooks: { told: { url } } }));
  const own = { ...bed, environment: { ...bed.environment, SHARDLIFT_CONFIG: config } };
  try {
    return await withWorker(own, async (worker) => {
      const { handle, target } = await startMigration(bed, job, 'cutover', {
        freeze: 'fence',
        hooks: { afterSwitch: ['told'] },
      });
      await follow(bed, handle, worker, 'awaiting-approval');
      await settle(bed);
      writers = new Writers(bed, job.source);
      const outages = await disturb(bed, { handle, worker, writers, rehearsals });
      await deleteDatabase(new Database(bed.raven, target));
      return outages;
    });
  } finally {
    await writers?.stop();
    hook.close();
  }
}

async function disturb(
  bed: Bed,
  {
    handle,
    worker,
    writers,
    rehearsals: wanted,
  }: { handle: WorkflowHandle; worker: Worker; writers: Writers; rehearsals: number },
): Promise<Outages> {
  const request = (name: string) => handle.executeUpdate(name, { args: [DECISION] });
  const rehearsals: number[] = [];
  for (let number = 1; number <= wanted; number++) {
    rehearsals.push(
      await writers.outageOf(async () => {
        const { rehearsals: before = [] } = await handle.query<RunProgress>(queries.progress);
        await request(requests.rehearse);
        const done = await until(
          bed,
          handle,
          worker,
          ({ rehearsals: now = [] }) => now.at(-1)?.at !== before.at(-1)?.at,
        );
        const failure = done.rehearsals?.at(-1)?.failure;
        if (failure) throw new Error(`A rehearsal failed: ${failure}`);
      }),
    );
    await follow(bed, handle, worker, 'awaiting-approval');
  }
  const cutover = await writers.outageOf(async () => {
    await request(requests.approve);
    await follow(bed, handle, worker, 'observing');
  });
  const rollBack = await writers.outageOf(async () => {
    await request(requests.rollBack);
    await follow(bed, handle, worker, 'rolled-back');
  });
  bed.workflows.delete(handle);
  return { rehearsals, cutovers: [cutover], rollBacks: [rollBack] };
}

async function follow(bed: Bed, handle: WorkflowHandle, worker: Worker, phase: Phase): Promise<void> {
  await until(bed, handle, worker, (progress) => progress.phase === phase);
}

/** Asks until it holds. @throws Error when something needs a person, or it stands still */
async function until(
  { signal }: Bed,
  handle: WorkflowHandle,
  worker: Worker,
  holds: (progress: RunProgress) => boolean,
): Promise<RunProgress> {
  const start = performance.now();
  for (;;) {
    const progress = await handle.query<RunProgress>(queries.progress);
    if (holds(progress)) return progress;
    if (progress.attention) throw new Error(progress.attention);
    if (performance.now() - start > RUN_WITHIN_MS) throw await standstill(worker);
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}
