/**
 * Kills worker, Temporal and RavenDB, again and again, while two migrations run and their sources are written to: at
 * random moments, once in each phase, and in each cutover. `SHARDLIFT_TEST_SEED` repeats the order and the pauses of a
 * run, whose seed is printed.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isFinal, type Phase } from '../../../src/core/contract/phases.ts';
import { Application } from '../data/application.ts';
import { createHeavy, item } from '../data/heavy.ts';
import { differences } from '../oracle/compare.ts';
import { OwnServers, VICTIMS, type Victim } from '../servers/own-servers.ts';
import { type Migration, type Stack, until } from '../servers/stack.ts';

const LONGEST_PAUSE_MS = 5_000;
const LONGEST_OUTAGE_MS = 1_500;
/** A fault may leave a step waiting for its next try for half a minute. */
const RECOVERY_MS = 180_000;
const MOST_WRITES = 2_000;

/** Makes the copy last for as long as it takes to be hit. */
const ITEMS_PER_SECOND = 800;

/** How much is killed. */
export interface Scale {
  /** Kills of each victim at random moments, before those that each phase gets. */
  killsOfEach: number;
  /** Documents of the two sources: one waits for its approval while the kills begin, the other is copied. */
  items: { waiting: number; copied: number };
}

const seed = Number(process.env.SHARDLIFT_TEST_SEED ?? randomInt(1_000_000));

let servers: OwnServers;
let stack: Stack;

/** An application that changes a little of each source four times a second; what an outage refuses it lets be. */
function startWriting(sources: string[], below: number, random: (below: number) => number) {
  const applications = sources.map((source) => new Application(stack.raven, source));
  const stopping = new AbortController();
  let written = 0;
  const write = async (application: Application, n: number) => {
    const some = Array.from({ length: 10 }, () => random(below));
    await application.putAll(some.map((id) => [`items/${id}`, item(id, n)]));
    await application.put(`new/${n}`, item(n, n));
    if (n % 2 === 0) await application.delete(`items/${random(below)}`);
    if (n % 3 === 0) await application.attach(`new/${n}`, 'note', `attached to ${n}`);
    if (n % 4 === 0) await application.increment(`new/${n}`, { likes: n });
    if (n % 5 === 0) await application.delete(`new/${random(n + 1)}`);
    written++;
  };
  const running = (async () => {
    for (let n = 0; n < MOST_WRITES && !stopping.signal.aborted; n++) {
      await Promise.allSettled(applications.map((application) => write(application, n)));
      await sleep(250);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      return written;
    },
  };
}

/** What of a source only its owner may change. */
async function stateOf(source: string) {
  const answer = await new Application(stack.raven, source).send('GET', 'stats');
  const { LastDatabaseEtag, Indexes } = JSON.parse(answer) as {
    LastDatabaseEtag: number;
    Indexes: { Name: string }[];
  };
  return { LastDatabaseEtag, indexes: Indexes.map(({ Name }) => Name) };
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
function randomNumbers(from: number): (below: number) => number {
  let state = from >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function shuffled<T>(things: T[], random: (below: number) => number): T[] {
  return things
    .map((thing) => ({ thing, at: random(2 ** 30) }))
    .sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}

/** Declares the test. */
export function randomKills({ killsOfEach, items }: Scale): void {
  beforeAll(async () => {
    servers = await OwnServers.open();
    stack = servers.stack;
  });
  afterAll(() => servers?.close());
  test('kills lose nothing', { timeout: 900_000 }, () => killAll(killsOfEach, items));
}

async function killAll(killsOfEach: number, items: Scale['items']): Promise<void> {
  say(`seed ${seed}`);
  const random = randomNumbers(seed);
  const sources = { waiting: stack.databaseName('waiting'), copied: stack.databaseName('copied') };
  const targets = { waiting: stack.databaseName('target'), copied: stack.databaseName('target') };
  await createHeavy(stack.raven, sources.waiting, items.waiting);
  await createHeavy(stack.raven, sources.copied, items.copied);
  const before = { waiting: await stateOf(sources.waiting), copied: await stateOf(sources.copied) };
  await servers.startWorker();
  const waiting = await stack.migrate(sources.waiting, {
    target: targets.waiting,
    input: { method: 'dump' },
  });
  await waiting.reaches('awaiting-approval');
  const copied = await stack.migrate(sources.copied, {
    target: targets.copied,
    input: { maxItemsPerSecond: ITEMS_PER_SECOND },
  });
  // a plan gives a server that is away a minute, not hours: kill after kill would end it, as it should
  await until('the plan is made', async () => (await phaseOf(copied)) !== 'planning');
  const writing = startWriting(Object.values(sources), items.waiting, randomNumbers(seed + 1));

  const order = shuffled(
    VICTIMS.flatMap((victim) => Array.from({ length: killsOfEach }, () => victim)),
    random,
  );
  const hit = new Set<Phase>();
  let kills = 0;
  const kill = async (victim: Victim, phases: (Phase | undefined)[]) => {
    say(`kill ${++kills}, of ${victim}: ${phases.join(', ')}`);
    await servers.killAndRestart(victim, random(LONGEST_OUTAGE_MS));
  };
  for (const victim of order) {
    await kill(victim, await randomMoment([waiting, copied], hit, random(LONGEST_PAUSE_MS)));
  }
  // phases that are short are hit when they come
  const deadline = Date.now() + RECOVERY_MS;
  while ((await phaseOf(copied)) !== 'awaiting-approval' && Date.now() < deadline) {
    const { size } = hit;
    const phases = await randomMoment([waiting, copied], hit, LONGEST_PAUSE_MS);
    if (hit.size > size) await kill(VICTIMS[kills % VICTIMS.length] ?? 'worker', phases);
  }
  expect(kills).toBeGreaterThanOrEqual(order.length);
  expect([...hit]).toEqual(expect.arrayContaining(['copying', 'verifying', 'awaiting-approval']));
  expect(await writing.stop(), 'something was written between the kills').toBeGreaterThan(2 * kills);

  for (const [name, migration] of Object.entries({ waiting, copied }) as [
    'waiting' | 'copied',
    Migration,
  ][]) {
    await recovered(name, migration);
    const written = await stateOf(sources[name]);
    await approveAndKill(migration, name === 'waiting' ? 'worker' : 'RavenDB', random(1_000));
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, sources[name], targets[name])).toEqual([]);
    // nothing was written since but by the test, and no index of the product's was left
    expect(await stateOf(sources[name])).toEqual({ ...written, indexes: before[name].indexes });
  }
}

/** Lets a while pass; less when a migration is in a phase that no kill has hit yet. */
async function randomMoment(
  migrations: Migration[],
  hit: Set<Phase>,
  pauseMs: number,
): Promise<(Phase | undefined)[]> {
  const until = Date.now() + pauseMs;
  for (;;) {
    const phases = await Promise.all(migrations.map(phaseOf));
    const unhit = phases.filter((phase) => phase && !hit.has(phase));
    if (unhit.length > 0 || Date.now() >= until) {
      for (const phase of phases) if (phase) hit.add(phase);
      return phases;
    }
    await sleep(50);
  }
}

/** Kills in the cutover too. When that undid the freeze, it is approved once more. */
async function approveAndKill(migration: Migration, victim: Victim, afterMs: number): Promise<void> {
  await migration.approve();
  await sleep(afterMs);
  say(`kill in the cutover, of ${victim}: ${await phaseOf(migration)}`);
  await servers.killAndRestart(victim, 0);
  await until(
    'the cutover is over',
    async () => {
      const phase = await phaseOf(migration);
      if (phase === 'awaiting-approval') await migration.approveAgain();
      return phase !== undefined && isFinal(phase);
    },
    RECOVERY_MS,
  );
}

/** Waits until a migration asks for its approval; an error says what it does instead. */
async function recovered(name: string, migration: Migration): Promise<void> {
  const holds = async () => {
    const phase = await phaseOf(migration);
    if (phase && isFinal(phase)) throw new Error(`${name} has ended: ${(await migration.failure()).message}`);
    return phase === 'awaiting-approval';
  };
  await until(`${name} waits for its approval`, holds, RECOVERY_MS).catch(async (error: Error) => {
    const { raw } = await migration.handle.describe();
    const pending = (raw.pendingActivities ?? []).map(
      ({ activityType, attempt, lastFailure }) =>
        `${activityType?.name}, attempt ${attempt}: ${lastFailure?.message ?? 'no failure'}`,
    );
    const { phase, transferred } = await migration.progress();
    throw new Error(`${error.message}; ${phase}: ${JSON.stringify(transferred)}; ${pending.join('; ')}`);
  });
}

async function phaseOf(migration: Migration): Promise<Phase | undefined> {
  return await migration.progress().then(
    ({ phase }) => phase,
    () => undefined,
  );
}

function say(text: string): void {
  process.stderr.write(`random kills: ${text}\n`);
}
