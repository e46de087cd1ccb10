/** Migrations over a wire that is bad: the same tests with any patience. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Application } from '../data/application.ts';
import { createItems } from '../data/databases.ts';
import { createHeavy, item } from '../data/heavy.ts';
import { finishEqual } from '../oracle/finish-equal.ts';
import { GoToolMissing } from '../servers/go-tool.ts';
import { type Migration, Stack, until } from '../servers/stack.ts';
import { type Direction, type Toxic, Toxiproxy, type Wire } from '../servers/toxiproxy.ts';

const ITEMS = 1_500;
const FILES = 12;
const MEGABYTE = 1_000_000;
/** So slow that also a slow machine has most of a copy before it when a fault comes, in kilobytes a second. */
const IN_SLOW_MOTION: Toxic = { type: 'bandwidth', rate: 500 };

const toxiproxy = await Toxiproxy.start().catch((error) => {
  if (error instanceof GoToolMissing) return error;
  throw error;
});

/** Where the source is that all tests of a file copy. */
let home: Stack;
let source: string;

/** A worker that knows RavenDB only by a wire that can be made bad. */
interface Place extends AsyncDisposable {
  stack: Stack;
  wire: Wire;
  /** Starts a migration, and comes back in the middle of its copy. */
  copying(): Promise<Migration>;
  /** Lets a migration end, and compares both sides by the tests' own means. */
  finish(migration: Migration): Promise<void>;
}

async function open(env: NodeJS.ProcessEnv): Promise<Place> {
  const stack = await Stack.open();
  const wire = await (toxiproxy as Toxiproxy).before(stack.addresses.ravendbUrl);
  stack.ravendbUrlForWorker = wire.url;
  const target = stack.databaseName('target');
  await stack.startWorker(env);
  return {
    stack,
    wire,
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
      await finishEqual(stack, migration, { source, target });
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

async function slowly(wire: Wire): Promise<void> {
  await both(wire, { type: 'latency', latency: 40, jitter: 20 });
  await both(wire, { type: 'slow_close', delay: 300 });
}

/**
 * Makes the source, skips the tests of a file where there is no toxiproxy, and stops it after them.
 * @param size of the source: more than what a wire carries before it is cut
 */
export function withToxiproxy(size: { items: number; files: number } = { items: ITEMS, files: FILES }): void {
  const skipped = toxiproxy instanceof GoToolMissing ? toxiproxy.message : undefined;
  beforeAll(async () => {
    home = await Stack.open();
    source = home.databaseName('source');
    if (skipped === undefined) await createHeavy(home.raven, source, size.items, size.files);
  });
  beforeEach(({ skip }) => skip(skipped !== undefined, skipped));
  afterAll(async () => {
    await home.close();
    if (toxiproxy instanceof Toxiproxy) await toxiproxy.stop();
  });
}

/** How patient the worker is. */
export interface Patience {
  env: NodeJS.ProcessEnv;
  /** Longer than its patience, after the proxy has swallowed what was on its way. */
  noticedWithinMs: number;
}

/** Where each connection is cut, and after how many bytes. */
type Cut = [Direction, number];

/** Declares the tests of connections that are cut after some bytes, again and again. */
export function cutWire({ env, noticedWithinMs }: Patience, cuts: Cut[]): void {
  test.each(cuts)(
    'when each connection is cut %s after %d bytes, for two tries',
    async (direction, bytes) => {
      await using place = await open(env);
      const migration = await place.copying();
      await place.wire.add(direction, { type: 'limit_data', bytes });
      // the proxy cuts its other side first: when the server does not close the rest, the line counts as dead
      await failureOf(migration, 2, noticedWithinMs);
      await place.wire.heal();
      await place.finish(migration);
    },
  );
}

/** Every cut: in the middle of what is sent, and soon after its beginning. */
export const CUTS: Cut[] = [
  ['upstream', 3 * MEGABYTE],
  ['upstream', 50_000],
  ['downstream', 3 * MEGABYTE],
  ['downstream', 50_000],
];

/** Declares the test of a wire that never carries much at once. @param bytes after which each connection is cut */
export function narrowWire({ env }: Patience, bytes: number): void {
  test(`when each connection is cut upstream after ${bytes} bytes, from the beginning to the end`, async () => {
    await using place = await open(env);
    const { stack, wire } = place;
    const [from, into] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, from, ITEMS);
    const migration = await stack.migrate(from, { target: into });
    await migration.reaches('preparing', 'copying');
    await wire.add('upstream', { type: 'limit_data', bytes });
    await finishEqual(stack, migration, { source: from, target: into });
  });
}

/** Declares the test of what the worker notices by being told so, by Temporal or by the connection. */
export function brokenWire({ env }: Patience): void {
  test('when all connections are reset, and the server cannot be reached for a while, in the copy and while it waits', async () => {
    await using place = await open(env);
    const migration = await place.copying();
    const resets = [
      await place.wire.add('upstream', { type: 'reset_peer', timeout: 0 }),
      await place.wire.add('downstream', { type: 'reset_peer', timeout: 0 }),
    ];
    // what is said of it depends on what was on the line
    await failureOf(migration);
    for (const toxic of resets) await place.wire.remove(toxic);
    await place.wire.disable();
    await untilRefused(migration);
    await place.wire.enable();
    await place.wire.heal();
    await migration.reaches('awaiting-approval');
    await place.wire.disable();
    const { raven } = place.stack;
    await new Application(raven, source).put('items/1', item(1, 2));
    await untilRefused(migration);
    await place.wire.enable();
    await place.finish(migration);
  });
}

async function untilRefused(migration: Migration): Promise<void> {
  await until('the connection is refused', async () => /ECONNREFUSED/.test(await failureOf(migration)));
}

/** Declares the test of a slow link: slow is no error. */
export function slowWire({ env }: Patience): void {
  test('when the link is slow, and for a while very slow', async () => {
    await using place = await open(env);
    await slowly(place.wire);
    const migration = await place.copying();
    const crawl = [
      await place.wire.add('upstream', { type: 'bandwidth', rate: 100 }),
      await place.wire.add('downstream', { type: 'bandwidth', rate: 100 }),
    ];
    await sleep(4_000);
    for (const toxic of crawl) await place.wire.remove(toxic);
    await place.wire.heal();
    await slowly(place.wire);
    await migration.reaches('awaiting-approval');
    const { raw } = await migration.handle.describe();
    // nothing was tried twice
    expect(raw.pendingActivities?.map(({ attempt }) => attempt)).toEqual([1]);
    await place.finish(migration);
  });
}

/** Declares the tests of lines that go silent in the middle of the copy: what the worker notices by its patience alone. */
export function silentWire({ env, noticedWithinMs }: Patience, directions: Direction[]): void {
  test.each(directions)('%s in the middle of the copy, and while it is verified', async (direction) => {
    await using place = await open(env);
    const migration = await place.copying();
    await place.wire.add(direction, { type: 'timeout', timeout: 0 });
    expect(await failureOf(migration, 1, noticedWithinMs)).toMatch(/ETIMEDOUT/);
    await place.wire.heal();
    await migration.reaches('catching-up', 'verifying');
    await both(place.wire, IN_SLOW_MOTION);
    await migration.reaches('verifying');
    await both(place.wire, { type: 'timeout', timeout: 0 });
    expect(await failureOf(migration, 1, noticedWithinMs)).toMatch(/ETIMEDOUT/);
    await place.wire.heal();
    await place.finish(migration);
  });
}
