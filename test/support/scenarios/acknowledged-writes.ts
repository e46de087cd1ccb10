import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFenceNote } from '../../../src/engine/cutover/fence-note.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { closeDatabase, openDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { createItems } from '../data/databases.ts';
import { type Judged, judge, KINDS, type Load, LoggedWriters } from '../data/logged-writers.ts';
import { isOfCluster, type Places, placesOf } from '../data/places.ts';
import { openAlone } from '../servers/alone.ts';
import { type Migration, type Stack, until } from '../servers/stack.ts';
import { Switchboard, TOLD } from '../servers/switchboard.ts';

const ITEMS = 500;
const VETO = 'not now';
/** A migration that compare exchange keeps from its cutover is approved again, as a person would. */
const MOST_APPROVALS = 10;

/** How much is done. */
export interface Rounds {
  /** There and back. */
  rounds: number;
  /** For which there are writes on the side that serves, in each round. */
  seconds: number;
  load: Load;
}

/** Declares the tests. */
export function acknowledgedWrites({ rounds, seconds, load }: Rounds): void {
  let stack: Stack;
  let close: () => Promise<void>;
  let board: Switchboard;
  let source: string;
  let writers: LoggedWriters;
  /** Lines for whoever runs the test. */
  const table: string[] = [];

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    board = await Switchboard.open();
    await board.startWorker(stack);
    source = stack.databaseName('source');
    await createItems(stack.raven, source, ITEMS);
    writers = new LoggedWriters(stack.raven, source, load);
    board.serves = (database) => {
      writers.serving = database;
      // both sides are to be compared before anything is written to this one again
      if (database === source) void writers.pause();
    };
  });
  afterAll(async () => {
    await writers?.stop();
    await board?.close();
    await close?.();
    process.stderr.write(`\n${table.join('\n')}\n`);
  });

  async function waiting(target: string): Promise<Migration> {
    const input = { freeze: 'fence' as const, downtimeBudget: '60s', hooks: TOLD };
    const migration = await stack.migrate(source, { target, input });
    await migration.reaches('awaiting-approval');
    return migration;
  }

  /** Asks for a cutover, and again where only the cluster was too busy. @returns why it was undone; null when it was done */
  async function cutOver(migration: Migration): Promise<string | null> {
    for (let approvals = 1; ; approvals++) {
      await migration.approve();
      await until('it is over, or was undone', async () => {
        const { phase, approval } = await migration.progress();
        return phase === 'observing' || (phase === 'awaiting-approval' && !approval);
      });
      const { phase, attention } = await migration.progress();
      if (phase === 'observing') return null;
      const wasBusy = attention?.includes('Compare exchange was changed each time') ?? false;
      if (!wasBusy || approvals === MOST_APPROVALS) return attention ?? 'no reason';
      table.push('  approved again, for compare exchange was changed each time');
    }
  }

  /** Nothing is on its way. @param other what the other side is open as */
  async function check(when: string, serving: string, other?: { name: string; withCluster: boolean }) {
    await writers.pause();
    const { log, prefix } = writers;
    const there = await placesOf(stack.raven, serving, { prefix, withCluster: true });
    const judged = judge(log, there, () => false);
    expect(judged.lost, when).toEqual([]);
    expect(judged.torn, when).toEqual([]);
    if (other) {
      const { name, withCluster } = other;
      await until(
        `both sides are the same, ${when}`,
        async () => {
          const here = await placesOf(stack.raven, name, { prefix, withCluster });
          return differing(there, here, withCluster).length === 0;
        },
        30_000,
      ).catch(async () => {
        const here = await placesOf(stack.raven, name, { prefix, withCluster });
        expect(differing(there, here, withCluster), `${when}: "${serving}" and "${name}"`).toEqual([]);
      });
    }
    tell(when, judged);
    writers.resume();
  }

  function tell(when: string, { unacknowledged }: Judged): void {
    const { log } = writers;
    table.push(`${when}: ${log.length - unacknowledged.length} acknowledged, none is lost;`);
    const kinds = KINDS.map((kind) => {
      const ofKind = unacknowledged.filter(({ write }) => write.kind === kind);
      // that nothing is there tells nothing of a deletion
      const present = ofKind.filter(({ there }) => kind !== 'deletion' && there !== 'absent');
      const named = present.map(({ write, there }) => `${write.leaves[0]?.[0]} (${there}, ${write.failure})`);
      return `  ${kind}: ${ofKind.length} not acknowledged, ${present.length} of them there${named.length > 0 ? `: ${named.join('; ')}` : ''}`;
    });
    table.push(...kinds.filter((line) => !line.includes(': 0 not')));
  }

  /** Until every kind was taken by a database since a moment. */
  async function everyKindIsTaken(database: string, since: number): Promise<void> {
    const missing = () => {
      const taken = writers.log.slice(since).filter((write) => write.database === database && !write.failure);
      const kinds = new Set(taken.map(({ kind }) => kind));
      return KINDS.filter((kind) => !kinds.has(kind));
    };
    const seen = () => `without ${missing().join(', ')}`;
    await until(
      `${database} has taken every kind of write`,
      async () => missing().length === 0,
      undefined,
      seen,
    );
  }

  test(`loses no acknowledged write in a cutover that is undone, in ${rounds} cutovers and their roll-backs`, async () => {
    for (let round = 1; round <= rounds; round++) {
      const target = stack.databaseName('target');
      let since = writers.log.length;
      const startedAt = Date.now();
      const migration = await waiting(target);
      if (round === 1) {
        await migration.handle.executeUpdate('rehearse', { args: [{ by: 'ann', within: '60s' }] });
        await until('it was rehearsed', async () => (await migration.progress()).rehearsals?.length === 1);
        await migration.reaches('awaiting-approval');
        await check('after a rehearsal', source);
        board.before = () => Promise.reject(new Error(VETO));
        expect(await cutOver(migration)).toContain('The freeze was undone and the source serves as before');
        board.before = () => Promise.resolve();
        await migration.reaches('awaiting-approval');
        await check('after an undone cutover', source);
      }
      const rate = (1000 * (writers.log.length - since)) / (Date.now() - startedAt);
      table.push(`round ${round}: ${Math.round(rate)} writes a second while it was copied`);
      await everyKindIsTaken(source, since);
      expect(await cutOver(migration)).toBeNull();
      expect(writers.serving).toBe(target);
      since = writers.log.length;
      await sleep(seconds * 1000);
      const note = await readFenceNote(new Database(stack.raven, target));
      const name = note?.plan.storages[0]?.alias ?? '';
      await check(`after cutover ${round}`, target, { name, withCluster: false });
      await everyKindIsTaken(target, since);
      await rollBack(migration);
      expect(writers.serving).toBe(source);
      await opened(target, () =>
        check(`after roll-back ${round}`, source, { name: target, withCluster: true }),
      );
    }
    await writers.stop();
  });

  async function rollBack(migration: Migration): Promise<void> {
    for (let asked = 1; ; asked++) {
      await migration.handle.executeUpdate('rollBack', { args: [{ by: 'ann' }] });
      await until('it is over, or was undone', async () => {
        const { phase, attention } = await migration.progress();
        return phase === 'rolled-back' || (phase === 'observing' && attention !== null);
      });
      const { phase, attention } = await migration.progress();
      if (phase === 'rolled-back') break;
      expect(attention).toContain('Compare exchange was changed each time');
      expect(asked).toBeLessThan(MOST_APPROVALS);
      table.push('  rolled back again, for compare exchange was changed each time');
    }
    expect((await migration.failure()).type).toBe('CutoverRolledBack');
  }

  /** Only to look at it: nobody writes meanwhile. */
  async function opened(name: string, look: () => Promise<void>): Promise<void> {
    const database = new Database(stack.raven, name);
    await openDatabase(database);
    await until('it can be read', () =>
      databaseCounts(database).then(
        () => true,
        () => false,
      ),
    );
    await look();
    await closeDatabase(database);
  }
}

/** What is not the same on two sides. */
function differing(one: Places, other: Places, withCluster: boolean): string[] {
  const all = new Set([...one.keys(), ...other.keys()]);
  return [...all]
    .filter((place) => (withCluster || !isOfCluster(place)) && one.get(place) !== other.get(place))
    .map((place) => `${place}: ${one.get(place)} and ${other.get(place)}`);
}
