/** What RavenDB's client for Node sees of a fence that goes up and comes down again, as docs/cutover.md tells it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentStore, type SessionOptions } from 'ravendb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Application } from '../../support/data/application.ts';
import { createItems, putItems } from '../../support/data/databases.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { raised } from '../../support/work/fences.ts';

const ITEMS = 20;
/** A bulk insert that is aborted ends within a second. */
const STUCK_MS = 20_000;
const STUCK = 'waits for ever';
const DISABLED = { name: 'DatabaseDisabledException' };

let stack: Stack;
let shop: string;
let store: DocumentStore;

beforeAll(async () => {
  stack = await Stack.open();
});
afterAll(() => stack.close());

beforeEach(async () => {
  shop = stack.databaseName('shop');
  await createItems(stack.raven, shop, ITEMS);
  store = new DocumentStore(stack.addresses.ravendbUrl, shop);
  store.initialize();
});
afterEach(() => store.dispose());

async function fence() {
  return await raised(stack.raven, shop);
}

async function save(id: string, options: SessionOptions = {}): Promise<void> {
  const session = store.openSession(options);
  await session.store({ n: 1 }, id);
  await session.saveChanges();
}

/** Whether it loads a document. */
async function load(id: string): Promise<boolean> {
  return (await store.openSession().load(id)) !== null;
}

test('each request is refused at once, without another try, and passes again at once', async () => {
  await save('before/1');
  const { lower } = await fence();
  const startedAt = Date.now();
  await expect(load('items/1')).rejects.toMatchObject(DISABLED);
  await expect(store.openSession().query({ collection: 'Items' }).all()).rejects.toMatchObject(DISABLED);
  await expect(save('refused/1')).rejects.toMatchObject(DISABLED);
  await expect(save('refused/2', { transactionMode: 'ClusterWide' })).rejects.toMatchObject(DISABLED);
  expect(Date.now() - startedAt).toBeLessThan(3_000);
  await lower();
  await save('after/1');
  expect(await Promise.all(['refused/1', 'refused/2', 'after/1'].map(load))).toEqual([false, false, true]);
});

test('a bulk insert is aborted, and what it has sent before may be there', async () => {
  const bulk = store.bulkInsert();
  await bulk.store({ n: 1 }, 'bulk/1');
  const { lower } = await fence();
  const more = async () => {
    for (let n = 2; n < 2_000; n++) await bulk.store({ n, text: 'x'.repeat(1_000) }, `bulk/${n}`);
    await bulk.finish();
  };
  // RavenDB's client may wait for ever where its connection was closed while it waited to write more
  const ended = await Promise.race([
    more().then(
      () => 'finished',
      ({ name }: Error) => name,
    ),
    sleep(STUCK_MS, STUCK),
  ]);
  expect(['BulkInsertAbortedException', STUCK]).toContain(ended);
  const another = store.bulkInsert();
  const begin = async () => {
    await another.store({ n: 1 }, 'bulk/another');
    await another.finish();
  };
  await expect(begin()).rejects.toMatchObject(DISABLED);
  await lower();
  expect(await load('bulk/1999')).toBe(false);
});

test('a changes connection says why it is gone, and comes back by itself', async () => {
  const changes = store.changes();
  const errors: Error[] = [];
  changes.on('error', (error: Error) => errors.push(error));
  const noticed = new Set<string>();
  const documents = changes.forAllDocuments();
  documents.on('data', ({ id }) => noticed.add(id));
  // without this handler the first refusal would end the process
  documents.on('error', () => undefined);
  await changes.ensureConnectedNow();
  await until('it notices', async () => {
    await new Application(stack.raven, shop).put('before/1', '{}');
    return noticed.has('before/1');
  });
  const { lower } = await fence();
  await until('it is refused', async () => errors.length > 0);
  expect(errors[0]?.message).toContain('503');
  await lower();
  await until('it notices again', async () => {
    await new Application(stack.raven, shop).put('after/1', '{}');
    return noticed.has('after/1');
  });
  changes.dispose();
});

/** A worker of a subscription to all items, and what becomes of it. */
async function subscribed(options: { maxErroneousPeriod?: number }) {
  const subscriptionName = await store.subscriptions.create({ query: 'from Items' });
  const worker = store.subscriptions.getSubscriptionWorker({
    ...options,
    subscriptionName,
    timeToWaitBeforeConnectionRetry: 200,
  });
  const got: string[] = [];
  const errors: Error[] = [];
  worker.on('batch', (batch, done) => {
    got.push(...batch.items.map(({ id }) => id));
    done();
  });
  worker.on('error', (error) => {
    if (error) errors.push(error);
  });
  let retries = 0;
  worker.on('connectionRetry', () => {
    retries++;
  });
  await until('it has got all', async () => got.length === ITEMS);
  return { worker, got, errors, retried: async () => retries > 1 };
}

test('a worker of a subscription tries again, and goes on where it was', async () => {
  const { worker, got, errors, retried } = await subscribed({});
  const { lower } = await fence();
  await until('it has tried', retried);
  await lower();
  await putItems(stack.raven, shop, 5, ITEMS);
  await until('it has got what is new', async () => got.length >= ITEMS + 5);
  expect(got.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))).toEqual(
    Array.from({ length: ITEMS + 5 }, (_, n) => `items/${n}`),
  );
  expect(errors).toEqual([]);
  worker.dispose();
});

test('a worker of a subscription gives up where the fence stays', async () => {
  const { worker, errors } = await subscribed({ maxErroneousPeriod: 1_000 });
  const { lower } = await fence();
  await until('it gives up', async () => errors.length > 0);
  expect(errors[0]?.name).toBe('SubscriptionInvalidStateException');
  worker.dispose();
  await lower();
});
