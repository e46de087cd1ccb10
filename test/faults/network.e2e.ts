import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Application } from '../support/data/application.ts';
import { createHeavy, item } from '../support/data/heavy.ts';
import { differences } from '../support/oracle/compare.ts';
import { GoToolMissing } from '../support/servers/go-tool.ts';
import { type Migration, Stack, until } from '../support/servers/stack.ts';
import { type Direction, type Toxic, Toxiproxy, type Wire } from '../support/servers/toxiproxy.ts';
import { tuningVariable } from '../support/servers/tuning.ts';

const ITEMS = 3_000;
const MEGABYTE = 1_000_000;
/** So slow that also a slow machine has most of a copy before it when a fault comes, in kilobytes a second. */
const IN_SLOW_MOTION: Toxic = { type: 'bandwidth', rate: 500 };
/** A line is dead when it was silent for so long; the defaults wait a minute. */
const IMPATIENT = tuningVariable({ connection: { silentMs: 3_000, stuckMs: 15_000 } });
/** Longer than that, after the proxy has swallowed what was on its way. */
const NOTICED_WITHIN_MS = 60_000;

const toxiproxy = await Toxiproxy.start().catch((error) => {
  if (error instanceof GoToolMissing) return error;
  throw error;
});

/** A worker that knows RavenDB only by a wire that can be made bad, and a source of its own. */
interface Place extends AsyncDisposable {
  stack: Stack;
  wire: Wire;
  source: string;
  target: string;
  /** Starts a migration, and comes back in the middle of its copy. */
  copying(): Promise<Migration>;
  /** Lets a migration end, and compares both sides by the tests' own means. */
  finish(migration: Migration): Promise<void>;
}

async function open(): Promise<Place> {
  const stack = await Stack.open();
  const wire = await (toxiproxy as Toxiproxy).before(stack.addresses.ravendbUrl);
  stack.ravendbUrlForWorker = wire.url;
  const source = stack.databaseName('source');
  const target = stack.databaseName('target');
  await createHeavy(stack.raven, source, ITEMS);
  await stack.startWorker(IMPATIENT);
  return {
    stack,
    wire,
    source,
    target,
    copying: async () => {
      await wire.add('upstream', IN_SLOW_MOTION);
      await wire.add('downstream', IN_SLOW_MOTION);
      const migration = await stack.migrate(source, { target });
      await until('some of it is copied', async () => {
        const { phase, transferred } = await migration.reaches('copying');
        return phase === 'copying' && (transferred?.items ?? 0) > 0;
      });
      return migration;
    },
    finish: async (migration) => {
      await migration.reaches('awaiting-approval');
      await migration.approve();
      expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
      expect(await differences(stack.raven, source, target)).toEqual([]);
    },
    [Symbol.asyncDispose]: async () => {
      await stack.close();
      await wire.cut();
    },
  };
}

/** Waits until an activity of a migration has failed at least so often, and gives why it failed last. */
async function failureOf(migration: Migration, times = 1, timeoutMs?: number): Promise<string> {
  let reason = '';
  await until(
    `the fault has struck ${times} times`,
    async () => {
      const { raw } = await migration.handle.describe();
      const failed = raw.pendingActivities?.find(({ lastFailure }) => lastFailure);
      reason = failed?.lastFailure?.message ?? '';
      return (failed?.attempt ?? 1) > times;
    },
    timeoutMs,
  );
  return reason;
}

/** Each toxic in both directions. */
async function both(wire: Wire, toxic: Toxic): Promise<void> {
  await wire.add('upstream', toxic);
  await wire.add('downstream', toxic);
}

describe('a migration ends with an equal target', () => {
  const skipped = toxiproxy instanceof GoToolMissing ? toxiproxy.message : undefined;
  beforeEach(({ skip }) => skip(skipped !== undefined, skipped));
  afterAll(async () => {
    if (toxiproxy instanceof Toxiproxy) await toxiproxy.stop();
  });

  test('when all connections are reset in the middle of the copy', async () => {
    await using place = await open();
    const migration = await place.copying();
    await both(place.wire, { type: 'reset_peer', timeout: 0 });
    // what is said of it depends on what was on the line
    await failureOf(migration);
    await place.wire.heal();
    await place.finish(migration);
  });

  test.each<[Direction, number]>([
    ['upstream', 3 * MEGABYTE],
    ['upstream', 50_000],
    ['downstream', 3 * MEGABYTE],
    ['downstream', 50_000],
  ])('when each connection is cut %s after %d bytes, for two tries', async (direction, bytes) => {
    await using place = await open();
    const migration = await place.copying();
    await place.wire.add(direction, { type: 'limit_data', bytes });
    // the proxy cuts its other side first: when the server does not close the rest, the line counts as dead
    await failureOf(migration, 2, NOTICED_WITHIN_MS);
    await place.wire.heal();
    await place.finish(migration);
  });

  test('when the server cannot be reached for a while, in the copy and while it waits', async () => {
    await using place = await open();
    const migration = await place.copying();
    await place.wire.disable();
    expect(await failureOf(migration, 2)).toMatch(/ECONNREFUSED/);
    await place.wire.enable();
    await place.wire.heal();
    await migration.reaches('awaiting-approval');
    await place.wire.disable();
    const { raven } = place.stack;
    await new Application(raven, place.source).put('items/1', item(1, 2));
    expect(await failureOf(migration, 2)).toMatch(/ECONNREFUSED/);
    await place.wire.enable();
    await place.finish(migration);
  });

  test('when the link is slow, and for a while very slow', async () => {
    await using place = await open();
    await both(place.wire, { type: 'latency', latency: 40, jitter: 20 });
    await both(place.wire, { type: 'slow_close', delay: 300 });
    const migration = await place.copying();
    const crawl = [
      await place.wire.add('upstream', { type: 'bandwidth', rate: 100 }),
      await place.wire.add('downstream', { type: 'bandwidth', rate: 100 }),
    ];
    await sleep(4_000);
    for (const toxic of crawl) await place.wire.remove(toxic);
    await migration.reaches('awaiting-approval');
    const { raw } = await migration.handle.describe();
    // slow is no error: nothing was tried twice
    expect(raw.pendingActivities?.map(({ attempt }) => attempt)).toEqual([1]);
    await place.finish(migration);
  });

  describe('when lines go silent and stay open', () => {
    test.each<Direction>(['upstream', 'downstream'])('%s in the middle of the copy', async (direction) => {
      await using place = await open();
      const migration = await place.copying();
      await place.wire.add(direction, { type: 'timeout', timeout: 0 });
      expect(await failureOf(migration, 1, NOTICED_WITHIN_MS)).toMatch(/ETIMEDOUT/);
      await place.wire.heal();
      await place.finish(migration);
    });

    test('while it is verified', async () => {
      await using place = await open();
      const migration = await place.copying();
      await migration.reaches('verifying');
      await both(place.wire, { type: 'timeout', timeout: 0 });
      expect(await failureOf(migration, 1, NOTICED_WITHIN_MS)).toMatch(/ETIMEDOUT/);
      await place.wire.heal();
      await place.finish(migration);
    });
  });
});
