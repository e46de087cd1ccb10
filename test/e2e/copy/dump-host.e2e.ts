import { afterAll, beforeAll, describe, test } from 'vitest';
import { createHeavy } from '../../support/data/heavy.ts';
import { finishEqual } from '../../support/oracle/finish-equal.ts';
import { Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';

/** So slow that the worker can be killed before much of the dump is imported. */
const LIMIT = 500;

describe('a migration by dump whose host dies before the import and does not come back', () => {
  let stack: Stack;
  let source: string;

  beforeAll(async () => {
    stack = await Stack.open();
    source = stack.databaseName('source');
    await createHeavy(stack.raven, source, 3000);
  });
  afterAll(() => stack.close());

  async function importing(host: string, input: object) {
    stack.taskQueue = stack.databaseName('queue');
    const target = stack.databaseName('target');
    const holder = await stack.startWorker({ SHARDLIFT_HOST: host });
    const migration = await stack.migrate(source, {
      target,
      input: { method: 'dump', maxItemsPerSecond: LIMIT, hostGoneAfter: '3s', ...input },
    });
    await until('the import has begun', async () => {
      const { transferred } = await migration.reaches('copying');
      return transferred?.doing === 'importing the dump';
    });
    return { target, migration, holder };
  }

  async function finish(migration: Awaited<ReturnType<typeof importing>>['migration'], target: string) {
    await migration.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
    await finishEqual(stack, migration, { source, target });
  }

  test('exports again elsewhere by itself', async () => {
    const { target, migration, holder } = await importing('one', {});
    await holder.kill();
    const other: WorkerProcess = await stack.startWorker({ SHARDLIFT_HOST: 'two' });
    await until('it says so', async () =>
      (await migration.report()).notes.some(({ text }) => text.includes('exporting again')),
    );
    await finish(migration, target);
    await other.stop();
  });
});
