/**
 * Counters that were deleted in several collections. When RavenDB cleans the tombstones of more than one of them at a time, it
 * breaks what it knows of the counters of the others: their documents can neither be deleted nor be counted on (seen on 5.4.207,
 * 6.2.4, 7.0.2 and 7.1.5).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { storagesOf } from '../../../src/ravendb/requests/statistics.ts';
import { cleanTombstones } from '../../../src/ravendb/requests/tombstones.ts';
import { Application } from '../../support/data/application.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { type Migration, Stack, until } from '../../support/servers/stack.ts';

const COLLECTIONS = ['Apples', 'Pears', 'Plums'];
const PER_COLLECTION = 6;
const ids = COLLECTIONS.flatMap((collection) =>
  Array.from({ length: PER_COLLECTION }, (_, n) => ({ id: `${collection}/${n}`, collection })),
);

describe('counters that were deleted in several collections', () => {
  let stack: Stack;
  let source: Application;
  let target: Application;
  let migration: Migration;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
    const names = { source: stack.databaseName('source'), target: stack.databaseName('target') };
    await createDatabase(stack.raven, names.source);
    source = new Application(stack.raven, names.source);
    target = new Application(stack.raven, names.target);
    await source.putAll(
      ids.map(({ id, collection }) => [id, `{"@metadata":{"@collection":"${collection}"}}`]),
    );
    for (const { id } of ids) await source.increment(id, { gone: 1, kept: 2 });
    migration = await stack.migrate(names.source, { target: names.target });
    await migration.reaches('awaiting-approval');
  });
  afterAll(() => stack.close());

  async function equal(): Promise<boolean> {
    return (await differences(stack.raven, source.database, target.database)).length === 0;
  }

  /** What is broken shows when documents are deleted. */
  async function expectUsable(): Promise<void> {
    for (const { database } of await storagesOf(new Database(stack.raven, target.database)))
      await cleanTombstones(new Database(stack.raven, database));
    for (const { id } of ids) await target.delete(id);
  }

  test('are deleted by a round, and the target stays whole', async () => {
    for (const { id } of ids) await source.deleteCounters(id, ['gone']);
    await until('the target is equal', equal, 20_000);
    await expectUsable();
    await migration.handle.executeUpdate('rejectCutover', { args: [{ by: 'ann' }] });
    await migration.handle.result().catch(() => undefined);
  });

  test('are mended by a repair, and the target stays whole', async () => {
    const mend = async () => {
      const comparison = await stack.start(input, undefined, 'verifyDatabases');
      await comparison.reaches('awaiting-repair');
      await comparison.handle.executeUpdate('repair', { args: [{ by: 'ann' }] });
      await comparison.handle.result();
      expect(await equal()).toBe(true);
    };
    const places = [source, target].map(({ database }) => ({ connection: 'local', database }));
    const input = { source: places[0], target: places[1], repair: 'ask' };
    await mend();
    for (const { id } of ids) await target.increment(id, { 'of its own': 1 });
    await mend();
    await expectUsable();
  });
});
