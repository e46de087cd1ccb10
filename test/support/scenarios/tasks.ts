/** The tasks of docs/tasks.md, done one after another in one of its two ways. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../data/application.ts';
import { backupFolder, smallChain } from '../data/backup-chain.ts';
import { createItems, deleteDocument, putDocument } from '../data/databases.ts';
import { putUncarriedItems } from '../data/refused-items.ts';
import { Reader, titleOf, type Way } from '../docs/reader.ts';
import { differences } from '../oracle/compare.ts';
import { openAlone } from '../servers/alone.ts';
import { type Migration, type Stack, until } from '../servers/stack.ts';

/** Declares the tests. */
export function tasksBy(way: Way): void {
  let stack: Stack;
  let close: () => Promise<void>;
  let reader: Reader;

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    reader = await Reader.at(stack, way);
    await reader.startsWorker();
  });
  afterAll(async () => {
    await reader?.close();
    await close?.();
  });

  /** Other databases, of which the source holds items. */
  async function others(items = 300): Promise<void> {
    reader.turnToOthers();
    await createItems(stack.raven, reader.databases.Shop, items);
  }

  async function expectEqual(): Promise<void> {
    const { Shop, ShopSharded } = reader.databases;
    expect(await differences(stack.raven, Shop, ShopSharded, { without: ['settings'] })).toEqual([]);
  }

  /** Has the freeze undone by a document that is another one on the target. */
  async function damaged(migration: Migration): Promise<string> {
    const another = '{"number":-1,"@metadata":{"@collection":"Items"}}';
    await putDocument(stack.raven, reader.databases.ShopSharded, 'items/7', another);
    await migration.approve();
    await until('it is found', async () => ((await migration.progress()).verification?.mismatches ?? 0) > 0);
    const { verification } = await migration.reaches('awaiting-approval');
    return verification?.digest ?? '';
  }

  async function mended(migration: Migration): Promise<void> {
    await until('it is mended', async () => (await migration.progress()).verification?.mismatches === 0);
  }

  async function copied(migration: Migration, least: number): Promise<void> {
    await until(`${least} items are copied`, async () => {
      const { transferred } = await migration.reaches('copying');
      return (transferred?.items ?? 0) >= least;
    });
  }

  test(titleOf(4), async () => {
    await others(4_000);
    const { Shop, ShopSharded } = reader.databases;
    const input = {
      source: { connection: 'prod', database: Shop },
      target: { connection: 'prod', database: ShopSharded, shards: 3 },
      maxItemsPerSecond: 400,
    };
    await stack.start(input, reader.migration().id);
    await copied(reader.migration(), 1);
    expect(await reader.does(4)).toContain(reader.migration().id);
  });

  test(titleOf(6), async () => {
    const migration = reader.migration();
    await reader.does(6, /pause/);
    expect(await migration.progress()).toMatchObject({ paused: true });
    await reader.does(6, /resume/);
    expect(await migration.progress()).toMatchObject({ paused: false });
  });

  test(titleOf(18), async () => {
    const migration = reader.migration();
    const { transferred } = await migration.reaches('copying');
    await reader.losesWorker();
    await reader.startsWorker();
    await reader.does(18);
    await copied(migration, (transferred?.items ?? 0) + 1);
  });

  test(titleOf(5), async () => {
    const migration = reader.migration();
    await reader.does(5);
    await migration.reaches('awaiting-approval');
    const notes = (await migration.report()).notes.map(({ text }) => text);
    expect(notes).toContain('Limited to 500 items/s by ann');
    expect(notes).toContain('Limit removed by ann');
  });

  test(`${titleOf(7)}, and is accepted`, async () => {
    const migration = reader.migration();
    reader.digest = await damaged(migration);
    await reader.does(7, /<digest>/);
    await migration.reaches('observing');
    await migration.handle.executeUpdate('complete', { args: [{ by: 'ann' }] });
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 1 });
    for (const code of await reader.seesEnds()) expect(code).toBe(0);
  });

  test(titleOf(3), async () => {
    await others();
    expect(await reader.does(3)).toMatch(/"?possible"?:\s*true/);
  });

  test(titleOf(2), async () => {
    await reader.does(2);
    await until('it has begun', () =>
      reader
        .migration()
        .handle.describe()
        .then(Boolean, () => false),
    );
    await reader.migration().reaches('awaiting-approval');
  });

  test(`${titleOf(7)}, and is mended`, async () => {
    const migration = reader.migration();
    await damaged(migration);
    await reader.does(7, /dry-?run/i);
    await until('it is known', async () => (await migration.progress()).dryRun !== undefined);
    expect((await migration.progress()).dryRun?.found).toMatchObject({ changed: 1, missing: 0 });
    await reader.does(7, /repair (?!.*dry-?run)/i);
    await mended(migration);
    await expectEqual();
  });

  test(titleOf(11), async () => {
    const migration = reader.migration();
    await reader.does(11);
    await until('it is rehearsed', async () => (await migration.progress()).rehearsals !== undefined);
    expect((await migration.progress()).rehearsals?.at(-1)).toMatchObject({ by: 'ann', failure: null });
    await migration.reaches('awaiting-approval');
  });

  test(titleOf(9), async () => {
    await reader.does(9);
    await reader.migration().reaches('observing');
  });

  test(titleOf(13), async () => {
    const { Shop, ShopSharded } = reader.databases;
    await deleteDocument(stack.raven, ShopSharded, 'items/1');
    await reader.does(13);
    expect((await reader.migration().failure()).type).toBe('CutoverRolledBack');
    const { documents } = await databaseCounts(new Database(stack.raven, Shop));
    expect(documents).toBe(299);
    for (const code of await reader.seesEnds()) expect(code).toBe(3);
  });

  test(titleOf(8), async () => {
    await others();
    await putUncarriedItems(new Application(stack.raven, reader.databases.Shop));
    await reader.does(10, /input-file/);
    const migration = reader.migration();
    await until('it has begun', () => migration.handle.describe().then(Boolean, () => false));
    await until('it is refused', async () => ((await migration.progress()).refused?.length ?? 0) > 0);
    await migration.reaches('awaiting-approval');
    await reader.does(8);
    await mended(migration);
  });

  test(titleOf(10), async () => {
    const migration = reader.migration();
    await reader.does(10, /ann/);
    const { approvals } = await migration.progress();
    expect(approvals?.map(({ by }) => by)).toEqual(['ann']);
    await reader.does(10, /bob/);
    await migration.reaches('observing');
  });

  test(titleOf(14), async () => {
    await reader.does(14);
    expect(await reader.migration().handle.result()).toMatchObject({ phase: 'completed' });
    for (const code of await reader.seesEnds()) expect(code).toBe(0);
  });

  test(titleOf(20), async () => {
    const printed = await reader.does(20);
    expect(printed).toMatch(way === 'shardlift' ? 'Whole and unchanged.' : /^[0-9a-f]{64} /m);
  });

  test(titleOf(12), async () => {
    await others();
    await reader.does(2, /migrate/);
    const migration = reader.migration();
    await until('it has begun', () => migration.handle.describe().then(Boolean, () => false));
    await migration.reaches('awaiting-approval');
    await reader.does(12);
    expect((await migration.failure()).type).toBe('Aborted');
    const indexes = new Application(stack.raven, reader.databases.Shop).send('GET', 'indexes?namesOnly=true');
    expect(await indexes).not.toContain('Shardlift/');
    for (const code of await reader.seesEnds()) expect(code).toBe(3);
  });

  test(titleOf(15), async () => {
    await others();
    await reader.does(15, /^shardlift export|export-shop/);
    const dumps = join(stack.directory, 'dumps', 'exports', reader.databases.Shop);
    [reader.exportedAt = ''] = await readdir(dumps);
    await reader.does(15, /^shardlift import|import-shop/);
    await expectEqual();
  });

  test(titleOf(19), async () => {
    // of the databases of the task before
    await reader.does(19, /^(?!.*(repair|abort))/);
    await deleteDocument(stack.raven, reader.databases.ShopSharded, 'items/7');
    for (const end of [/abort/, /seen with bob/]) {
      await reader.does(19, /(verify|start) .*repair/);
      const comparison = reader.run('verify-shop');
      await comparison.reaches('awaiting-repair');
      await reader.does(19, /dry-?run/i);
      await reader.does(19, end);
      await comparison.handle.result().catch(() => undefined);
    }
    await expectEqual();
    await reader.seesEnds();
  });

  test(titleOf(16), async () => {
    reader.turnToOthers();
    reader.backups = await backupFolder(stack);
    const chain = await smallChain(stack, reader.backups, 0);
    await reader.does(16);
    const { ShopSharded } = reader.databases;
    expect(await new Application(stack.raven, ShopSharded).send('GET', 'docs?id=items/0')).toContain(
      'items/0',
    );
    expect(chain.names).toHaveLength(1);
  });

  test(titleOf(17), async () => {
    await others();
    await reader.does(17, /^(?!.*(cutOver|cut-over))/);
    const { workflow } = stack.client;
    await until('no run of the schedule is at work', async () => {
      const running = workflow.list({
        query: `TaskQueue = '${stack.taskQueue}' AND WorkflowType = 'syncDatabase' AND ExecutionStatus = 'Running'`,
      });
      for await (const _ of running) return false;
      return true;
    });
    const printed = await reader.does(17, /cutOver|cut-over/);
    if (way === 'shardlift') expect(printed).toMatch(/Completed: rehearse-/);
    const handingOver = reader.run(way === 'shardlift' ? 'cut-over-Shop-to-ShopCopy' : 'cut-over-shop');
    await until('it has begun', () => handingOver.handle.describe().then(Boolean, () => false));
    await handingOver.reaches('awaiting-approval');
    await handingOver.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    expect((await handingOver.failure()).type).toBe('Aborted');
    for (const code of await reader.seesEnds()) expect(code).toBe(3);
  });

  test('that is all that the page says', () => {
    expect(reader.left()).toEqual([]);
  });
}
