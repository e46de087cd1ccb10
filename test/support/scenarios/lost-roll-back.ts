/** Roll-backs that are lost at one of their steps: afterwards one of both serves, and all is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { closableRecord } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../data/application.ts';
import { createItems, putItems } from '../data/databases.ts';
import { timesBegun } from '../histories.ts';
import { leasesOf, terminateLeases } from '../servers/leases.ts';
import { inTime, Outcomes, SERVED_WITHIN_MS } from '../servers/outcomes.ts';
import { OwnServers, type Victim } from '../servers/own-servers.ts';
import { type Migration, type Stack, until } from '../servers/stack.ts';

const ITEMS = 300;
const LOOK_EVERY_MS = 5;
/** How many migrations wait for their roll-back at a time. */
const PREPARED_AT_ONCE = 6;
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

/** How a migration ends before its time, or at it. */
export const ENDINGS = ['cancel', 'terminate', 'timeout'] as const;
type Ending = (typeof ENDINGS)[number];

/** At which steps what is lost. */
export interface Losses {
  /** A migration. */
  ended: readonly (readonly [Ending, Step])[];
  /** The migration and its lease. */
  both: readonly Step[];
  /** What is killed, and started again. */
  killed: readonly (readonly [Victim, Step])[];
}

interface Prepared {
  source: string;
  target: string;
  migration: Migration;
}

/** The one that comes for the second time in a roll-back. */
const TIMES: Partial<Record<Step, number>> = { fenceSource: 2 };

/** Declares the tests. */
export function lostRollBacks({ ended, both, killed }: Losses): void {
  let servers: OwnServers;
  let stack: Stack;
  /** A database that nothing happens to. */
  let neutral: string;
  /** How many are still to be prepared. */
  let left = ended.filter(([ending]) => ending !== 'timeout').length + both.length + killed.length;
  let ready: Prepared[] = [];
  const outcomes = new Outcomes('lost in a roll-back', ['what', 'in', 'serves', 'after']);

  beforeAll(async () => {
    servers = await OwnServers.open();
    stack = servers.stack;
    await servers.startWorker();
    neutral = stack.databaseName('neutral');
    await createItems(stack.raven, neutral, 1);
  });
  afterAll(async () => {
    await servers?.close();
    outcomes.print();
  });

  async function documentsOf(name: string): Promise<number | undefined> {
    return await databaseCounts(new Database(stack.raven, name)).then(
      ({ documents }) => documents,
      () => undefined,
    );
  }

  /** @param endsWithinMs the time that Temporal gives it */
  async function observing(endsWithinMs?: number): Promise<Prepared> {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, ITEMS);
    const migration = await stack.migrate(source, {
      target,
      input: { freeze: 'fence' },
      ...(endsWithinMs && { endsWithinMs }),
    });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    await migration.reaches('observing');
    await putItems(stack.raven, target, 50, ITEMS);
    await new Application(stack.raven, target).delete('items/1');
    return { source, target, migration };
  }

  /** One that nothing has happened to but what happened to others. */
  async function next(): Promise<Prepared> {
    if (ready.length === 0) {
      const some = Math.min(left, PREPARED_AT_ONCE);
      ready = await Promise.all(Array.from({ length: some }, () => observing()));
      left -= some;
    }
    const prepared = ready.shift();
    if (!prepared) throw new Error('none is left');
    return prepared;
  }

  /** Asks for a roll-back, and comes back when a step of it was begun. */
  async function rollingBack(migration: Migration, step: Step): Promise<void> {
    await migration.handle.executeUpdate('rollBack', { args: [{ by: 'ann' }] });
    while ((await timesBegun(migration.handle, step)) < (TIMES[step] ?? 1)) {
      if ((await migration.handle.describe()).status.name !== 'RUNNING') return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** @throws when its time is over before the step */
  async function timingOut(step: Step, lifetimeMs: number): Promise<Prepared> {
    const prepared = await observing(lifetimeMs);
    await rollingBack(prepared.migration, step);
    const { status } = await prepared.migration.handle.describe();
    if (status.name !== 'RUNNING') throw new Error(`its time was over before ${step}`);
    return prepared;
  }

  async function rollingBackIn(step: Step, ending: Ending): Promise<Prepared> {
    if (ending === 'timeout') return await inTime((lifetimeMs) => timingOut(step, lifetimeMs));
    const prepared = await next();
    await rollingBack(prepared.migration, step);
    return prepared;
  }

  /** Neither never, nor both: and whichever serves has all. */
  async function oneServes({ source, target }: Prepared): Promise<'source' | 'target'> {
    const all = ITEMS + 50 - 1;
    await until('one of both serves', async () => {
      const [ours, theirs] = await Promise.all([documentsOf(source), documentsOf(target)]);
      expect(ours !== undefined && theirs !== undefined, 'both serve').toBe(false);
      return (ours ?? theirs) === all;
    });
    return (await documentsOf(source)) === undefined ? 'target' : 'source';
  }

  async function end(ending: Ending, { handle }: Migration): Promise<void> {
    if (ending === 'cancel') await handle.cancel();
    else if (ending === 'terminate') await handle.terminate('lost').catch(() => undefined);
    // or it would be over with the step before its time is
    else
      await servers.haltWorker(() =>
        until('its time is over', async () => (await handle.describe()).status.name === 'TIMED_OUT'),
      );
  }

  test.each(ended)('%s in %s: it is undone or done to its end by the lease', async (ending, step) => {
    const prepared = await rollingBackIn(step, ending);
    const { migration } = prepared;
    await end(ending, migration);
    const startedAt = Date.now();
    await oneServes(prepared);
    const after = within(startedAt);
    await until('nobody is at work on it any more', async () => {
      const { status } = await migration.handle.describe();
      return status.name !== 'RUNNING' && (await leasesOf(stack, migration)).length === 0;
    });
    outcomes.add([ending, step, await oneServes(prepared), after]);
  });

  test.each(both)('terminated in %s together with its lease, it is put right by a cleanup', async (step) => {
    const prepared = await next();
    const { migration } = prepared;
    await rollingBack(migration, step);
    await migration.handle.terminate('lost').catch(() => undefined);
    await terminateLeases(stack, migration);
    const { source, target } = prepared;
    const [ofSource, ofTarget] = [source, target].map((database) => ({ connection: 'local', database }));
    const cleanup = async () => {
      const input = { source: ofSource, target: ofTarget, remove: true };
      await (await stack.start(input, undefined, 'removeLeftovers')).handle.result();
    };
    // an activity may still be at work
    await sleep(2_000);
    await cleanup();
    const serving = await oneServes(prepared);
    outcomes.add(['migration and lease', step, serving, 'a cleanup']);
    for (const name of [source, target])
      expect(await closableRecord(new Database(stack.raven, name))).toBeDefined();
  });

  test.each(killed)('when the %s dies in %s, it goes on', async (victim, step) => {
    const prepared = await next();
    const { migration } = prepared;
    await rollingBack(migration, step);
    await servers.killAndRestart(victim);
    // a server that has just started loads a database when it is asked for it
    await until('RavenDB serves', async () => (await documentsOf(neutral)) !== undefined);
    const startedAt = Date.now();
    const serving = await oneServes(prepared);
    outcomes.add([victim, step, serving, within(startedAt)]);
    await until('it has ended, or was undone', async () => {
      const { phase, attention } = await migration.progress();
      return phase === 'rolled-back' || (phase === 'observing' && attention !== null);
    });
    await oneServes(prepared);
    const { phase } = await migration.progress();
    if (phase === 'observing') await migration.handle.executeUpdate('complete', { args: [{ by: 'ann' }] });
  });

  /** @throws when it took longer than whoever undoes it may take to notice */
  function within(since: number): string {
    const afterMs = Date.now() - since;
    expect(afterMs).toBeLessThan(SERVED_WITHIN_MS);
    return `${(afterMs / 1000).toFixed(1)} s`;
  }
}
