/** Takes long: RavenDB is killed and started twice, and is slow after each. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type EmbeddedRavenDb,
  type EmbeddedTemporal,
  startRavenDb,
  startTemporal,
} from '../../dev/servers/index.ts';
import { Database } from '../../src/ravendb/connection/database.ts';
import { databaseCounts } from '../../src/ravendb/requests/statistics.ts';
import { createItems } from '../support/data/databases.ts';
import { differences } from '../support/oracle/compare.ts';
import { Gate } from '../support/servers/gate.ts';
import { restartRavenDb, restartTemporal } from '../support/servers/restart.ts';
import { type Migration, Stack, until } from '../support/servers/stack.ts';
import { tuning as workflowTuning } from '../support/servers/workflow-tuning.ts';

const ITEMS = 3_000;

/** Servers of its own: they are killed here. */
describe('a migration goes on and loses nothing', () => {
  let temporal: EmbeddedTemporal;
  let ravendb: EmbeddedRavenDb;
  let stack: Stack;
  let gate: Gate;
  let source: string;
  let target: string;
  let temporalFile: string;

  beforeAll(async () => {
    // only a directory for the servers' files is wanted from this one
    const place = await Stack.open();
    temporalFile = join(place.directory, 'temporal.db');
    [temporal, ravendb] = await Promise.all([
      startTemporal({ dbFile: temporalFile }),
      startRavenDb({ dataDirectory: join(place.directory, 'ravendb') }),
    ]);
    stack = await Stack.open({ temporalAddress: temporal.address, ravendbUrl: ravendb.url });
    gate = await Gate.before(ravendb.url);
    stack.ravendbUrlForWorker = gate.url;
    source = stack.databaseName('source');
    await createItems(stack.raven, source, ITEMS);
    return async () => {
      await gate.close();
      await stack.close();
      await Promise.all([temporal.stop(), ravendb.stop()]);
      await place.close();
    };
  });
  afterEach(() => gate.open());

  /**
   * Lets a started migration end, and compares both sides by the tests' own means.
   * @param whileFrozen happens in the cutover, which may undo the freeze: then it is approved once more
   */
  async function finish(migration: Migration, whileFrozen?: () => Promise<void>): Promise<void> {
    await migration.reaches('awaiting-approval');
    await migration.approve();
    if (whileFrozen) {
      const phase = async () => (await migration.progress().catch(() => undefined))?.phase;
      await until('the source is frozen', async () => (await phase()) === 'freezing');
      await whileFrozen();
      await until('the cutover is over', async () => {
        const now = await phase();
        if (now === 'awaiting-approval') await migration.approveAgain();
        return now === 'completed';
      });
    }
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
  }

  /** Starts a migration and comes back in the middle of its copy. */
  async function startAndCopy(): Promise<Migration> {
    target = stack.databaseName('target');
    const exporting = gate.hold(/indexes\/disable/);
    const migration = await stack.migrate(source, { target });
    await exporting;
    const importing = gate.holdNext(/smuggler\/import/);
    await importing;
    gate.open();
    await migration.reaches('copying');
    return migration;
  }

  test('when RavenDB is killed in the copy, and while the source is frozen', async () => {
    const worker = await stack.startWorker();
    const killAndRestart = async () => {
      await ravendb.kill();
      ravendb = await restartRavenDb(ravendb);
    };
    target = stack.databaseName('target');
    const importing = gate.hold(/smuggler\/import/);
    const migration = await stack.migrate(source, { target });
    await importing;
    gate.open();
    await killAndRestart();
    await finish(migration, killAndRestart);
    await worker.stop();
  });

  test('when the worker is stopped during the copy, which hands back within seconds, and killed while the source is frozen', async () => {
    let worker = await stack.startWorker();
    const migration = await startAndCopy();
    const startedAt = Date.now();
    expect(await worker.stop()).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    worker = await stack.startWorker();
    await finish(migration, async () => {
      await worker.kill();
      worker = await stack.startWorker();
    });
    await worker.stop();
  });

  test('when Temporal is away in mid-copy for longer than it would leave the work to this worker', async () => {
    const worker = await stack.startWorker();
    target = stack.databaseName('target');
    const migration = await stack.migrate(source, { target, input: { maxItemsPerSecond: 150 } });
    await migration.reaches('copying');
    const documents = async () => (await databaseCounts(new Database(stack.raven, target))).documents;
    await until('the worker writes', async () => (await documents()) > 0);
    await temporal.kill();
    const killedAt = Date.now();
    const { heartbeatTimeoutMs } = workflowTuning;
    await sleep(killedAt + heartbeatTimeoutMs - 500 - Date.now());
    // from then on another worker may have been given the work
    const written = await documents();
    await sleep(2_500);
    expect(await documents()).toBe(written);
    expect(written).toBeLessThan(ITEMS);
    temporal = await restartTemporal(temporal, temporalFile);
    await migration.handle.signal('throttle', { maxItemsPerSecond: null });
    await finish(migration);
    await worker.stop();
  });
});
