/** Of switching and undoing exactly one happens, and nobody raises a fence that is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Position } from '../../../src/core/copy/position.ts';
import type { FenceOrder } from '../../../src/core/cutover/fence.ts';
import { watchCluster } from '../../../src/engine/cutover/cluster-mark.ts';
import { fenceSource, switchOver, undoFence } from '../../../src/engine/cutover/cut-over.ts';
import { lockFenced, lowerFence, planFence, raiseFence } from '../../../src/engine/cutover/fence.ts';
import { noteRaised, readFenceNote } from '../../../src/engine/cutover/fence-note.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { compareExchangeItem } from '../../../src/ravendb/requests/cluster-items.ts';
import { waitingDocuments } from '../../../src/ravendb/requests/cluster-transactions.ts';
import { readIds } from '../../../src/ravendb/requests/documents.ts';
import { closableRecord, raftLog } from '../../../src/ravendb/requests/fencing.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { until } from '../../support/servers/until.ts';
import { ActivityBench } from '../../support/work/activities.ts';
import { raised } from '../../support/work/fences.ts';

let bench: ActivityBench;
let order: FenceOrder;
let position: Position;

beforeAll(async () => {
  bench = await ActivityBench.open();
});
afterAll(() => bench.close());

beforeEach(async () => {
  await bench.databases({ withTarget: true });
  const { source, target } = bench.input();
  order = { plan: await planFence(work(), source), target, firstRunId: 'run', attempt: 1 };
  await noteRaised(work(), order);
  await lockFenced(work(), order.plan);
  position = await readPosition(new Database(bench.stack.raven, bench.source));
});

afterEach(() => lowerFence(work(), order.plan));

function work() {
  return { ...bench.work, workflowId: 'migration' };
}

async function isClosed(): Promise<boolean> {
  return (await closableRecord(new Database(bench.stack.raven, bench.source)))?.Disabled === true;
}

async function noted() {
  return (await readFenceNote(new Database(bench.stack.raven, bench.target)))?.state;
}

test('a fence that was undone is not switched', async () => {
  // without a look at the cluster, where other tests are at work
  await raiseFence(work(), order.plan);
  expect(await isClosed()).toBe(true);
  expect(await undoFence(work(), order)).toBe(true);
  expect(await isClosed()).toBe(false);
  await expect(switchOver(work(), order)).rejects.toThrow('undone before');
  expect(await noted()).toBe('undone');
});

test('a fence that has switched is not undone', async () => {
  // without a look at the cluster, where other tests are at work
  await raiseFence(work(), order.plan);
  await switchOver(work(), order);
  await switchOver(work(), order);
  expect(await undoFence(work(), order)).toBe(false);
  expect(await isClosed()).toBe(true);
  expect(await noted()).toBe('switched');
});

test('a fence that was undone before it was raised is never raised', async () => {
  await undoFence(work(), order);
  await expect(fenceSource(work(), { ...order, position })).rejects.toThrow('undone before');
  expect(await isClosed()).toBe(false);
});

test('a later attempt ends an earlier one', async () => {
  await noteRaised(work(), { ...order, attempt: 2 });
  await expect(fenceSource(work(), { ...order, position })).rejects.toThrow('another attempt has begun');
  await expect(switchOver(work(), order)).rejects.toThrow('another attempt has begun');
  expect(await noted()).toBe('raised');
});

test('compare exchange that has moved before the source was closed is carried', async () => {
  const { source, target } = bench.both;
  let tries = 0;
  await until('it is carried', async () => {
    const before = await readPosition(source);
    const key = `k${++tries}`;
    await bench.send('PUT', `cmpxchg?key=${key}&index=0`, { Object: 1 });
    // other tests are at work in the cluster, and what they change just now undoes it
    await fenceSource(work(), { ...order, position: before }).catch((error: Error) =>
      expect(error.message).toContain('in the moment of the freeze'),
    );
    return (await compareExchangeItem(target, key))?.value === '{"Object":1}';
  });
});

test('an index that has changed before the source was closed is seen', async () => {
  const index = { Name: 'Changed', Maps: ['from doc in docs select new { doc.a }'] };
  await bench.send('PUT', 'admin/indexes', { Indexes: [index] });
  await expect(fenceSource(work(), { ...order, position })).rejects.toThrow('have changed');
  expect(await isClosed()).toBe(false);
});

test('compare exchange that moves while the source is closed is seen', async () => {
  // of any database: the log does not say of which
  const other = new Database(bench.stack.raven, bench.target);
  const stopping = new AbortController();
  const moving = (async () => {
    await until('it is closed', async () => stopping.signal.aborted || (await isClosed()));
    for (let n = 0; !stopping.signal.aborted; n++) {
      const json = { Object: n };
      await other.json({ doing: 'Moving', method: 'PUT', path: `cmpxchg?key=moving/${n}&index=0`, json });
    }
  })();
  try {
    await expect(fenceSource(work(), { ...order, position })).rejects.toThrow('The cluster has taken a');
  } finally {
    stopping.abort();
    await moving;
  }
  await undoFence(work(), order);
  expect(await isClosed()).toBe(false);
});

test('cluster-wide transactions on their way are seen, and are whole or absent when they are fenced again', async () => {
  const application = new Application(bench.stack.raven, bench.source);
  const source = new Database(bench.stack.raven, bench.source);
  const pairs: [string, string][] = [];
  let refused = false;
  const write = async () => {
    while (!refused) {
      const pair: [string, string] = [`left/${pairs.length}`, `right/${pairs.length}`];
      pairs.push(pair);
      const Commands = pair.map((Id) => ({ Type: 'PUT', Id, Document: { a: 1 } }));
      const body = JSON.stringify({ Commands, TransactionMode: 'ClusterWide' });
      await application.send('POST', 'bulk_docs', body).catch(() => {
        refused = true;
      });
    }
  };
  const writing = [write(), write(), write(), write()];
  await until('they are at work', async () => pairs.length > 20);
  const { committed } = await raftLog(source.connection);
  const cluster = watchCluster(source, committed, (await closableRecord(source))?.EtagForBackup ?? 0);
  await raiseFence(work(), order.plan);
  await Promise.all(writing);
  await expect(cluster.assertStill()).rejects.toMatchObject({ kind: 'ClusterItemsMoved' });
  // the first command after that may be one of another test
  const { commands } = await raftLog(source.connection);
  expect(commands.filter(({ Index }) => Index > committed).map(({ CommandType }) => CommandType)).toContain(
    'ClusterTransactionCommand',
  );
  await lowerFence(work(), order.plan);
  await until('all are carried out', async () => (await waitingDocuments(source))?.length === 0);
  const { behind, lower } = await raised(bench.stack.raven, bench.source);
  const fenced = await readIds(new Database(bench.stack.raven, behind), pairs.flat());
  await lower();
  await sleep(500);
  expect([...(await readIds(source, pairs.flat())).keys()]).toEqual([...fenced.keys()]);
  expect(pairs.filter(([left, right]) => fenced.has(left) !== fenced.has(right))).toEqual([]);
});

test('a cluster-wide transaction that the database cannot carry out keeps it from being closed', async () => {
  const source = new Database(bench.stack.raven, bench.source);
  const application = new Application(bench.stack.raven, bench.source);
  const send = (Id: string) => {
    const body = JSON.stringify({
      Commands: [{ Type: 'PUT', Id, Document: {} }],
      TransactionMode: 'ClusterWide',
    });
    return application.send('POST', 'bulk_docs', body);
  };
  await send('fine/1');
  expect(await waitingDocuments(source)).toEqual([]);
  // the cluster takes it, and no storage does
  const tooLong = 'long/'.padEnd(600, 'x');
  await expect(send(tooLong)).rejects.toThrow('512 bytes');
  expect(await waitingDocuments(source)).toEqual([tooLong]);
  await expect(fenceSource(work(), { ...order, position })).rejects.toMatchObject({
    kind: 'NotReady',
    retryable: false,
    message: expect.stringContaining('"long/xxx'),
  });
  expect(await isClosed()).toBe(false);
});
