/** A target that lost and changed more than a report lists. */
import pMap from 'p-map';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { deleteDocuments } from '../../../src/ravendb/requests/documents.ts';
import { Application } from '../data/application.ts';
import { createItems } from '../data/databases.ts';
import { historiesOf } from '../histories.ts';
import { finishEqual } from '../oracle/finish-equal.ts';
import { type Migration, Stack, until } from '../servers/stack.ts';

const BATCH = 1_000;

/** How many documents there are, and what becomes of some of them on the target. */
export interface Damage {
  items: number;
  deleted: number;
  changed: number;
}

/** Declares the tests, one for each damage. */
export function repairsOfMany(damages: [string, Damage][]): void {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  async function damage(target: string, { deleted, changed }: Damage): Promise<void> {
    const ids = Array.from({ length: deleted + changed }, (_, n) => `items/${n}`);
    const database = new Database(stack.raven, target);
    const batches = (from: number, to: number) =>
      Array.from({ length: Math.ceil((to - from) / BATCH) }, (_, at) =>
        ids.slice(from + at * BATCH, Math.min(to, from + (at + 1) * BATCH)),
      );
    await pMap(batches(0, deleted), (some) => deleteDocuments(database, some), { concurrency: 2 });
    const application = new Application(stack.raven, target);
    for (const some of batches(deleted, deleted + changed))
      await application.putAll(some.map((id) => [id, '{"other":true,"@metadata":{"@collection":"Items"}}']));
  }

  async function foundAtTheCutover(migration: Migration): Promise<number> {
    await migration.approve();
    await until('the freeze is undone', async () => (await migration.progress()).attention !== null);
    const { verification } = await migration.reaches('awaiting-approval');
    return verification?.mismatches ?? 0;
  }

  test.each(damages)('%s', async (_how, these) => {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, these.items);
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    const { timings } = await migration.report();
    await damage(target, these);
    expect(await foundAtTheCutover(migration)).toBe(these.deleted + these.changed);
    const asked = Date.now();
    await migration.handle.executeUpdate('repair', { args: [{ by: 'ann' }] });
    await until('nothing differs', async () => (await migration.progress()).verification?.mismatches === 0);
    const copied = timings.find(({ phase }) => phase === 'copying')?.seconds ?? 0;
    process.stderr.write(`repair : copy ${((Date.now() - asked) / 1000 / copied).toFixed(2)}\n`);
    await finishEqual(stack, migration, { source, target });
    expect((await stack.report(migration.id)).repairs).toHaveLength(1);
    for (const events of await historiesOf(migration.handle)) expect(events.length).toBeLessThan(5_000);
  });
}
