/** Cutovers that lose something at one of their steps: afterwards the source is open or the target serves, and all is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFenceNote } from '../../../src/engine/cutover/fence-note.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseNames } from '../../../src/ravendb/requests/databases.ts';
import { closableRecord, openDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { createItems, deleteDatabases } from '../data/databases.ts';
import { timesBegun } from '../histories.ts';
import { leasesOf } from '../servers/leases.ts';
import { inTime, Outcomes, SERVED_WITHIN_MS } from '../servers/outcomes.ts';
import { OwnServers, VICTIMS } from '../servers/own-servers.ts';
import { type Migration, type Stack, until } from '../servers/stack.ts';

const ITEMS = 200;
/** Between looks for a step that may be over in a moment. */
const LOOK_EVERY_MS = 5;
/** Between looks at who serves. */
const LOOK_AGAIN_MS = 25;
/** For something that should have happened within {@link SERVED_WITHIN_MS}. */
const PATIENCE_MS = 90_000;
/** How many migrations wait for their approval at a time: all but one of them see how another one loses something. */
const PREPARED_AT_ONCE = 8;

/** From the preparation of the fence to the end: activities, and the lease. */
export const STEPS = [
  'prepareFence',
  'holdFence',
  'fenceSource',
  'drainFenced',
  'verifyBehindFence',
  'switchOver',
  'flowBack',
  'endFence',
] as const;
type Step = (typeof STEPS)[number];

/** What happens to it. */
export const LOSSES = [...VICTIMS, 'cancel', 'terminate'] as const;
type Loss = (typeof LOSSES)[number];

/** What is lost, and in which step. */
export interface Lost {
  cases: readonly (readonly [Loss, Step])[];
  /** In which step the time of a migration is over. */
  timeouts?: readonly Step[];
}

interface Prepared {
  source: string;
  target: string;
  migration: Migration;
}

/** Declares the tests. */
export function lostCutovers({ cases, timeouts = [] }: Lost): void {
  let servers: OwnServers;
  let stack: Stack;
  const outcomes = new Outcomes('lost in a cutover', ['what', 'in', 'phase then', 'serves', 'nobody for']);

  beforeAll(async () => {
    servers = await OwnServers.open();
    stack = servers.stack;
    await servers.startWorker();
  });
  afterAll(async () => {
    await servers?.close();
    outcomes.print();
  });

  /** @param endsWithinMs the time that Temporal gives it */
  async function prepare(endsWithinMs?: number): Promise<Prepared> {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, ITEMS);
    const migration = await stack.migrate(source, {
      target,
      input: { freeze: 'fence' },
      ...(endsWithinMs && { endsWithinMs }),
    });
    await migration.reaches('awaiting-approval');
    return { source, target, migration };
  }

  async function documentsOf(name: string): Promise<number | undefined> {
    return await databaseCounts(new Database(stack.raven, name)).then(
      ({ documents }) => documents,
      () => undefined,
    );
  }

  /** Never both. A target that was not switched to is open, and serves nobody. */
  async function serving({ source, target }: Prepared): Promise<'source' | 'target' | undefined> {
    // first: what has switched does not open the source again
    const note = await readFenceNote(new Database(stack.raven, target)).catch(() => undefined);
    const [ours, theirs] = await Promise.all([documentsOf(source), documentsOf(target)]);
    const targets = note?.state === 'switched' && theirs !== undefined;
    expect(ours !== undefined && targets, 'both serve').toBe(false);
    if (targets) return 'target';
    return ours === undefined ? undefined : 'source';
  }

  async function reach(step: Step, { migration }: Prepared): Promise<void> {
    await migration.approve();
    if (step === 'endFence') {
      await migration.reaches('observing');
      await migration.handle.executeUpdate('complete', { args: [{ by: 'ann' }] });
    }
    while ((await timesBegun(migration.handle, step)) === 0) {
      const { status } = await migration.handle.describe();
      if (status.name === 'TIMED_OUT') throw new Error(`its time was over before ${step}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  async function lose(loss: Loss, { migration, target }: Prepared): Promise<void> {
    if (loss === 'cancel') await migration.handle.cancel();
    // an ended one cannot be terminated
    else if (loss === 'terminate') await migration.handle.terminate('lost').catch(() => undefined);
    else await servers.killAndRestart(loss);
    // a server that has just started loads a database when it is asked for it
    await until('RavenDB serves', async () => (await documentsOf(target)) !== undefined);
  }

  /** Whether nobody is at work any more who could change who serves. */
  async function isSettled({ migration }: Prepared): Promise<boolean> {
    const { status } = await migration.handle.describe();
    if (status.name !== 'RUNNING') return (await leasesOf(stack, migration)).length === 0;
    const { phase, approval } = await migration.progress();
    return phase === 'observing' || (phase === 'awaiting-approval' && !approval);
  }

  /** Looks until it has settled. @returns who serves then, and for how long nobody did at a time since all were back */
  async function watch(prepared: Prepared): Promise<{ serves: string; darkMs: number }> {
    const backAt = Date.now();
    let isOver = false;
    let failure: Error | undefined;
    until('it has settled', async () => {
      isOver = await isSettled(prepared).catch(() => false);
      return isOver;
    }).catch((error: Error) => {
      failure = error;
    });
    let darkMs = 0;
    let lightAt = backAt;
    for (;;) {
      const wasOver = isOver;
      const serves = await serving(prepared);
      darkMs = Math.max(darkMs, Date.now() - lightAt);
      if (serves !== undefined) lightAt = Date.now();
      if (serves !== undefined && wasOver) return { serves, darkMs };
      if (failure) throw failure;
      if (darkMs > PATIENCE_MS) throw new Error('nobody serves');
      await sleep(LOOK_AGAIN_MS);
    }
  }

  /** Ends it, and looks whether all is there. */
  async function finish(prepared: Prepared, serves: string): Promise<void> {
    const { source, target, migration } = prepared;
    const { status } = await migration.handle.describe();
    if (status.name === 'RUNNING') {
      const request = serves === 'target' ? 'complete' : 'abort';
      await migration.handle.executeUpdate(request, { args: [{ by: 'ann' }] });
      await migration.handle.result().catch(() => undefined);
    } else if (status.name !== 'COMPLETED') {
      // an activity may still be at work
      await sleep(1_000);
      const [ofSource, ofTarget] = [source, target].map((database) => ({ connection: 'local', database }));
      const input = { source: ofSource, target: ofTarget, remove: true };
      await (await stack.start(input, undefined, 'removeLeftovers')).handle.result();
    }
    const names = await databaseNames(stack.raven);
    expect(names.filter((name) => name.startsWith(`${source}-shardlift`))).toEqual([]);
    expect(await closableRecord(new Database(stack.raven, source))).toMatchObject({
      LockMode: 'Unlock',
      Disabled: serves === 'target',
    });
    // only to look at it
    if (serves === 'target') await openDatabase(new Database(stack.raven, source));
    await until('both can be read', async () => {
      const counts = await Promise.all([documentsOf(source), documentsOf(target)]);
      return counts.every((documents) => documents === ITEMS);
    });
    await deleteDatabases(stack.raven, [source, target], servers.databaseDirectory);
  }

  async function proven(prepared: Prepared, what: string, step: string): Promise<void> {
    const { serves, darkMs } = await watch(prepared);
    const { phase } = await prepared.migration.progress().catch(() => ({ phase: 'terminated' }));
    outcomes.add([what, step, phase, serves, `${(darkMs / 1000).toFixed(1)} s`]);
    await finish(prepared, serves);
    expect(darkMs, 'nobody served').toBeLessThan(SERVED_WITHIN_MS);
  }

  for (let first = 0; first < cases.length; first += PREPARED_AT_ONCE) {
    const some = cases.slice(first, first + PREPARED_AT_ONCE);

    describe(`prepared together, from ${some[0]?.join(' in ')} on`, () => {
      let ready: Prepared[];

      beforeAll(async () => {
        ready = await Promise.all(some.map(() => prepare()));
      });

      test.each(some.map(([loss, step], at) => [loss, step, at] as const))(
        '%s in %s: one of both serves, and all is there',
        async (loss, step, at) => {
          const prepared = ready[at] as Prepared;
          await reach(step, prepared);
          await lose(loss, prepared);
          await proven(prepared, loss, step);
        },
      );
    });
  }

  if (timeouts.length > 0)
    test.each(timeouts)('its time is over in %s: one of both serves, and all is there', async (step) => {
      const prepared = await inTime(async (lifetimeMs) => {
        const begun = await prepare(lifetimeMs);
        await reach(step, begun);
        return begun;
      });
      const { handle } = prepared.migration;
      // or it would be over with the step before its time is
      await servers.haltWorker(() =>
        until('its time is over', async () => (await handle.describe()).status.name === 'TIMED_OUT'),
      );
      await proven(prepared, 'timeout', step);
    });
}
