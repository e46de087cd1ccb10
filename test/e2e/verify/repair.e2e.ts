import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Difference, DifferenceKind } from '../../../src/core/compare/verification.ts';
import type { Position } from '../../../src/core/copy/position.ts';
import { applyDelta } from '../../../src/engine/catch-up/delta-round.ts';
import { compareById } from '../../../src/engine/compare/compare-documents.ts';
import { openPair } from '../../../src/engine/work/work.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { loseAttachments, readable, withBucketsMoved } from '../../support/data/damage.ts';
import { createEverything } from '../../support/data/everything.ts';
import { entries, moment } from '../../support/data/everything-numbers.ts';
import { REVISIONS } from '../../support/data/everything-revisions.ts';
import { PLANTS, type Plant, plain } from '../../support/data/plants.ts';
import { FEW_VICTIMS, victim } from '../../support/data/victims.ts';
import { differences } from '../../support/oracle/compare.ts';
import { ActivityBench } from '../../support/work/activities.ts';

const PROCESS = fileURLToPath(new URL('../../support/work/repair-process.ts', import.meta.url));

/** Damage to documents that hold everything. */
const LARGE_PLANTS: Pick<Plant, 'id' | 'plant'>[] = [
  {
    id: 'loose/20',
    plant: async (target) => {
      await target.delete('loose/20');
      await target.put('loose/20', victim(20, 9, 'Elsewhere'));
      await target.increment('loose/20', { likes: 5, other: 1 });
    },
  },
  { id: 'Victims/20', plant: (target) => target.delete('Victims/20') },
  {
    id: 'Victims/21',
    plant: async (target) => {
      await target.delete('Victims/21');
      await target.deleteRevisions('Victims/21');
    },
  },
  {
    id: 'Victims/22',
    plant: async (target) => {
      await target.increment('Victims/22', { likes: -1, views: 2 });
      await target.deleteCounters('Victims/22', ['likes']);
      await target.increment('Victims/22', { likes: 7 });
      await target.append('Victims/22', 'HeartRate', entries(30).reverse());
      await target.deleteEntries('Victims/22', 'INC:Downloads', moment(1), moment(2));
      await target.attach('Victims/22', 'own', 'other');
      await target.detach('Victims/22', 'group');
      await target.put('Victims/22', victim(22, 7, 'Victims'));
    },
  },
  {
    id: 'extra/1',
    plant: async (target) => {
      await target.attach('extra/1', 'own', 'extra');
      await target.increment('extra/1', { likes: 1 });
      await target.append('extra/1', 'HeartRate', entries(3));
      await target.forceRevision('extra/1');
    },
  },
  { id: 'odd/nothing', plant: (target) => target.increment('odd/nothing', { likes: 5 }) },
  { id: 'measured/incremental', plant: (target) => target.delete('measured/incremental') },
  { id: 'measured/values', plant: (target) => target.deleteEntries('measured/values', 'StockPrices') },
  { id: 'attachments/large', plant: (target) => target.delete('attachments/large') },
  { id: 'counted/many', plant: (target) => target.deleteCounters('counted/many', [manyth(7), manyth(1400)]) },
];

function manyth(n: number): string {
  return `counter with a rather long name, number ${n}`;
}

describe('repairing what differs', () => {
  let bench: ActivityBench;
  let ids: string[];
  let position: Position;
  let source: Application;
  let target: Application;

  beforeAll(async () => {
    bench = await ActivityBench.open();
    await bench.databases({ withTarget: true });
    const { raven } = bench.stack;
    bench.source = bench.stack.databaseName('everything');
    await createEverything(raven, bench.source, { plain: 20, victims: FEW_VICTIMS });
    source = new Application(raven, bench.source);
    await source.increment('odd/nothing', { likes: 3 });
    position = await readPosition(new Database(raven, bench.source));
    await copyAnew();
    ids = await bench.allIds(bench.source);
  });
  afterAll(() => bench.close());

  async function copyAnew(): Promise<void> {
    bench.target = bench.stack.databaseName('target');
    await createShardedDatabase(new Database(bench.stack.raven, bench.target), {
      shards: 2,
      replicationFactor: 1,
    });
    await bench.copyAll(position);
    target = new Application(bench.stack.raven, bench.target);
  }

  const sides = () => ({
    source: { connection: 'local', database: bench.source },
    target: { connection: 'local', database: bench.target },
  });

  async function plantAll(): Promise<void> {
    for (const { plant } of [...PLANTS, ...LARGE_PLANTS]) await plant(target);
  }

  async function found(these = [...ids, 'extra/1']): Promise<Difference[]> {
    return await compareById(openPair(bench.work, sides()), these, { extraAllowed: false });
  }

  async function repair(items: Difference[]) {
    return await bench.call('repairItems', { ...sides(), items });
  }

  async function ownComparison(): Promise<string[]> {
    const without = ['indexes', 'settings'] as const;
    return await differences(bench.stack.raven, bench.source, bench.target, { without: [...without] });
  }

  test('makes each damage good, and a round after that finds all as it was', async () => {
    await plantAll();
    const items = await found();
    expect(new Set(items.map(({ id }) => id))).toEqual(
      new Set([...PLANTS, ...LARGE_PLANTS].map(({ id }) => id)),
    );
    const { before, after } = await repair(items);
    expect(after).toEqual([]);
    expect(new Set(before)).toEqual(new Set(items));
    expect(await ownComparison()).toEqual([]);
    expect(await repair(items)).toEqual({ before: [], after: [] });
    // a try that follows one that died tells what that one found
    const again = await bench.call('repairItems', { ...sides(), items }, { before, own: [] });
    expect(again).toEqual({ before, after: [] });

    // from the position of the copy, so that it brings all of these once more
    for (const id of ['loose/5', 'loose/6', 'loose/20', 'Victims/22', 'odd/nothing'])
      await source.increment(id, { likes: 1 });
    await source.increment('counted/large', { odd: -3 });
    for (const id of ['loose/12', 'Victims/22'])
      await source.incrementSeries(id, 'INC:Downloads', [{ at: moment(0), values: [1, 1] }]);
    await source.append('loose/10', 'HeartRate', [{ at: moment(100), values: [1] }]);
    await source.put('kept/3', '{"Version":9,"@metadata":{"@collection":"Kept"}}');
    await applyDelta(bench.work, { ...bench.input(), from: position });
    expect(await ownComparison()).toEqual([]);
  });

  test('goes on where a killed one stood, also while the target keeps revisions', async () => {
    await copyAnew();
    await target.keepRevisions(REVISIONS);
    await plantAll();
    const items = await found();
    const input = JSON.stringify({ ...sides(), items });
    let killed = 0;
    let heartbeat = 'null';
    for (let wait = 200; wait < 30_000; wait *= 3) {
      const child = spawn(process.execPath, [PROCESS, input, heartbeat], {
        env: bench.stack.environment(),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface(child.stdout);
      lines.on('line', (line) => {
        if (line.startsWith('{')) heartbeat = line;
      });
      if (await endsWithin(child, lines, wait)) break;
      killed++;
    }
    expect(killed).toBeGreaterThan(1);
    expect(JSON.parse(heartbeat)).toMatchObject({ before: items, own: [] });
    expect(await found()).toEqual([]);
    expect(await ownComparison()).toEqual([]);
  });

  /** Kills a process some time after its first line. */
  async function endsWithin(child: ChildProcess, lines: Interface, ms: number): Promise<boolean> {
    const ended = once(child, 'exit');
    await once(lines, 'line');
    await Promise.race([ended, sleep(ms)]);
    if (child.exitCode !== null) return true;
    child.kill('SIGKILL');
    await ended;
    return false;
  }

  test('leaves alone what only the target has, unless that was found to differ', async () => {
    await target.put('own/1', '{}');
    await target.forceRevision('own/1');
    const gone: Difference = { kind: 'document', id: 'own/1', what: 'differs in "a"' };
    expect(await repair([gone])).toEqual({ before: [], after: [] });
    const items = await found(['own/1']);
    expect(items).toMatchObject([
      { kind: 'document', what: 'is on the target only' },
      { kind: 'revision', what: expect.stringMatching(/1 of 1 are on the target only/) },
    ]);
    expect(await repair(items)).toEqual({ before: items, after: [] });
    expect(await found(['own/1'])).toEqual([]);

    // revisions of both: those of the source come to those of the target
    await target.deleteRevisions('kept/17');
    await target.forceRevision('kept/17');
    const missing: Difference = { kind: 'revision', id: 'kept/17', what: '3 of 3 are missing on the target' };
    const { before, after } = await repair([missing]);
    expect({ before: before.length, after }).toEqual({ before: 1, after: [] });
    expect(await found(['kept/17'])).toMatchObject([
      { what: expect.stringMatching(/^revisions: 1 of 4 are on the target only, the newest of [^;]*$/) },
    ]);
    await repair(await found(['kept/17']));
  });

  test('copies a document to its shard, and says that it cannot be taken away from another', async () => {
    const { raven } = bench.stack;
    const into = bench.stack.databaseName('target');
    await createShardedDatabase(new Database(raven, into), { shards: 2, replicationFactor: 1 });
    const misplaced = new Application(raven, into);
    await withBucketsMoved(raven, into, () => misplaced.put('plain/0', plain(0)));
    const both = { ...sides(), target: { connection: 'local', database: into } };
    const items = await compareById(openPair(bench.work, both), ['plain/0'], { extraAllowed: false });
    expect(items.map(({ kind }) => kind)).toEqual(['document', 'placement']);
    const { before, after } = await bench.call('repairItems', { ...both, items });
    expect(before).toEqual(items);
    expect(after).toEqual([{ ...items[1], what: expect.stringMatching(/; RavenDB changes nothing on .*/) }]);
  });

  test('brings back the bytes of attachments', async () => {
    const { raven } = bench.stack;
    const [from, into] = [bench.stack.databaseName('source'), bench.stack.databaseName('target')];
    await createShardedDatabase(new Database(raven, into), { shards: 2, replicationFactor: 1 });
    const lost = await loseAttachments(raven, from, into);
    const both = {
      source: { connection: 'local', database: from },
      target: { connection: 'local', database: into },
    };
    const unreadable: string[] = [];
    for (const id of lost) if (!(await readable(raven, into, id, '1'))) unreadable.push(id);
    const [stuck = '', ...others] = unreadable;
    expect(others).not.toEqual([]);
    // RavenDB cannot delete it, as it has to be here, until another document has brought the bytes
    const moved = new Application(raven, from);
    await moved.delete(stuck);
    await moved.put(stuck, '{"a":1.50,"@metadata":{"@collection":"Moved"}}');
    const items = await compareById(openPair(bench.work, both), lost, { extraAllowed: false });
    const alone = await bench.call('repairItems', { ...both, items: items.filter(({ id }) => id === stuck) });
    expect(alone.after).not.toEqual([]);
    for (const { id, what } of alone.after) {
      expect(id).toBe(stuck);
      expect(what).toMatch(/; Deleting documents failed .* NullReferenceException/);
    }
    expect((await bench.call('repairItems', { ...both, items })).after).toEqual([]);
    for (const id of others) expect(await readable(raven, into, id, '1')).toBe(true);
    expect(await differences(raven, from, into)).toEqual([]);
  });

  test('brings back what RavenDB cannot forget, because of indexes that do not run', async () => {
    await target.putIndexes(
      { Name: 'Idle', Maps: ['from d in docs select new { d.n }'] },
      { Name: 'Counting', Maps: ['from c in counters.Loose.likes select new { c.Value }'] },
    );
    for (const shard of [0, 1]) {
      const storage = new Application(bench.stack.raven, `${bench.target}$${shard}`);
      for (const name of ['Idle', 'Counting']) await storage.setIndexState(name, 'disable');
    }
    await target.deleteRevisions('kept/9', 'Victims/14');
    await target.deleteCounters('loose/13', ['likes']);
    await target.increment('loose/14', { likes: 1 });
    const items = await found(['kept/9', 'Victims/14', 'loose/13', 'loose/14']);
    expect(items).toHaveLength(4);
    expect(await repair(items)).toEqual({ before: items, after: [] });
    expect(await repair(items)).toEqual({ before: [], after: [] });
    for (const name of ['Idle', 'Counting']) await target.deleteIndex(name);
    expect(await ownComparison()).toEqual([]);
  });

  test('repairs compare exchange, identities and indexes by name', async () => {
    await bench.call('copyIndexes', bench.input());
    await target.putCompareExchange('decimal', '1.5');
    await target.deleteCompareExchange('null');
    await target.putCompareExchange('extra', '1');
    await source.nextIdentity('late|');
    await target.putIndexes({
      Name: 'Victims/Changed',
      Maps: ['from d in docs.Victims select new { d.n }'],
    });
    await target.deleteIndex('Victims/Deleted');
    await target.putIndexes({ Name: 'Extra', Maps: ['from d in docs.Victims select new { d.n }'] });
    await target.putIndexes({ Name: 'Own', Maps: ['from d in docs.Victims select new { d.n }'] });
    const item = (kind: DifferenceKind, id: string, what = 'differs'): Difference => ({ kind, id, what });
    const only = 'is on the target only';
    const items = [
      item('compare exchange', 'decimal', 'has another value on the target'),
      item('compare exchange', 'null', 'is missing on the target'),
      item('compare exchange', 'extra', only),
      item('compare exchange', 'number'),
      item('identity', 'late|', 'is missing, not 1, on the target'),
      item('index', 'Victims/Changed', expect.any(String)),
      item('index', 'Victims/Deleted', expect.any(String)),
      item('index', 'Extra', only),
      item('setting', 'Expiration'),
      item('number of items', 'revisions', '2 on the source, 1 on the target'),
    ];
    const { before, after } = await repair(items.map((each) => ({ ...each, what: `${each.what}` })));
    expect(before.map(({ kind, id }) => `${kind} ${id}`)).toEqual(
      items.filter(({ id }) => id !== 'number').map(({ kind, id }) => `${kind} ${id}`),
    );
    expect(after).toEqual([
      { kind: 'setting', id: 'Expiration', what: expect.stringMatching(/by hand$/) },
      { kind: 'number of items', id: 'revisions', what: expect.stringMatching(/^2 on .*verify again/) },
    ]);
    const left = await differences(bench.stack.raven, bench.source, bench.target, { without: ['settings'] });
    expect(left).toEqual(['index Own: only on the target']);
  });
});
