/** Fences around databases with all that a database may have, and in the moments at which it is most at work. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedRavenDb, startRavenDb } from '../../../dev/servers/index.ts';
import { parseMigrateDatabase } from '../../../src/core/contract/contract.ts';
import type { FencePlan } from '../../../src/core/cutover/fence.ts';
import type { Check } from '../../../src/core/plan/check.ts';
import { fenceSource, undoFence } from '../../../src/engine/cutover/cut-over.ts';
import { lockFenced, lowerFence, planFence } from '../../../src/engine/cutover/fence.ts';
import { noteRaised } from '../../../src/engine/cutover/fence-note.ts';
import { checkFreeze } from '../../../src/engine/plan/check-freeze.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase, databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import { readMetadata } from '../../../src/ravendb/requests/documents.ts';
import { closableRecord, closeDatabase, openStorage } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts, readPosition } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase, lastingRecord, putItems } from '../../support/data/databases.ts';
import { INDEX_KINDS, indexProgress, putEveryIndex, putPlaces } from '../../support/data/every-index.ts';
import { restartRavenDb } from '../../support/servers/restart.ts';
import { Secured } from '../../support/servers/secured.ts';
import { until } from '../../support/servers/until.ts';
import { planned, raised, workOn } from '../../support/work/fences.ts';

const ITEMS = 200;
/** What a plan says of the freeze and of the way back. */
async function checked(source: Database, target: Database): Promise<Check[]> {
  const input = parseMigrateDatabase({
    source: { connection: source.connection.name, database: source.name },
    target: { connection: target.connection.name, database: target.name, shards: 2 },
    freeze: 'fence',
  });
  if (!input.ok) throw new Error(input.problem);
  const [ours, theirs] = await Promise.all([databaseRecord(source), databaseRecord(target)]);
  const sides = [
    { database: source, record: ours },
    { database: target, record: theirs },
  ] as const;
  return (await checkFreeze(input.value, ...sides)).checks;
}

let ravendb: EmbeddedRavenDb;
let raven: RavenConnection;
let directory: string;
/** It keeps revisions, and looks every second for what is due. */
let impatient: Application;
let number = 0;

beforeAll(async () => {
  // one of its own, since it outlives the server
  directory = await mkdtemp(join(tmpdir(), 'shardlift-fences-'));
  ravendb = await startRavenDb({ dataDirectory: join(directory, 'server') });
  raven = RavenConnection.open('local', { urls: [ravendb.url] });
  // without a license a server takes so short intervals with its very first database only
  impatient = await created({
    Revisions: { Default: null, Collections: { Kept: { Disabled: false } } },
    Expiration: { Disabled: false, DeleteFrequencyInSec: 1 },
    Refresh: { Disabled: false, RefreshFrequencyInSec: 1 },
  });
});
afterAll(async () => {
  raven.close();
  await ravendb.stop();
  await rm(directory, { recursive: true, force: true });
});

function named(name: string): Database {
  return new Database(raven, name);
}

/** A database of items. @param fields of its record */
async function created(fields: Record<string, unknown> = {}): Promise<Application> {
  const database = `shop-${++number}`;
  const query = new URLSearchParams({ name: database, replicationFactor: '1' });
  const json = { DatabaseName: database, Settings: {}, ...fields };
  await raven.http.json({ doing: 'Creating', method: 'PUT', path: `/admin/databases?${query}`, json });
  await putItems(raven, database, ITEMS);
  return new Application(raven, database);
}

async function documentsOf(name: string): Promise<number> {
  return (await databaseCounts(named(name))).documents;
}

describe('with indexes of every kind', () => {
  let shop: Application;

  beforeAll(async () => {
    shop = await created();
    await putPlaces(shop, 60);
    await putEveryIndex(shop);
    await upToDate();
  });

  async function upToDate(): Promise<void> {
    await until('no index is stale', async () =>
      (await indexProgress(shop)).every(({ IsStale, State }) => !IsStale || State === 'Disabled'),
    );
  }

  test('none is built anew', async () => {
    const before = await indexProgress(shop);
    expect(new Set(before.map(({ Type }) => Type))).toEqual(new Set(INDEX_KINDS));
    const { behind, lower } = await raised(raven, shop.database);
    expect(await indexProgress(new Application(raven, behind))).toEqual([]);
    await lower();
    // the first look comes before any of them could be built
    expect(await indexProgress(shop)).toEqual(before);
    await sleep(500);
    expect(await indexProgress(shop)).toEqual(before);
  });

  test('each takes in what was written behind the fence, and nothing else', async () => {
    const attempts = async () =>
      Object.fromEntries((await indexProgress(shop)).map(({ Name, MapAttempts }) => [Name, MapAttempts]));
    const before = await attempts();
    const { behind, lower } = await raised(raven, shop.database);
    await new Application(raven, behind).put(
      'kinds/9',
      '{"Name":"late","n":9,"@metadata":{"@collection":"Kinds"}}',
    );
    await lower();
    await upToDate();
    expect(await attempts()).toEqual({ ...before, 'Two/Maps': (before['Two/Maps'] ?? 0) + 1 });
  });
});

test('with an index in the middle of being built, it goes on where it was', async () => {
  const shop = await created();
  const slow = "map('Items', (i) => { let n = 0; for (let k = 0; k < 200; k++) n += k; return { n }; })";
  const Configuration = { 'Indexing.MapBatchSize': '128' };
  await putItems(raven, shop.database, 3_000);
  await shop.putIndexes({ Name: 'Items/Slow', Maps: [slow], Configuration });
  const slowOne = async () => {
    const [index] = await indexProgress(shop);
    if (!index) throw new Error('no index');
    return index;
  };
  await until('it has begun', async () => (await slowOne()).MapAttempts > 0);
  const { CreatedTimestamp, MapAttempts, IsStale } = await slowOne();
  expect(IsStale).toBe(true);
  const { lower } = await raised(raven, shop.database);
  await lower();
  expect(await slowOne()).toMatchObject({ CreatedTimestamp });
  expect((await slowOne()).MapAttempts).toBeGreaterThanOrEqual(MapAttempts);
  await until('it is built', async () => !(await slowOne()).IsStale);
  // a batch that was cut off counts for nothing, and none is done twice
  expect(await slowOne()).toMatchObject({ MapAttempts: 3_000, EntriesCount: 3_000 });
});

test.each(['of its own', 'that is named from the server’s own'])('with a folder %s', async (which) => {
  const own = which === 'of its own';
  const DataDir = own ? join(directory, 'elsewhere') : 'Beside/Shop';
  const { database } = await created({ Settings: { DataDir } });
  const { plan, behind, lower } = await raised(raven, database);
  const [folder = ''] = plan.storages.map((storage) => storage.folder);
  expect(folder).toContain(own ? DataDir : 'Beside/Shop');
  expect(await readdir(folder)).toContain('Raven.voron');
  expect(await documentsOf(behind)).toBe(ITEMS);
  await lower();
  expect(await documentsOf(database)).toBe(ITEMS);
  expect(await closableRecord(named(database))).toMatchObject({ Settings: { DataDir } });
});

test('with revisions, expiration and refresh, which stand still behind it and go on afterwards', async () => {
  const shop = impatient;
  const { database } = shop;
  const keep = (n: number) => shop.put('kept/1', `{"n":${n},"@metadata":{"@collection":"Kept"}}`);
  for (const n of [1, 2]) await keep(n);
  const record = await lastingRecord(raven, database);
  const { behind, lower } = await raised(raven, database);
  const past = '2020-01-02T03:04:05.6789012Z';
  const alias = new Application(raven, behind);
  await alias.put('due/expired', `{"@metadata":{"@collection":"Due","@expires":"${past}"}}`);
  await alias.put('due/refreshed', `{"@metadata":{"@collection":"Due","@refresh":"${past}"}}`);
  const due = async (at: Application) =>
    (await readMetadata(named(at.database), ['due/expired', 'due/refreshed'])).map((metadata) =>
      Object.keys(metadata).filter((key) => key === '@expires' || key === '@refresh'),
    );
  await sleep(2_500);
  expect(await due(alias)).toEqual([['@expires'], ['@refresh']]);
  expect(await databaseCounts(named(behind))).toMatchObject({ documents: ITEMS + 3, revisions: 2 });
  await lower();
  expect(await lastingRecord(raven, database)).toEqual(record);
  await until('what is due is done', async () => JSON.stringify(await due(shop)) === '[[]]');
  await keep(3);
  expect(await databaseCounts(named(database))).toMatchObject({ documents: ITEMS + 2, revisions: 3 });
});

test('its other name is not unloaded while nobody uses it', async () => {
  const { database } = await created();
  const { behind, lower } = await raised(raven, database);
  const { Results } = await raven.http.json<{ Results: { Name: string; MaxIdleTime: string }[] }>({
    doing: 'Reading what is idle',
    path: '/admin/debug/databases/idle',
  });
  // longer than a way back stays open
  expect(Results.find(({ Name }) => Name === behind)).toMatchObject({ MaxIdleTime: '365.00:00:00' });
  await lower();
});

test('when it is down, and the database holds another storage than before, that is said', async () => {
  const { database } = await created();
  const { plan } = await raised(raven, database);
  const storages = plan.storages.map((storage) => ({ ...storage, databaseId: 'another' }));
  await expect(lowerFence(workOn(raven), { ...plan, storages })).rejects.toThrow(
    'another storage than before',
  );
  expect(await closableRecord(named(database))).toMatchObject({ Disabled: false, LockMode: 'Unlock' });
});

test('right after a compaction', async () => {
  const shop = await created();
  await shop.putIndexes({ Name: 'Items/ByNumber', Maps: ['from i in docs.Items select new { i.number }'] });
  await shop.delete('items/0');
  await compact(shop.database, ['Items/ByNumber']);
  const { behind, lower } = await raised(raven, shop.database);
  expect(await databaseCounts(named(behind))).toMatchObject({ documents: ITEMS - 1 });
  await lower();
  await shop.put('after/1', '{}');
  expect(await documentsOf(shop.database)).toBe(ITEMS);
});

/** Compacts a database and indexes of it, and comes back the moment that this is done. */
async function compact(DatabaseName: string, Indexes: string[]): Promise<void> {
  const { OperationId } = await raven.http.json<{ OperationId: number }>({
    doing: 'Compacting',
    method: 'POST',
    path: '/admin/compact',
    json: { DatabaseName, Documents: true, Indexes },
  });
  for (;;) {
    const { Status } = await raven.http.json<{ Status: string }>({
      doing: 'Waiting',
      path: `/operations/state?id=${OperationId}`,
    });
    if (Status === 'Completed') return;
    if (Status !== 'InProgress') throw new Error(`the compaction is ${Status}`);
  }
}

// a start of the server is dear: one kill for all that have to come through it, and the new one runs a program
describe('when the server is killed', () => {
  const opening: FencePlan[] = [];
  /** Both names are open, and that of the database comes first, or that of the storage. */
  const both: FencePlan[] = [];

  beforeAll(async () => {
    const work = workOn(raven);
    for (const alias of [undefined, 'a-first']) {
      const { database } = await created();
      const plan = await planned(raven, database);
      const storages = plan.storages.map((storage) => ({ ...storage, ...(alias && { alias }) }));
      for (const storage of storages)
        await expect(openStorage(named(storage.alias), storage.folder)).rejects.toThrow();
      both.push({ ...plan, storages });
    }
    const plain = await Promise.all(Array.from({ length: 5 }, () => created()));
    const sharded = named(`shop-${++number}`);
    await createShardedDatabase(sharded, { shards: 2, replicationFactor: 1 });
    await putItems(raven, sharded.name, ITEMS);
    const names = [...plain.map(({ database }) => database), sharded.name];
    opening.push(...(await Promise.all(names.map((name) => planned(raven, name)))));
    for (const plan of opening) {
      await lockFenced(work, plan);
      await closeDatabase(named(plan.database));
    }
    const [first, ...others] = opening.flatMap(({ storages }) => storages);
    if (!first) throw new Error('no storage');
    const open = ({ alias, folder }: typeof first) => openStorage(named(alias), folder);
    await open(first);
    const outcomes = Promise.allSettled(others.map(open));
    // it opens one after the other, each in longer than that
    await sleep(20);
    await ravendb.kill();
    const opened = (await outcomes).filter(({ status }) => status === 'fulfilled');
    expect(opened.length).toBeLessThan(others.length);
    ravendb = await restartRavenDb(ravendb, { 'Storage.OnDirectoryInitialize.Exec': '/bin/true' });
  });

  test('while it opens the other names, it comes down', async () => {
    for (const plan of opening) {
      await lowerFence(workOn(raven), plan);
      expect(await documentsOf(plan.database)).toBe(ITEMS);
      expect(await closableRecord(named(plan.database))).toMatchObject({
        Disabled: false,
        LockMode: 'Unlock',
      });
    }
  });

  test('with both names open, whichever comes first, it comes down', async () => {
    for (const plan of both) {
      await lowerFence(workOn(raven), plan);
      expect(await documentsOf(plan.database)).toBe(ITEMS);
      for (const { alias } of plan.storages) expect(await closableRecord(named(alias))).toBeUndefined();
    }
  });

  test('and runs a program for each folder from then on, the plan refuses it', async () => {
    const [source, target] = both.map(({ database }) => named(database));
    const [check] = await checked(source as Database, target as Database);
    expect(check?.status).toBe('blocker');
    expect(check?.message).toContain('"Storage.OnDirectoryInitialize.Exec"');
  });
});

describe('on a server with certificates', () => {
  let secured: Secured;

  beforeAll(async () => {
    secured = await Secured.start();
    await createDatabase(secured.raven, 'Shop');
    await putItems(secured.raven, 'Shop', ITEMS);
    await createShardedDatabase(new Database(secured.raven, 'Target'), { shards: 2, replicationFactor: 1 });
    await secured.addCertificate('operator', 'Operator', {});
    await secured.addCertificate('administrator', 'ValidUser', { Shop: 'Admin', Target: 'Admin' });
    await secured.addCertificate('application', 'ValidUser', { Shop: 'ReadWrite' });
  });
  afterAll(() => secured?.close());

  test('an operator raises and lowers it, and no application gets through, or behind it', async () => {
    const [operator, writing] = [secured.connect('operator'), secured.connect('application')];
    const work = workOn(operator);
    const [source, target] = ['Shop', 'Target'].map((database) => ({ connection: 'operator', database }));
    if (!source || !target) throw new Error('no databases');
    const order = { plan: await planFence(work, source), target, firstRunId: 'run', attempt: 1 };
    await noteRaised(work, order);
    await lockFenced(work, order.plan);
    const shop = new Application(writing, 'Shop');
    await shop.put('before/1', '{}');
    const checks = await checked(work.database(source), work.database(target));
    expect(checks.map(({ status }) => status)).toEqual(['ok', 'ok']);
    const position = await readPosition(work.database(source));
    await fenceSource(work, { ...order, position });
    // the connection of `before/1` is still open
    await expect(shop.put('after/1', '{}')).rejects.toMatchObject({ kind: 'DatabaseDisabledException' });
    const behind = order.plan.storages[0]?.alias ?? '';
    await expect(new Application(writing, behind).put('after/1', '{}')).rejects.toMatchObject({
      status: 403,
    });
    expect(await databaseCounts(new Database(operator, behind))).toMatchObject({ documents: ITEMS + 1 });
    expect(await undoFence(work, order)).toBe(true);
    await shop.put('after/1', '{}');
    expect(await databaseCounts(new Database(operator, 'Shop'))).toMatchObject({ documents: ITEMS + 2 });
    for (const connection of [operator, writing]) connection.close();
  });

  test('the plan refuses it, and the way back, to a certificate that could not close the database', async () => {
    const administrator = secured.connect('administrator');
    const checks = await checked(new Database(administrator, 'Shop'), new Database(administrator, 'Target'));
    expect(checks.map(({ status }) => status)).toEqual(['blocker', 'blocker']);
    for (const { message } of checks) expect(message).toContain('lacks the clearance Operator');
    administrator.close();
  });
});
