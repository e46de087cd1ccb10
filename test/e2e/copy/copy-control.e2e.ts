/** Takes long: copies that are slowed down on purpose, to be paused, throttled and killed in their middle. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MigrateDatabaseInput } from '../../../src/core/contract/contract.ts';
import { failures } from '../../../src/core/contract/failures.ts';
import { describeTransferred } from '../../../src/core/run/page.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseRecord, shardNumbers } from '../../../src/ravendb/requests/databases.ts';
import { databaseCounts, storageStats } from '../../../src/ravendb/requests/statistics.ts';
import { createDatabase, lastingRecord, putItems } from '../../support/data/databases.ts';
import { finishEqual } from '../../support/oracle/finish-equal.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { type Migration, Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';
import { tuningVariable } from '../../support/servers/tuning.ts';

const ITEMS = 8_000;
/** `PENDING_ACTIVITY_STATE_CANCEL_REQUESTED` of Temporal. */
const CANCEL_REQUESTED = 3;

/** The part of a dump that is read at once, as items: a limit is kept over more than that. */
const BURST = 600;

describe('a copy obeys', () => {
  let stack: Stack;
  let worker: WorkerProcess;
  let source: string;
  let target: string;
  let migration: Migration;

  beforeAll(async () => {
    stack = await Stack.open();
    worker = await stack.startWorker();
    source = stack.databaseName('source');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, ITEMS);
  });
  afterAll(() => stack.close());
  beforeEach(() => {
    target = stack.databaseName('target');
  });
  afterEach(async () => {
    await migration.handle.terminate().catch(() => undefined);
  });

  async function start(input: Partial<MigrateDatabaseInput> = {}): Promise<void> {
    migration = await stack.migrate(source, { target, input });
  }

  async function request(name: string, fields: object = {}): Promise<void> {
    await migration.handle.executeUpdate(name, { args: [{ by: 'ann', ...fields }] });
  }

  async function documents(): Promise<number> {
    return (await databaseCounts(new Database(stack.raven, target))).documents;
  }

  /** Everything that a write to the target would change. */
  async function footprint(): Promise<{ documents: number; etags: number[] }> {
    const record = await databaseRecord(new Database(stack.raven, target));
    const shards = shardNumbers(record ?? { DatabaseName: target });
    const stats = shards.map((shard) => storageStats(new Database(stack.raven, target).shard(shard)));
    return {
      documents: await documents(),
      etags: (await Promise.all(stats)).map(({ lastEtag }) => lastEtag),
    };
  }

  async function untilItems(least = 1): Promise<number> {
    let items = 0;
    await until(`${least} items are confirmed`, async () => {
      const { phase, transferred } = await migration.progress();
      if (!['planning', 'preparing', 'copying'].includes(phase))
        throw new Error(`the copy is over: ${phase}`);
      items = transferred?.doing === 'writing the dump' ? 0 : (transferred?.items ?? 0);
      return items >= least;
    });
    return items;
  }

  const finish = () => finishEqual(stack, migration, { source, target });

  test('a pause: soon nothing is written, and what was confirmed is not sent again', async () => {
    await start({ maxItemsPerSecond: 1500 });
    await untilItems();
    await request('pause');
    const paused = await migration.progress();
    await sleep(2_500);
    const still = await footprint();
    expect(still.documents).toBeLessThan(ITEMS);
    await sleep(2_000);
    expect(await footprint()).toEqual(still);
    const standing = await migration.progress();
    expect(standing).toMatchObject({ phase: 'copying', paused: true });
    expect((await migration.handle.describe()).raw.pendingActivities ?? []).toEqual([]);
    const confirmed = standing.transferred?.items ?? 0;
    expect(confirmed).toBeGreaterThanOrEqual(paused.transferred?.items ?? 0);
    expect(confirmed).toBeLessThanOrEqual(still.documents);

    await request('throttle', { maxItemsPerSecond: null });
    await request('resume');
    let least = confirmed;
    await until('the copy is over', async () => {
      const { phase, transferred } = await migration.progress();
      if (phase !== 'copying') return true;
      if (transferred) {
        expect(transferred.items).toBeGreaterThanOrEqual(least);
        least = transferred.items;
      }
      return false;
    });
    await finish();
    // a write takes the same number of etags each time: only what had not been confirmed was written twice
    const etagsOf = ({ etags }: { etags: number[] }) => etags.reduce((sum, etag) => sum + etag, 0);
    const etagsAWrite = etagsOf(still) / still.documents;
    const writes = etagsOf(await footprint()) / etagsAWrite;
    expect(writes).toBeLessThanOrEqual(ITEMS + (still.documents - confirmed) + 5);
  });

  /** Fails unless the target grows as fast as the limit says, over some seconds from now on. */
  async function expectRate(limit: number, seconds: number): Promise<void> {
    const [startedAt, before] = [Date.now(), await documents()];
    let arrived = 0;
    while (Date.now() - startedAt < seconds * 1000) {
      await sleep(250);
      arrived = (await documents()) - before;
      const since = (Date.now() - startedAt) / 1000;
      // what the last limit has sent may still arrive
      expect(arrived).toBeLessThanOrEqual(limit * 1.1 * since + BURST * 2);
    }
    expect(arrived).toBeGreaterThanOrEqual(limit * 0.5 * seconds - BURST);
  }

  async function expectShown(limit: number, text: string): Promise<void> {
    await until(`the limit is ${limit}`, async () => {
      return (await migration.progress()).maxItemsPerSecond === limit;
    });
    expect(await migration.page()).toContain(`- Limit: ${text}`);
  }

  async function cli(...args: string[]): Promise<string> {
    const { stdout, stderr } = await shardlift(stack, ...args).ended;
    return stdout + stderr;
  }

  test('a limit of its speed, changed by update, signal and command line, until the copy is done', async () => {
    await start({ maxItemsPerSecond: 500 });
    await until('the first arrive', async () => (await documents().catch(() => 0)) > 0);
    await expectShown(500, '500 items/s');
    await expectRate(500, 4);

    await request('throttle', { maxItemsPerSecond: 1000 });
    await expectShown(1000, '1,000 items/s');
    await sleep(1_200);
    await expectRate(1000, 3);

    await migration.handle.signal('throttle', { by: 'bob', note: 'slower', maxItemsPerSecond: 100 });
    await expectShown(100, '100 items/s');
    await sleep(1_200);
    await expectRate(100, 4);
    const watching = shardlift(stack, 'watch', migration.id);
    const shown = async () => watching.output.stderr.includes('limit: 100 items/s');
    await until('whoever watches sees the limit', shown);

    expect(await cli('throttle', migration.id, '--max-items-per-second', '0')).toContain('at least 1');
    expect(await cli('throttle', migration.id, '--max-items-per-second', '1500')).toContain('Accepted.');
    await expectShown(1500, '1,500 items/s');
    expect(await cli('throttle', migration.id, '--max-items-per-second', 'none')).toContain('Accepted.');
    await migration.reaches('awaiting-approval');
    expect(await migration.page()).not.toContain('Limit');
    const { notes } = await migration.report();
    const limits = notes.map(({ text }) => text).filter((text) => text.startsWith('Limit'));
    expect(limits.slice(0, 2)).toEqual([
      'Limited to 1,000 items/s by ann',
      'Limited to 100 items/s by bob: slower',
    ]);
    expect(limits.at(-1)).toContain('Limit removed by');

    const refused = 'No limit applies while awaiting-approval; there is nothing to throttle.';
    await expect(request('throttle', { maxItemsPerSecond: 1 })).rejects.toMatchObject({
      cause: { message: refused },
    });
    await migration.handle.signal('throttle', { maxItemsPerSecond: 1 });
    await until('the refusal shows', async () => (await migration.progress()).lastRefusal !== null);
    expect((await migration.progress()).lastRefusal).toMatchObject({ request: 'throttle', reason: refused });
    expect(await cli('throttle', migration.id, '--max-items-per-second', '1')).toContain(refused);
    await finish();
    expect((await watching.ended).code).toBe(0);
  });

  test('an abort in its middle: the source is as before, and nothing is written any more', async () => {
    const left = async () => {
      const path = `/databases/${source}/indexes?namesOnly=true&start=0&pageSize=1000`;
      const { Results } = await stack.raven.http.json<{ Results: string[] }>({ doing: 'Reading', path });
      return { record: await lastingRecord(stack.raven, source), indexes: Results };
    };
    const before = await left();
    await start({ maxItemsPerSecond: 1500 });
    await untilItems();
    await request('abort', { note: 'not today' });
    const { type, message } = await migration.failure();
    const stopped = await footprint();
    expect(type).toBe('Aborted');
    expect(message).toContain('aborted by ann: not today');
    expect(message).toContain(`The source "${source}" serves as before.`);
    expect(message).toContain(`The target "${target}" is an unfinished copy`);
    expect(stopped.documents).toBeGreaterThan(0);
    expect(stopped.documents).toBeLessThan(ITEMS);
    expect(await left()).toEqual(before);
    await sleep(2_000);
    expect(await footprint()).toEqual(stopped);
  });

  test('a killed worker: progress does not lie, and the next worker of the host goes on at once', async () => {
    await start({ maxItemsPerSecond: 1500 });
    const samples: { items: number; bytes: number; percent: string; rated: boolean }[] = [];
    let sampling = true;
    const sampler = (async () => {
      while (sampling) {
        await sleep(100);
        const [before, page, after] = await stack.client
          .withDeadline(
            Date.now() + 3_000,
            async () =>
              [await migration.progress(), await migration.page(), await migration.progress()] as const,
          )
          .catch(() => []);
        const { transferred, phase } = before ?? {};
        if (phase !== 'copying' || !transferred) continue;
        const text = describeTransferred(transferred);
        // one was asked after the other: where the ends agree, so must the middle
        if (text === describeTransferred(after?.transferred ?? { items: -1 })) expect(page).toContain(text);
        expect(transferred.totalItems).toBe(ITEMS);
        expect(transferred.items).toBeLessThanOrEqual(await documents());
        const { items, bytes = 0, itemsPerSecond, etaSeconds } = transferred;
        const percent = /\((\d+)%\)/.exec(text)?.[1] ?? '';
        samples.push({
          items,
          bytes,
          percent,
          rated: itemsPerSecond !== undefined && etaSeconds !== undefined,
        });
      }
    })();
    sampler.catch(() => undefined);
    await untilItems(2000);
    await worker.kill();
    const stood = await footprint();
    worker = await stack.startWorker();
    await until('it goes on', async () =>
      (await footprint()).etags.some((etag, at) => etag > (stood.etags[at] ?? 0)),
    );
    // and not because Temporal had missed its heartbeats for long enough
    const { raw } = await migration.handle.describe();
    expect(
      raw.pendingActivities?.map(({ lastFailure }) => lastFailure?.applicationFailureInfo?.type),
    ).toEqual([failures.workerDied]);
    await migration.reaches('awaiting-approval');
    sampling = false;
    await sampler;

    for (const [at, sample] of samples.entries()) {
      const last = samples[at - 1] ?? sample;
      expect(sample.items).toBeGreaterThanOrEqual(last.items);
      expect(sample.bytes).toBeGreaterThanOrEqual(last.bytes);
      expect(sample.percent === '100').toBe(sample.items === ITEMS);
      if (sample.items > 0 && sample.items < ITEMS) expect(sample.rated).toBe(true);
    }
    expect(new Set(samples.map(({ items }) => items)).size).toBeGreaterThan(2);
    await finish();
  });

  test('a pause that a worker does not live to hear of', async () => {
    await worker.kill();
    // it hears of a cancel by the answer to a heartbeat
    worker = await stack.startWorker(tuningVariable({ worker: { heartbeatThrottleMs: 5_000 } }));
    await start({ maxItemsPerSecond: 500 });
    await untilItems(500);
    await request('pause');
    await worker.kill();
    const { raw } = await migration.handle.describe();
    expect(raw.pendingActivities?.map(({ state }) => state)).toEqual([CANCEL_REQUESTED]);
    // what it hands back is not tried again, since it was to be canceled
    worker = await stack.startWorker();
    await until('nothing is at work', async () => {
      const description = await migration.handle.describe();
      return (description.raw.pendingActivities ?? []).length === 0;
    });
    expect(await migration.progress()).toMatchObject({ phase: 'copying', paused: true });
    await request('throttle', { maxItemsPerSecond: null });
    await request('resume');
    await finish();
  });
});
