/** Takes long: comparisons go on while their worker dies, a server is away, and both sides are written to. */
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { VerifyDatabasesInput } from '../../../src/core/contract/verify-contract.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { VerifyResult } from '../../../src/core/run/results.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase, deleteDocument, putDocument, putItems } from '../../support/data/databases.ts';
import { entries, moment } from '../../support/data/everything-numbers.ts';
import { exportAll, importAll } from '../../support/oracle/plain-copy.ts';
import { Gate } from '../../support/servers/gate.ts';
import { type Migration, Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';

const ITEMS = 6_000;
/** So that reading both sides takes some seconds. */
const SLOWLY = { maxItemsPerSecond: 2_000 };

describe('verifyDatabases while things happen', () => {
  let stack: Stack;
  let gate: Gate;
  let worker: WorkerProcess;
  let source: string;
  let target: string;
  let asked: string[];

  beforeAll(async () => {
    stack = await Stack.open();
    gate = await Gate.before(stack.addresses.ravendbUrl);
    gate.rewrite((line) => {
      asked.push(line);
      return line;
    });
    asked = [];
    stack.ravendbUrlForWorker = gate.url;
    worker = await stack.startWorker();
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, ITEMS);
    await createDatabase(stack.raven, target);
    await importAll(stack.raven, target, await exportAll(stack.raven, source));
    return async () => {
      await gate.close();
      await stack.close();
    };
  });
  afterEach(() => gate.open());

  function inputOf(fields: Partial<VerifyDatabasesInput> = {}) {
    return {
      source: { connection: 'local', database: source },
      target: { connection: 'local', database: target },
      ...fields,
    };
  }

  async function start(fields: Partial<VerifyDatabasesInput> = {}): Promise<Migration> {
    return await stack.start(inputOf(fields), undefined, 'verifyDatabases');
  }

  async function resultOf(run: Migration): Promise<VerifyResult> {
    return (await run.handle.result()) as VerifyResult;
  }

  async function verify(fields: Partial<VerifyDatabasesInput> = {}): Promise<VerifyResult> {
    return await resultOf(await start(fields));
  }

  /** Comes back when so many items were read. */
  async function hasRead(run: Migration, items: number): Promise<number> {
    let read = 0;
    await until('enough is read', async () => {
      const { phase, transferred } = await run.handle.query<RunProgress>('progress');
      read = transferred?.items ?? 0;
      return phase === 'reading' && read >= items;
    });
    return read;
  }

  test('a killed worker goes on with the reading where it stood', async () => {
    const run = await start({ maxItemsPerSecond: 1_500 });
    const read = await hasRead(run, ITEMS / 3);
    expect(read).toBeLessThan(ITEMS);
    await worker.kill();
    asked = [];
    worker = await stack.startWorker();
    expect(await resultOf(run)).toMatchObject({
      equal: true,
      documents: { source: ITEMS, target: ITEMS },
    });
    const begins = asked
      .map((line) => new RegExp(`/${source}/docs\\?etag=(\\d+)`).exec(line)?.[1])
      .filter((etag) => etag !== undefined)
      .map(Number);
    // what the workflow was told is in the heartbeat too
    expect(Math.min(...begins)).toBeGreaterThan(read - 1_500);
    expect(Math.min(...begins)).toBeLessThan(ITEMS);
  });

  test('it is paused, throttled, resumed and aborted; a report is left', async () => {
    const run = await start(SLOWLY);
    await hasRead(run, 2_000);
    await run.handle.executeUpdate('pause', { args: [{ by: 'ann' }] });
    const itemsNow = async () => (await run.handle.query<RunProgress>('progress')).transferred?.items;
    await sleep(1_500);
    const items = await itemsNow();
    await sleep(1_500);
    expect(await itemsNow()).toBe(items);
    expect(await run.page()).toContain('--name resume');
    await run.handle.executeUpdate('resume', { args: [{ by: 'ann' }] });
    await run.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
    expect(await resultOf(run)).toMatchObject({ equal: true });
    const report = (await stack.report(run.id)) as unknown as Record<string, unknown>;
    expect(report).toMatchObject({ phase: 'completed', mismatches: 0, documents: { source: ITEMS } });

    const aborted = await start(SLOWLY);
    await hasRead(aborted, 1);
    await expect(aborted.handle.executeUpdate('repair', { args: [{ by: 'ann' }] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('"repair": "ask"') },
    });
    await aborted.handle.executeUpdate('abort', { args: [{ by: 'ann', note: 'enough' }] });
    expect(await aborted.failure()).toEqual({
      type: 'Aborted',
      message: 'The comparison was aborted by ann: enough.',
    });
  });

  test('writes to both sides meanwhile are no difference', async () => {
    const ends = new AbortController();
    const writing = Promise.all([0, 1, 2, 3].map((writer) => writeToBoth(writer, ends.signal)));
    try {
      const result = await verify({ maxItemsPerSecond: 4_000 });
      expect(result).toMatchObject({ equal: true, mismatches: 0, differences: [] });
      expect(await verify({ depth: 'sample' })).toMatchObject({ equal: true, mismatches: 0 });
    } finally {
      ends.abort();
      await writing;
    }
    expect(await verify()).toMatchObject({ equal: true, lagging: 0 });
  });

  /** As a replication does that is a moment behind. */
  async function writeToBoth(writer: number, signal: AbortSignal): Promise<void> {
    const sides = [new Application(stack.raven, source), new Application(stack.raven, target)];
    const changes: ((side: Application, id: string, n: number) => Promise<void>)[] = [
      (side, id, n) => side.put(id, `{"number":${n},"@metadata":{"@collection":"Items"}}`),
      (side, id) => side.increment(id, { likes: 1 }),
      (side, id, n) => side.append(id, 'Heart', [{ at: moment(n), values: [n] }]),
      (side, id, n) => side.attach(id, 'note', `note ${n}`),
      (side, _, n) => side.putCompareExchange(`written/${writer}`, `${n}`),
      async (side, id, n) => {
        await side.delete(id);
        await side.put(id, `{"again":${n},"@metadata":{"@collection":"Items"}}`);
      },
    ];
    for (let n = 0; !signal.aborted; n++) {
      const id = `items/${writer * 1_000 + (n % 50)}`;
      for (const side of sides) {
        await changes[n % changes.length]?.(side, id, n);
        await sleep(40);
      }
    }
  }

  test('what is written again and again on one side lags; once it stands still it differs', async () => {
    const application = new Application(stack.raven, source);
    const ends = new AbortController();
    const writing = (async () => {
      for (let n = 1; !ends.signal.aborted; n++) {
        await application.put('items/1', `{"number":${n},"@metadata":{"@collection":"Items"}}`);
        await application.putCompareExchange('counter', `${n}`);
        await sleep(100);
      }
    })();
    // the target has both, once and for all
    await new Application(stack.raven, target).putCompareExchange('counter', '0');
    const meanwhile = await verify();
    ends.abort();
    await writing;
    expect(meanwhile).toMatchObject({ equal: true, mismatches: 0, lagging: 2 });
    const still = await verify();
    expect(still.differences.map(({ id, what }) => `${id}: ${what}`)).toEqual([
      expect.stringMatching(/^items\/1: differs in "number"/),
      'counter: has another value on the target',
    ]);
    await application.deleteCompareExchange('counter');
    await new Application(stack.raven, target).deleteCompareExchange('counter');
    const json = '{"number":1,"@metadata":{"@collection":"Items"}}';
    for (const database of [source, target]) await putDocument(stack.raven, database, 'items/1', json);
  });

  test('each of three planted differences among many is found, also after RavenDB was away', async () => {
    await putDocument(stack.raven, target, 'items/3507', changed(3_507));
    await deleteDocument(stack.raven, target, 'items/5000');
    await putDocument(stack.raven, target, 'items/extra', changed(1));
    const run = await start(SLOWLY);
    await hasRead(run, ITEMS / 4);
    gate.away();
    await sleep(3_000);
    gate.back();
    await run.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
    const result = await resultOf(run);
    expect(result.differences.map(({ id, what }) => `${id}: ${what}`).toSorted(byText)).toEqual([
      'items/3507: differs in "payload"',
      'items/5000: is missing on the target',
      'items/extra: is on the target only',
    ]);
    expect(result).toMatchObject({ equal: false, mismatches: 3, lagging: 0 });

    const counts = await verify({ depth: 'counts', allowExtra: true });
    expect(counts).toMatchObject({ equal: true });
    const everything = await verify({ depth: 'sample', sampleSize: 100_000 });
    expect(everything).toMatchObject({ equal: false, mismatches: 3 });
    expect(everything.sample?.statement).toContain('3 differences');
    const few = await verify({ depth: 'sample', sampleSize: 500, allowExtra: true });
    expect(few.sample?.documents).toBeGreaterThanOrEqual(500);
    expect(few.sample?.documents).toBeLessThan(700);
  });

  test('entries of time series are compared, not the segments in which RavenDB keeps them', async () => {
    const names = ['whole', 'with-gaps'].map((name) => stack.databaseName(name)) as [string, string];
    const ids = Array.from({ length: 200 }, (_, n) => `measured/${n}`);
    for (const name of names) {
      await createDatabase(stack.raven, name);
      const application = new Application(stack.raven, name);
      await application.putAll(ids.map((id) => [id, '{"a":1,"@metadata":{"@collection":"Measured"}}']));
      await pMap(
        ids,
        async (id) => {
          if (name === names[0]) return await application.append(id, 'Heart', entries(5));
          await application.append(id, 'Heart', entries(6));
          await application.deleteEntries(id, 'Heart', moment(5), moment(5));
        },
        { concurrency: 4 },
      );
    }
    const [from, into] = names;
    const sides = {
      source: { connection: 'local', database: from },
      target: { connection: 'local', database: into },
    };
    expect(await verify(sides)).toMatchObject({ equal: true, mismatches: 0 });
    await new Application(stack.raven, into).append('measured/7', 'Heart', [{ at: moment(3), values: [7] }]);
    expect(await verify(sides)).toMatchObject({ mismatches: 1, differences: [{ id: 'measured/7' }] });
  });
});

function changed(n: number): string {
  const payload = n === 3_507 ? `${'x'.repeat(399)}y` : 'x'.repeat(400);
  return JSON.stringify({ number: n, payload, '@metadata': { '@collection': 'Items' } });
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
