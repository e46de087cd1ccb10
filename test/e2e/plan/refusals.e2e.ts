import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase, databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import { createDatabase, createItems, putItems } from '../../support/data/databases.ts';
import { Stack } from '../../support/servers/stack.ts';

describe('what cannot be migrated is refused in one sentence', () => {
  let stack: Stack;
  let source: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
    source = stack.databaseName('source');
    await createItems(stack.raven, source);
  });
  afterAll(() => stack.close());

  const side = (database: string, connection = 'local') => ({ connection, database });

  test.each([
    ['nothing at all', undefined, 'the input is missing'],
    ['a number', 7, 'the input must be of type object'],
    ['no source', { target: { ...side('b'), shards: 3 } }, 'source is missing'],
    [
      'a wrong type',
      { source: side('a'), target: { ...side('b'), shards: '3' } },
      'target.shards must be of type',
    ],
    [
      'an unknown method',
      { source: side('a'), target: side('b'), method: 'teleport' },
      'method must be one of',
    ],
    ['a misspelt field', { source: side('a'), target: side('b'), metod: 'dump' }, 'metod is not a field'],
  ])('%s as input', async (_what, input, sentence) => {
    const migration = await stack.start(input);
    const { type, message } = await migration.failure();
    expect(type).toBe('InvalidInput');
    expect(message).toContain(sentence);
  });

  test('an unknown connection names those that are known', async () => {
    const migration = await stack.start({ source: side('a', 'prod'), target: { ...side('b'), shards: 3 } });
    const { type, message } = await migration.failure();
    expect(type).toBe('UnknownConnection');
    expect(message).toContain('"prod"');
    expect(message).toContain('"local"');
    expect(message).toContain('Nothing was changed');
  });

  test('an unknown source database', async () => {
    const migration = await stack.migrate('there-is-none');
    expect(await migration.failure()).toMatchObject({
      type: 'PlanBlocked',
      message: expect.stringContaining(
        'source.database "there-is-none" on connection "local" does not exist',
      ),
    });
  });

  test('a source that is sharded already', async () => {
    const sharded = stack.databaseName('sharded');
    await createShardedDatabase(new Database(stack.raven, sharded), { shards: 2, replicationFactor: 1 });
    const migration = await stack.migrate(sharded);
    expect((await migration.failure()).message).toContain('is sharded already');
  });

  test('a target that is not sharded', async () => {
    const target = stack.databaseName('plain');
    await createDatabase(stack.raven, target);
    const migration = await stack.migrate(source, { target });
    expect((await migration.failure()).message).toContain('exists and is not sharded');
  });

  test('a target that holds documents, which stay as they are', async () => {
    const target = stack.databaseName('filled');
    await createShardedDatabase(new Database(stack.raven, target), { shards: 2, replicationFactor: 1 });
    await putItems(stack.raven, target, 10, 5_000);
    const migration = await stack.migrate(source, { target });
    const { type, message } = await migration.failure();
    expect(type).toBe('PlanBlocked');
    expect(message).toContain('contains 10 documents');
    expect(message).toContain('target.allowExistingData');

    const allowed = await stack.migrate(source, {
      target,
      input: { target: { connection: 'local', database: target, allowExistingData: true } },
    });
    await allowed.reaches('awaiting-approval');
    await allowed.approve();
    expect(await allowed.handle.result()).toMatchObject({
      mismatches: 0,
      documents: { source: 1200, target: 1210 },
    });
  });

  test('a new target without a number of shards', async () => {
    const target = stack.databaseName('target');
    const input = { target: { connection: 'local', database: target } };
    const migration = await stack.migrate(source, { target, input });
    expect((await migration.failure()).message).toContain('set target.shards to its number of shards');
  });

  test('more copies of a shard than license and cluster allow, before anything is created', async () => {
    const target = stack.databaseName('target');
    const input = { target: { connection: 'local', database: target, shards: 3, replicationFactor: 2 } };
    const migration = await stack.migrate(source, { target, input });
    expect((await migration.failure()).message).toContain('target.replicationFactor is 2');
    expect(await databaseRecord(new Database(stack.raven, target))).toBeUndefined();
  });
});
