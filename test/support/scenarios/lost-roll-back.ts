/** Roll-backs that are lost at one of their steps: afterwards one of both serves, and all is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { closableRecord } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../data/application.ts';
import { createItems, putItems } from '../data/databases.ts';
import { openAlone } from '../servers/alone.ts';
import { terminateLeases } from '../servers/leases.ts';
import { type Migration, type Stack, until, type WorkerProcess } from '../servers/stack.ts';

const ITEMS = 300;
const LOOK_EVERY_MS = 5;
/** The activities of a roll-back, in order. */
export const STEPS = [
  'prepareRollBack',
  'fenceSource',
  'drainBack',
  'switchBack',
  'finishRollBack',
  'endRollBack',
] as const;

type Step = (typeof STEPS)[number];

/** At which steps what is lost. */
export interface Losses {
  migration: readonly Step[];
  /** The migration and its lease. */
  both: readonly Step[];
  worker: readonly Step[];
}

/** The one that comes for the second time in a roll-back. */
const TIMES: Partial<Record<Step, number>> = { fenceSource: 2 };

/** Declares the tests. */
export function lostRollBacks({ migration, both, worker: ofWorker }: Losses): void {
  let stack: Stack;
  let close: () => Promise<void>;
  let worker: WorkerProcess;
  let source: string;
  let target: string;

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    worker = await stack.startWorker();
  });
  afterAll(() => close());

  async function documentsOf(name: string): Promise<number | undefined> {
    return await databaseCounts(new Database(stack.raven, name)).then(
      ({ documents }) => documents,
      () => undefined,
    );
  }

  async function observing(): Promise<Migration> {
    [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, ITEMS);
    const migration = await stack.migrate(source, { target, input: { freeze: 'fence' } });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    await migration.reaches('observing');
    await putItems(stack.raven, target, 50, ITEMS);
    await new Application(stack.raven, target).delete('items/1');
    return migration;
  }

  /** Asks for a roll-back, and comes back when a step of it was begun. */
  async function rollingBack(migration: Migration, step: Step): Promise<void> {
    await migration.handle.executeUpdate('rollBack', { args: [{ by: 'ann' }] });
    const begun = async () => {
      const { events = [] } = await migration.handle.fetchHistory();
      return (events ?? []).filter(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === step,
      ).length;
    };
    // a run that has gone on as a new one has begun to count anew
    while ((await begun()) < (TIMES[step] ?? 1)) {
      if ((await migration.handle.describe()).status.name !== 'RUNNING') return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Neither never, nor both: and whichever serves has all. */
  async function oneServes(): Promise<'source' | 'target'> {
    const all = ITEMS + 50 - 1;
    await until('one of both serves', async () => {
      const [ours, theirs] = await Promise.all([documentsOf(source), documentsOf(target)]);
      expect(ours !== undefined && theirs !== undefined, 'both serve').toBe(false);
      return (ours ?? theirs) === all;
    });
    return (await documentsOf(source)) === undefined ? 'target' : 'source';
  }

  test.each(migration)('terminated in %s, it is undone or done to its end by the lease', async (step) => {
    const migration = await observing();
    await rollingBack(migration, step);
    const startedAt = Date.now();
    await migration.handle.terminate('lost').catch(() => undefined);
    const serving = await oneServes();
    process.stderr.write(`terminated in ${step}: the ${serving} serves after ${Date.now() - startedAt} ms\n`);
  });

  test.each(both)('terminated in %s together with its lease, it is put right by a cleanup', async (step) => {
    const migration = await observing();
    await rollingBack(migration, step);
    await migration.handle.terminate('lost').catch(() => undefined);
    await terminateLeases(stack, migration);
    const [ofSource, ofTarget] = [source, target].map((database) => ({ connection: 'local', database }));
    const cleanup = async () => {
      const input = { source: ofSource, target: ofTarget, remove: true };
      await (await stack.start(input, undefined, 'removeLeftovers')).handle.result();
    };
    // an activity may still be at work
    await sleep(2_000);
    await cleanup();
    const serving = await oneServes();
    process.stderr.write(`terminated in ${step} with its lease: the ${serving} serves after a cleanup\n`);
    for (const name of [source, target])
      expect(await closableRecord(new Database(stack.raven, name))).toBeDefined();
  });

  test.each(ofWorker)('whose worker dies in %s, it goes on', async (step) => {
    const migration = await observing();
    await rollingBack(migration, step);
    await worker.kill();
    worker = await stack.startWorker();
    await until('it has ended, or was undone', async () => {
      const { phase, attention } = await migration.progress();
      return phase === 'rolled-back' || (phase === 'observing' && attention !== null);
    });
    const serving = await oneServes();
    process.stderr.write(`killed in ${step}: the ${serving} serves\n`);
    if (serving === 'target') await migration.handle.executeUpdate('complete', { args: [{ by: 'ann' }] });
  });
}
