import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { Application } from '../../support/data/application.ts';
import { applyChanges } from '../../support/data/changes.ts';
import { createDatabase, forgetDeletions, putItems } from '../../support/data/databases.ts';
import { createEverything } from '../../support/data/everything.ts';
import { differences } from '../../support/oracle/compare.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

describe('a copy that is repeated, by the Temporal CLI alone', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  function sync(source: string, target: string, input: object = {}) {
    return startByCli<SyncResult>(stack, 'syncDatabase', {
      source: { connection: 'local', database: source },
      target: { connection: 'local', database: target, shards: 2 },
      ...input,
    });
  }

  test('carries everything once, then what has changed, deletions that were forgotten too', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createEverything(stack.raven, source, { plain: 300 });
    const first = await (await sync(source, target)).result();
    expect(first).toMatchObject({ phase: 'completed', carried: 'everything' });
    expect(await differences(stack.raven, source, target, { without: ['settings'] })).toEqual([]);

    const idle = await (await sync(source, target)).result();
    expect(idle).toMatchObject({ carried: 'changes', documents: first.documents });

    await applyChanges(stack.raven, source);
    await forgetDeletions(stack.raven, source);
    const second = await (await sync(source, target)).result();
    expect(second.carried).toBe('changes');
    expect(second.position.etag).toBeGreaterThan(first.position.etag);
    expect(await differences(stack.raven, source, target, { without: ['settings'] })).toEqual([]);
  });

  test('is refused into the copy of another database, and beside a run that is at work', async () => {
    const [one, two] = [stack.databaseName('one'), stack.databaseName('two')];
    const target = stack.databaseName('target');
    for (const database of [one, two]) {
      await createDatabase(stack.raven, database);
      await putItems(stack.raven, database, 2000);
    }
    const slow = await sync(one, target, { maxItemsPerSecond: 300 });
    await until('it copies', async () => {
      const { phase } = await slow.handle.query<{ phase: string }>('progress');
      return phase === 'copying';
    });
    expect((await (await sync(one, target)).failure()).type).toBe('TargetBusy');
    const migration = await stack.migrate(one, {
      target,
      input: { target: { connection: 'local', database: target, allowExistingData: true } },
    });
    const refused = await migration.failure();
    expect(refused.type).toBe('TargetBusy');
    expect(refused.message).toContain('Nothing was changed');
    await slow.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
    expect((await slow.result()).carried).toBe('everything');
    const other = await (await sync(two, target)).failure();
    expect(other.message).toMatch(/is a copy of/);
    expect(await differences(stack.raven, one, target)).toEqual([]);
  });

  test('leaves documents of others alone, also when they are not allowed any more', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, 10);
    await createShardedDatabase(new Database(stack.raven, target), { shards: 2, replicationFactor: 1 });
    const own = new Application(stack.raven, target);
    await own.put('own/1', '{"@metadata":{"@collection":"Own"}}');
    await own.putIndexes({ Name: 'Own', Maps: ['from o in docs.Own select new { o.n }'] });
    const allowed = { target: { connection: 'local', database: target, allowExistingData: true } };
    expect((await (await sync(source, target)).failure()).message).toMatch(/contains 1 documents/);
    await (await sync(source, target, allowed)).result();
    await putItems(stack.raven, source, 1, 10);
    expect(await (await sync(source, target)).result()).toMatchObject({
      carried: 'changes',
      documents: { source: 11, target: 12 },
    });
    expect(await differences(stack.raven, source, target)).toEqual([
      'own/1: only on the target',
      'index Own: only on the target',
    ]);
  });
});
