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
/** Of another name that the server meets before that of the database, or after it. */
const PREFIXES = ['0-before', 'zz-after'] as const;

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

const KINDS = ['plain', 'sharded'] as const;

/** A database of its own with items, and the plan of a fence around it. */
class Fenced {
  readonly name: string;
  plan: FencePlan;

  private constructor(name: string, plan: FencePlan) {
    this.name = name;
    this.plan = plan;
  }

  static async create(kind: (typeof KINDS)[number]): Promise<Fenced> {
    const name = `${kind}-${++number}`;
    if (kind === 'plain') await createDatabase(raven, name);
    else await createShardedDatabase(named(name), { shards: 2, replicationFactor: 1 });
    await putItems(raven, name, ITEMS);
    return new Fenced(name, await planned(raven, name));
  }

  async raise(it = this.plan): Promise<void> {
    await lockFenced(work, it);
    await raiseFence(work, it);
  }

  lower(): Promise<void> {
    return lowerFence(work, this.plan);
  }

  /** All that must hold once a fence is down, whatever was done to it. */
  async serves(documents = ITEMS): Promise<void> {
    const { name, plan } = this;
    expect(await documentsOf(name)).toBe(documents);
    await new Application(raven, name).put('after/1', '{"a":1}');
    expect(await documentsOf(name)).toBe(documents + 1);
    expect(await closableRecord(named(name))).toMatchObject({ LockMode: 'Unlock', Disabled: false });
    for (const { alias } of plan.storages) expect(await closableRecord(named(alias))).toBeUndefined();
  }
}

describe.each(KINDS)('a fence around a %s database', (kind) => {
  let fenced: Fenced;
  let name: string;
  let plan: FencePlan;

  beforeEach(async () => {
    fenced = await Fenced.create(kind);
    ({ name, plan } = fenced);
  });

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
    await fenced.raise();
    await Promise.all(writers);
    expect(await isClosed(name)).toBe(true);
    const behind = await Promise.all(plan.storages.map(({ alias }) => documentsOf(alias)));
    await fenced.lower();
    const stored = await readIds(named(name), [...acknowledged, ...refused]);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    // a write whose answer was cut off may be there: then it was there behind the fence, too
    expect(behind.reduce((sum, documents) => sum + documents, 0)).toBe(ITEMS + stored.size);
    await fenced.serves(ITEMS + stored.size);
  });

  test('is not raised where the storage is not in its folder', async () => {
    const [first, ...others] = plan.storages;
    if (!first) throw new Error('no storage');
    const wrong = await mkdtemp(join(tmpdir(), 'shardlift-wrong-'));
    const misplaced = { ...plan, storages: [{ ...first, folder: wrong }, ...others] };
    await expect(fenced.raise(misplaced)).rejects.toThrow('its folder holds another one');
    await fenced.serves();
    await rm(wrong, { recursive: true, force: true });
  });

  test('is not raised on another build of the server', async () => {
    await expect(fenced.raise({ ...plan, build: '7.0.0' })).rejects.toThrow('plan it again');
    await fenced.serves();
  });

  test('comes down after a crash between its first two steps', async () => {
    await closeDatabase(named(name));
    await fenced.lower();
    await fenced.serves();
  });

  test('comes down where the other name was made while the database was open', async () => {
    for (const { alias, folder } of plan.storages)
      await expect(openStorage(named(alias), folder)).rejects.toThrow();
    expect(await closableRecord(named(plan.storages[0]?.alias ?? ''))).toBeDefined();
    await fenced.lower();
    await fenced.serves();
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
    await fenced.raise();
    await openDatabase(named(name)).catch(() => undefined);
    await fenced.lower();
    await fenced.serves();
  });

  test('keeps both names from being deleted', async () => {
    await fenced.raise();
    for (const { alias } of plan.storages) {
      await expect(deleteDatabase(named(alias))).rejects.toThrow('lock mode');
      await expect(forgetName(named(alias))).rejects.toThrow('lock mode');
    }
    await expect(deleteDatabase(named(name))).rejects.toThrow('lock mode');
    await fenced.lower();
    await fenced.serves();
  });

  // for more storages the server does the same as for one
  if (kind === 'plain') {
    test('waits for a storage of which the database has not let go yet', async () => {
      const [storage] = plan.storages;
      if (!storage) throw new Error('no storage');
      const holder = named(`${name}-holder`);
      await closeDatabase(named(name));
      await openStorage(holder, storage.folder);
      const raising = fenced.raise();
      await until('the other name is there', async () => !!(await closableRecord(named(storage.alias))));
      await expect(documentsOf(storage.alias)).rejects.toThrow('DatabaseLoadFailureException');
      await sleep(1_000);
      await lockDatabase(holder, 'Unlock');
      await forgetName(holder);
      await raising;
      expect(await documentsOf(storage.alias)).toBe(ITEMS);
      await fenced.lower();
      await fenced.serves();
    });
  }

  test('may be raised again, and lowered twice', async () => {
    for (let n = 0; n < 2; n++) {
      await fenced.raise();
      await fenced.lower();
      await fenced.lower();
    }
    await fenced.serves();
  });

  test('leaves the database locked where it was', async () => {
    await lockDatabase(named(name), 'PreventDeletesIgnore');
    fenced.plan = await planned(raven, name);
    await fenced.raise();
    await fenced.lower();
    expect(await closableRecord(named(name))).toMatchObject({ LockMode: 'PreventDeletesIgnore' });
  });
});

// a start of the server is dear: one kill for all that have to come through it
describe('a fence, when the server is killed,', () => {
  const raised: Partial<Record<(typeof KINDS)[number], Fenced>> = {};
  const opened: Partial<Record<(typeof PREFIXES)[number], Fenced>> = {};
  let lowered: Fenced;

  beforeAll(async () => {
    for (const kind of KINDS) {
      const fenced = await Fenced.create(kind);
      await fenced.raise();
      raised[kind] = fenced;
    }
    for (const prefix of PREFIXES) {
      const fenced = await Fenced.create('plain');
      const storages = fenced.plan.storages.map((each) => ({ ...each, alias: `${prefix}-${fenced.name}` }));
      fenced.plan = { ...fenced.plan, storages };
      await fenced.raise();
      await openDatabase(named(fenced.name)).catch(() => undefined);
      opened[prefix] = fenced;
    }
    lowered = await Fenced.create('plain');
    await lowered.raise();
    for (const { alias } of lowered.plan.storages) {
      await lockDatabase(named(alias), 'Unlock');
      await deleteDatabase(named(alias)).catch(() => undefined);
    }
    await lowered.lower();
    await lowered.serves();
    await ravendb.kill();
    ravendb = await restartRavenDb(ravendb);
  });

  test.each(KINDS)('stays up around a %s database, and comes down then', async (kind) => {
    const fenced = raised[kind] as Fenced;
    expect(await isClosed(fenced.name)).toBe(true);
    await fenced.lower();
    await fenced.serves();
  });

  test.each(PREFIXES)(
    'comes down where the database was opened by hand, and the start has met the other name %s',
    async (prefix) => {
      const fenced = opened[prefix] as Fenced;
      await fenced.lower();
      await fenced.serves();
    },
  );

  test('has come down whole after a deletion of the files that waited', async () => {
    // the server loads the database anew
    await until('it serves', async () => !(await isClosed(lowered.name)));
    expect(await documentsOf(lowered.name)).toBe(ITEMS + 1);
  });
});
