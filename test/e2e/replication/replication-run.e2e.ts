/** Takes long: migrations by replication from their beginning to every end, while RavenDB's own task takes its time. */
/* With a stand-in for a server whose license allows it. The same tests run with a license in `replication.e2e.ts`. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase, deleteDatabase } from '../../../src/ravendb/requests/databases.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase, createItems, deleteDocument, putItems } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { exportAll, importAll } from '../../support/oracle/plain-copy.ts';
import { Licensed } from '../../support/servers/licensed.ts';
import { replicate, replicationTests } from '../../support/servers/replication-tests.ts';
import { type Migration, Stack, until } from '../../support/servers/stack.ts';

const REFUSED = `System.AggregateException: One or more errors occurred. (Connection refused)
 ---> System.Net.Sockets.SocketException (111): Connection refused 10.1.2.3:38888
   at System.Net.Sockets.Socket.Connect(EndPoint remote)`;

describe('a migration by replication', () => {
  let stack: Stack;
  let licensed: Licensed;

  beforeAll(async () => {
    stack = await Stack.open();
    licensed = await Licensed.before(stack.addresses.ravendbUrl);
    stack.ravendbUrlForWorker = licensed.url;
    await stack.startWorker();
  });
  afterAll(async () => {
    await licensed.close();
    await stack.close();
  });
  afterEach(() => {
    licensed.setUnreachable();
    licensed.setStuck(false);
    licensed.refuse();
    licensed.deeds.length = 0;
  });

  replicationTests(() => stack);

  async function start(): Promise<{ migration: Migration; source: string; target: string }> {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source);
    return { migration: await replicate(stack, source, target), source, target };
  }

  async function finish(migration: Migration): Promise<void> {
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  }

  test('makes one task, and takes it away', async () => {
    const { migration, source, target } = await start();
    await finish(migration);
    expect(licensed.deeds).toEqual(['create', 'delete']);
    expect(await differences(stack.raven, source, target)).toEqual([]);
    const { checks } = await stack.report(migration.id);
    expect(
      checks.filter(({ name }) => ['license for replication', 'way to the target'].includes(name)),
    ).toEqual([expect.objectContaining({ status: 'ok' }), expect.objectContaining({ status: 'ok' })]);
  });

  test('waits for a target that RavenDB cannot reach, says why, and goes on', async () => {
    licensed.setUnreachable(REFUSED);
    const { migration } = await start();
    await until('the trouble is told', async () => (await migration.progress()).replication?.error != null);
    const { phase, replication, lag } = await migration.progress();
    expect(phase).toBe('copying');
    expect(replication).toMatchObject({
      state: 'cannot reach the target, retrying',
      left: null,
      error: 'Connection refused <address>',
    });
    expect(lag?.etags).toBeGreaterThan(1000);
    expect(await migration.page()).toContain(
      '- Replication: cannot reach the target, retrying, behind since ',
    );
    licensed.setUnreachable();
    await migration.reaches('awaiting-approval');
    expect((await migration.progress()).replication).toMatchObject({
      state: 'connected',
      left: 0,
      error: null,
    });

    licensed.setUnreachable(REFUSED);
    await deleteDocument(stack.raven, (await migration.progress()).source?.database ?? '', 'items/7');
    await until('it is told again', async () => (await migration.progress()).replication?.error != null);
    licensed.setUnreachable();
    await finish(migration);
  });

  test('tells what is left, and when the target was reached last', async () => {
    licensed.setStuck(true);
    const { migration } = await start();
    await until(
      'something is on its way',
      async () => (await migration.progress()).replication?.left != null,
    );
    const { replication, transferred } = await migration.progress();
    expect(replication).toMatchObject({ state: 'sending', lastContact: null, error: null });
    expect(replication?.left).toBeGreaterThan(1000);
    expect(Date.parse(replication?.behindSince ?? '')).toBeLessThanOrEqual(Date.now());
    expect(transferred).toMatchObject({ doing: 'replicating', items: 0, totalItems: replication?.left });
    licensed.setUnreachable(REFUSED);
    await until('contact is lost', async () => (await migration.progress()).replication?.lastContact != null);
    licensed.setUnreachable();
    licensed.setStuck(false);
    await finish(migration);
  });

  test('makes a task anew that somebody has deleted, and enables one that somebody has disabled', async () => {
    const { migration, source, target } = await start();
    await migration.reaches('awaiting-approval');
    licensed.deleteTasks(source);
    await new Application(stack.raven, source).put('late/1', '{"late":1.50}');
    await until('there is one again', async () => licensed.tasksOf(source).length === 1);
    const [task] = licensed.tasksOf(source);
    if (task) task.disabled = true;
    await new Application(stack.raven, source).put('late/2', '{"late":1.50}');
    await until('it is enabled', async () => licensed.tasksOf(source)[0]?.disabled === false);
    await finish(migration);
    expect(licensed.deeds).toEqual(['create', 'create', 'enable', 'delete']);
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });

  test('a source that is another storage now: RavenDB sends all again, and nothing is deleted by us', async () => {
    const { migration, source, target } = await start();
    await migration.reaches('awaiting-approval');
    await migration.handle.executeUpdate('pause', { args: [{ by: 'ann' }] });
    await until('the task rests', async () => licensed.tasksOf(source)[0]?.disabled === true);
    const dumps = await exportAll(stack.raven, source);
    await deleteDatabase(new Database(stack.raven, source));
    licensed.deleteTasks(source);
    await createDatabase(stack.raven, source);
    await importAll(stack.raven, source, dumps);
    await new Application(stack.raven, source).put('late/1', '{"late":1.50}');
    await migration.handle.executeUpdate('resume', { args: [{ by: 'ann' }] });
    await until('it is noted', async () =>
      (await migration.report()).notes.some(({ text }) =>
        text.includes('Shardlift deleted nothing on the target'),
      ),
    );
    await finish(migration);
    expect(licensed.deeds).toEqual(['create', 'disable', 'create', 'delete']);
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });

  test('a target that holds something is refused whatever is allowed', async () => {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source);
    await createShardedDatabase(new Database(stack.raven, target), { shards: 3, replicationFactor: 1 });
    await putItems(stack.raven, target, 10);
    const migration = await stack.migrate(source, {
      target,
      input: {
        method: 'replication',
        target: { connection: 'local', database: target, allowExistingData: true },
      },
    });
    const { type, message } = await migration.failure();
    expect(type).toBe('PlanBlocked');
    expect(message).toContain('is not empty (10 documents, 0 revisions, 0 tombstones)');
    expect(message).toContain('method "stream"');
    expect(licensed.deeds).toEqual([]);
  });
});
