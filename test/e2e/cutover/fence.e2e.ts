/** What was seen to destroy, hide or strand something while a storage is open under another name, row by row. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedRavenDb, startRavenDb } from '../../../dev/servers/index.ts';
import type { FencePlan } from '../../../src/core/cutover/fence.ts';
import { lockFenced, lowerFence, raiseFence } from '../../../src/engine/cutover/fence.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase, deleteDatabase } from '../../../src/ravendb/requests/databases.ts';
import { readIds } from '../../../src/ravendb/requests/documents.ts';
import {
  closableRecord,
  closeDatabase,
  forgetName,
  lockDatabase,
  openDatabase,
  openStorage,
} from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase, putItems } from '../../support/data/databases.ts';
import { Gate } from '../../support/servers/gate.ts';
import { restartRavenDb } from '../../support/servers/restart.ts';
import { until } from '../../support/servers/until.ts';
import { planned, workOn } from '../../support/work/fences.ts';

const ITEMS = 200;

let ravendb: EmbeddedRavenDb;
let raven: RavenConnection;
let dataDirectory: string;
let work: Work;
let number = 0;

beforeAll(async () => {
  // one of its own, since it outlives the server
  dataDirectory = await mkdtemp(join(tmpdir(), 'shardlift-fence-'));
  ravendb = await startRavenDb({ dataDirectory });
  raven = RavenConnection.open('local', { urls: [ravendb.url] });
  work = workOn(raven);
});
afterAll(async () => {
  raven.close();
  await ravendb.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

function named(name: string): Database {
  return new Database(raven, name);
}

/** Of a database that answers. */
async function documentsOf(name: string): Promise<number> {
  return (await databaseCounts(named(name))).documents;
}

async function isClosed(name: string): Promise<boolean> {
  return await documentsOf(name).then(
    () => false,
    () => true,
  );
}

describe.each(['plain', 'sharded'] as const)('a fence around a %s database', (kind) => {
  let name: string;
  let plan: FencePlan;

  beforeEach(async () => {
    name = `${kind}-${++number}`;
    if (kind === 'plain') await createDatabase(raven, name);
    else await createShardedDatabase(named(name), { shards: 2, replicationFactor: 1 });
    await putItems(raven, name, ITEMS);
    plan = await planned(raven, name);
  });

  async function raise(it = plan): Promise<void> {
    await lockFenced(work, it);
    await raiseFence(work, it);
  }

  /** All that must hold once a fence is down, whatever was done to it. */
  async function serves(documents = ITEMS): Promise<void> {
    expect(await documentsOf(name)).toBe(documents);
    await new Application(raven, name).put('after/1', '{"a":1}');
    expect(await documentsOf(name)).toBe(documents + 1);
    expect(await closableRecord(named(name))).toMatchObject({ LockMode: 'Unlock', Disabled: false });
    for (const { alias } of plan.storages) expect(await closableRecord(named(alias))).toBeUndefined();
  }

  test('refuses every request to the name, and shows all that was acknowledged under the other', async () => {
    const application = new Application(raven, name);
    const acknowledged: string[] = [];
    const refused: string[] = [];
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; refused.length < 20; n++) {
        const id = `written/${writer}-${n}`;
        await application.put(id, `{"n":${n}}`).then(
          () => acknowledged.push(id),
          () => refused.push(id),
        );
      }
    });
    await until('they are at work', async () => acknowledged.length > 20);
    await raise();
    await Promise.all(writers);
    expect(await isClosed(name)).toBe(true);
    const behind = await Promise.all(plan.storages.map(({ alias }) => documentsOf(alias)));
    await lowerFence(work, plan);
    const stored = await readIds(named(name), [...acknowledged, ...refused]);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    // a write whose answer was cut off may be there: then it was there behind the fence, too
    expect(behind.reduce((sum, documents) => sum + documents, 0)).toBe(ITEMS + stored.size);
    await serves(ITEMS + stored.size);
  });

  test('is not raised where the storage is not in its folder', async () => {
    const [first, ...others] = plan.storages;
    if (!first) throw new Error('no storage');
    const wrong = await mkdtemp(join(tmpdir(), 'shardlift-wrong-'));
    const misplaced = { ...plan, storages: [{ ...first, folder: wrong }, ...others] };
    await expect(raise(misplaced)).rejects.toThrow('its folder holds another one');
    await serves();
    await rm(wrong, { recursive: true, force: true });
  });

  test('is not raised on another build of the server', async () => {
    await expect(raise({ ...plan, build: '7.0.0' })).rejects.toThrow('plan it again');
    await serves();
  });

  test('comes down after a crash between its first two steps', async () => {
    await closeDatabase(named(name));
    await lowerFence(work, plan);
    await serves();
  });

  test('comes down where the other name was made while the database was open', async () => {
    for (const { alias, folder } of plan.storages)
      await expect(openStorage(named(alias), folder)).rejects.toThrow();
    expect(await closableRecord(named(plan.storages[0]?.alias ?? ''))).toBeDefined();
    await lowerFence(work, plan);
    await serves();
  });

  test("comes down where the other name appears only then, by a command that a crash has left in the cluster's log", async () => {
    await lockFenced(work, plan);
    await closeDatabase(named(name));
    const gate = await Gate.before(ravendb.url);
    const through = RavenConnection.open('local', { urls: [gate.url] });
    try {
      const opening = gate.hold(/^POST \/admin\/databases\/enable/);
      const lowering = lowerFence(workOn(through), plan);
      await opening;
      for (const { alias, folder } of plan.storages) await openStorage(named(alias), folder);
      gate.open();
      await lowering;
    } finally {
      through.close();
      await gate.close();
    }
    expect(await documentsOf(name)).toBe(ITEMS);
    for (const { alias } of plan.storages) expect(await closableRecord(named(alias))).toBeUndefined();
  });

  test('comes down after somebody has opened the database by hand', async () => {
    await raise();
    await openDatabase(named(name)).catch(() => undefined);
    await lowerFence(work, plan);
    await serves();
  });

  test('keeps both names from being deleted', async () => {
    await raise();
    for (const { alias } of plan.storages) {
      await expect(deleteDatabase(named(alias))).rejects.toThrow('lock mode');
      await expect(forgetName(named(alias))).rejects.toThrow('lock mode');
    }
    await expect(deleteDatabase(named(name))).rejects.toThrow('lock mode');
    await lowerFence(work, plan);
    await serves();
  });

  // for more storages the server does the same as for one
  if (kind === 'plain') {
    test('comes down whole after a deletion of the files that waits', async () => {
      await raise();
      for (const { alias } of plan.storages) {
        await lockDatabase(named(alias), 'Unlock');
        await deleteDatabase(named(alias)).catch(() => undefined);
      }
      await lowerFence(work, plan);
      await serves();
      await ravendb.kill();
      ravendb = await restartRavenDb(ravendb);
      // it loads the database anew
      await until('it serves', async () => !(await isClosed(name)));
      expect(await documentsOf(name)).toBe(ITEMS + 1);
    });
  }

  if (kind === 'plain') {
    test('waits for a storage of which the database has not let go yet', async () => {
      const [storage] = plan.storages;
      if (!storage) throw new Error('no storage');
      const holder = named(`${name}-holder`);
      await closeDatabase(named(name));
      await openStorage(holder, storage.folder);
      const raising = raise();
      await until('the other name is there', async () => !!(await closableRecord(named(storage.alias))));
      await expect(documentsOf(storage.alias)).rejects.toThrow('DatabaseLoadFailureException');
      await sleep(1_000);
      await lockDatabase(holder, 'Unlock');
      await forgetName(holder);
      await raising;
      expect(await documentsOf(storage.alias)).toBe(ITEMS);
      await lowerFence(work, plan);
      await serves();
    });
  }

  test('stays up when the server is killed, and comes down then', async () => {
    await raise();
    await ravendb.kill();
    ravendb = await restartRavenDb(ravendb);
    expect(await isClosed(name)).toBe(true);
    await lowerFence(work, plan);
    await serves();
  });

  if (kind === 'plain') {
    test.each(['0-before', 'zz-after'])(
      'comes down where the database was opened by hand, and a restart has met the other name %s',
      async (prefix) => {
        const storages = plan.storages.map((storage) => ({ ...storage, alias: `${prefix}-${name}` }));
        plan = { ...plan, storages };
        await raise();
        await openDatabase(named(name)).catch(() => undefined);
        await ravendb.kill();
        ravendb = await restartRavenDb(ravendb);
        await lowerFence(work, plan);
        await serves();
      },
    );
  }

  test('may be raised again, and lowered twice', async () => {
    for (let n = 0; n < 2; n++) {
      await raise();
      await lowerFence(work, plan);
      await lowerFence(work, plan);
    }
    await serves();
  });

  test('leaves the database locked where it was', async () => {
    await lockDatabase(named(name), 'PreventDeletesIgnore');
    plan = await planned(raven, name);
    await raise();
    await lowerFence(work, plan);
    expect(await closableRecord(named(name))).toMatchObject({ LockMode: 'PreventDeletesIgnore' });
  });
});
