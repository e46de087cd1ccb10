/** Takes long: runs of a schedule, one of which loses its worker. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase, putItems } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { PrintedSchedule } from '../../support/servers/printed-schedule.ts';
import { Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

const PAGE = readFileSync(new URL('../../../docs/sync-database.md', import.meta.url), 'utf8');
const ITEMS = 1500;
/** More than a round carries before a kill. */
const MANY = 4_000;

/** Only what the page prints is run, on a target and a queue of the test's own. */
describe('syncDatabase under a schedule, as its page says', () => {
  let stack: Stack;
  let schedule: PrintedSchedule;
  let source: string;
  let target: string;
  let application: Application;
  let worker: WorkerProcess;

  beforeAll(async () => {
    stack = await Stack.open();
    [source, target] = [stack.databaseName('Shop'), stack.databaseName('ShopCopy')];
    application = new Application(stack.raven, source);
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, ITEMS);
    for (const key of ['one', 'two']) await application.putCompareExchange(key, '1');
    await application.putIndexes({
      Name: 'Items/All',
      Maps: ['from i in docs.Items select new { i.payload }'],
    });
    schedule = await PrintedSchedule.of(stack, {
      text: PAGE,
      id: 'sync-shop',
      file: 'sync-shop.json',
      // limited so that the first copy takes seconds; the comparisons are, too
      input: (printed) => ({
        ...JSON.parse(printed.replace('"Shop"', `"${source}"`).replace('"ShopCopy"', `"${target}"`)),
        maxItemsPerSecond: 1_000,
      }),
    });
    await start();
  });
  afterAll(async () => {
    await schedule.run('schedule delete').catch(() => undefined);
    await stack.close();
  });

  async function start(): Promise<void> {
    worker = await stack.startWorker({ SHARDLIFT_CONNECTION_PROD_URLS: stack.addresses.ravendbUrl });
  }

  const sync = () => schedule.result<SyncResult>();

  async function expectEqual(): Promise<void> {
    expect(await differences(stack.raven, source, target, { without: ['settings'] })).toEqual([]);
  }

  /** The writes of a target: an item that is written anew gets another change vector. */
  async function changeVectors(ids: string[]): Promise<Map<string, string>> {
    const { Results } = await new Database(stack.raven, target).json<{
      Results: { '@metadata': { '@id': string; '@change-vector': string } }[];
    }>({
      doing: 'Reading change vectors',
      method: 'POST',
      path: 'docs?metadataOnly=true',
      json: { Ids: ids },
    });
    return new Map(Results.map(({ '@metadata': each }) => [each['@id'], each['@change-vector']]));
  }

  async function setState(database: string, state: 'disable' | 'enable'): Promise<void> {
    await stack.raven.http.json({
      doing: 'Setting the state of a database',
      method: 'POST',
      path: `/admin/databases/${state}`,
      json: { DatabaseNames: [database] },
    });
  }

  async function phaseOf(run: { query<T>(name: string): Promise<T> }): Promise<string> {
    return (await run.query<{ phase: string }>('progress').catch(() => ({ phase: '' }))).phase;
  }

  /** Looks often: it is over in a second. */
  async function carries(run: { query<T>(name: string): Promise<T> }): Promise<void> {
    const before = ['', 'planning', 'preparing', 'copying'];
    while (before.includes(await phaseOf(run))) await sleep(20);
  }

  test('the first run that is ended within its copy is made good by the next, beside which no other runs', async () => {
    await schedule.run('schedule create');
    const ended = await schedule.trigger();
    await until('it copies', async () => (await phaseOf(ended)) === 'copying');
    await ended.executeUpdate('abort', { args: [{ by: 'ann' }] });
    await expect(ended.result()).rejects.toMatchObject({ cause: { type: 'Aborted' } });

    const scheduled = await schedule.trigger();
    await until('it copies', async () => (await phaseOf(scheduled)) === 'copying');
    expect(await schedule.run('schedule describe')).toContain(scheduled.workflowId);
    await schedule.run('schedule trigger');
    const byHand = await startByCli(stack, 'syncDatabase', schedule.input);
    const { type, message } = await byHand.failure();
    expect(type).toBe('TargetBusy');
    expect(message).toContain(scheduled.workflowId);
    expect((await scheduled.result()) as SyncResult).toMatchObject({ carried: 'everything' });
    expect(await schedule.run('schedule describe')).toContain('"SkippedOverlap":1');
    await expectEqual();
  });

  test('each run carries what is new, no more, and says where the target stands', async () => {
    const untouched = Array.from({ length: ITEMS - 10 }, (_, n) => `items/${n + 10}`);
    const before = await changeVectors(untouched);
    expect(before.size).toBe(untouched.length);
    for (const change of [
      async () => {
        await application.delete('items/0');
        await application.put('items/1', '{"number":1.50,"@metadata":{"@collection":"Items"}}');
        await application.put('items/new', '{"number":9007199254740993,"@metadata":{"@collection":"Items"}}');
        await application.putCompareExchange('one', '"changed"');
        await application.deleteCompareExchange('two');
        await application.putCompareExchange('another', '1');
        await application.putIndexes({
          Name: 'Items/ByNumber',
          Maps: ['from i in docs.Items select new { i.number }'],
        });
        await application.deleteIndex('Items/All');
      },
      async () => undefined,
    ]) {
      await change();
      const { etag } = await readPosition(new Database(stack.raven, source));
      const result = await sync();
      expect(result).toMatchObject({ phase: 'completed', carried: 'changes' });
      expect(result.position.etag).toBe(etag);
      expect(result.documents.target).toBe(result.documents.source);
      await expectEqual();
      expect(await changeVectors(untouched)).toEqual(before);
    }
  });

  test('a run waits while the target is disabled', async () => {
    await putItems(stack.raven, source, 1, ITEMS);
    await setState(target, 'disable');
    const run = await schedule.trigger();
    await until('it has been tried in vain', async () => {
      const { raw } = await run.describe();
      return (raw.pendingActivities ?? []).some(({ attempt }) => (attempt ?? 0) > 1);
    });
    await setState(target, 'enable');
    expect((await run.result()) as SyncResult).toMatchObject({ carried: 'changes' });
    await expectEqual();
  });

  test('a run goes on after the death of its worker; one that was terminated is made good by the next', async () => {
    await putItems(stack.raven, source, MANY, ITEMS + 1);
    await application.delete('items/2');
    const run = await schedule.trigger();
    await carries(run);
    await worker.kill();
    await start();
    expect((await run.result()) as SyncResult).toMatchObject({ carried: 'changes' });
    await expectEqual();

    await putItems(stack.raven, source, MANY, 0);
    await application.delete('items/3');
    const killed = await schedule.trigger();
    await carries(killed);
    await worker.kill();
    await killed.terminate('lost');
    await application.delete('items/4');
    await start();
    expect(await sync()).toMatchObject({ carried: 'changes' });
    await expectEqual();
    expect(await schedule.run('workflow list')).toMatch(new RegExp(`Terminated\\s+${killed.workflowId}`));
  });

  test('it ends with the schedule', async () => {
    await schedule.run('schedule delete');
    await expect(schedule.run('schedule describe')).rejects.toThrow(/not found/i);
  });
});
