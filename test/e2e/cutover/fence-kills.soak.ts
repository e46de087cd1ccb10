/** RavenDB killed at any moment of a fence that goes up or down, again and again, over storages that were just written to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedRavenDb, startRavenDb } from '../../../dev/servers/index.ts';
import type { FencePlan } from '../../../src/core/cutover/fence.ts';
import { lockFenced, lowerFence, raiseFence } from '../../../src/engine/cutover/fence.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { closableRecord } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { putPlain } from '../../support/data/everything-documents.ts';
import { restartRavenDb } from '../../support/servers/restart.ts';
import { planned, workOn } from '../../support/work/fences.ts';

const ROUNDS = 20;
const PER_ROUND = 300;
/** Longer than it takes to raise both fences and to lower them again. */
const LONGEST_MS = 700;

let ravendb: EmbeddedRavenDb;
let raven: RavenConnection;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shardlift-kills-'));
  ravendb = await startRavenDb({ dataDirectory: directory });
  raven = RavenConnection.open('local', { urls: [ravendb.url] });
  await createDatabase(raven, 'plain');
  await createShardedDatabase(new Database(raven, 'sharded'), { shards: 2, replicationFactor: 1 });
});
afterAll(async () => {
  raven.close();
  await ravendb.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Begins something, kills the server at some moment of it, and starts the server again. */
async function killedDuring(begin: (work: Work) => Promise<unknown>): Promise<void> {
  const ending = new AbortController();
  const going = begin(workOn(raven, ending.signal)).catch(() => undefined);
  await sleep(Math.random() * LONGEST_MS);
  ending.abort();
  await ravendb.kill();
  await going;
  ravendb = await restartRavenDb(ravendb);
}

test('nothing is lost, and the fence comes down each time', async () => {
  const work = workOn(raven);
  for (let round = 0; round < ROUNDS; round++) {
    const plans: FencePlan[] = [];
    for (const name of ['plain', 'sharded']) {
      // the journals hold this when the fence goes up
      await putPlain(new Application(raven, name), PER_ROUND, round * PER_ROUND);
      const plan = await planned(raven, name);
      await lockFenced(work, plan);
      plans.push(plan);
    }
    await killedDuring(async (working) => {
      await Promise.all(plans.map((plan) => raiseFence(working, plan)));
      await Promise.all(plans.map((plan) => lowerFence(working, plan)));
    });
    // the journals are being recovered, under whichever name
    await killedDuring(async (working) => {
      const aliases = plans.flatMap(({ storages }) => storages);
      await Promise.allSettled(aliases.map(({ alias }) => databaseCounts(new Database(raven, alias))));
      await Promise.all(plans.map((plan) => raiseFence(working, plan)));
    });
    for (const plan of plans) {
      await lowerFence(work, plan);
      const database = new Database(raven, plan.database);
      expect((await databaseCounts(database)).documents).toBe((round + 1) * PER_ROUND);
      expect(await closableRecord(database)).toMatchObject({ Disabled: false, LockMode: 'Unlock' });
      for (const { alias } of plan.storages)
        expect(await closableRecord(new Database(raven, alias))).toBeUndefined();
    }
    process.stderr.write(`round ${round}: both are whole\n`);
  }
});
