import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../../../src/core/run/report.ts';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { Application } from '../../support/data/application.ts';
import { backupFolder, everyKindChain, grow, smallChain } from '../../support/data/backup-chain.ts';
import { deleteDocument } from '../../support/data/databases.ts';
import { differencesFromFile } from '../../support/oracle/compare.ts';
import { Stack } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

const INCREMENTAL_FILES = 5;
/** An unlicensed server takes no less. */
const SELDOM = 36 * 3600;
const PUTS = ['plain/1', 'plain/2', 'only/here', 'only/with-all'];

describe('backups into a sharded database that holds other and overlapping data', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  /** A sharded database of somebody. */
  async function existing(): Promise<{ database: string; own: Application }> {
    const database = stack.databaseName('existing');
    await createShardedDatabase(new Database(stack.raven, database), { shards: 2, replicationFactor: 1 });
    return { database, own: new Application(stack.raven, database) };
  }

  function importing(path: string, database: string, target: object = {}) {
    return startByCli<ImportResult>(stack, 'importBackup', {
      backup: { path },
      target: { connection: 'local', database, ...target },
    });
  }

  test('a full and five incremental files: others stay, overlapping ones are what the files say', async () => {
    const path = await backupFolder(stack);
    const chain = await everyKindChain(stack, path, { plain: 300, incrementals: INCREMENTAL_FILES });
    const { database, own } = await existing();
    for (const id of PUTS) {
      await own.put(id, `{"other":"${id}","@metadata":{"@collection":"Others"}}`);
      await own.attach(id, 'of the target', `attached to ${id}`);
      await own.increment(id, { 'of the target': 3 });
      await own.append(id, 'OfTheTarget', [{ at: '2026-01-01T00:00:00.000Z', values: [1] }]);
    }
    await own.putCompareExchange('number', '"other"');
    await own.putCompareExchange('only/here', '{"kept":1.50}');
    await own.putIndexes(
      { Name: 'Odd/ByA', Maps: ['from doc in docs.Odd select new { doc.other }'], LockMode: 'LockedError' },
      { Name: 'Only/Here', Maps: ['from doc in docs.Others select new { doc.other }'] },
    );
    await own.refresh(2 * SELDOM);
    const before = await textOf(own);

    const refused = await (await importing(path, database)).failure();
    expect(refused.type).toBe('PlanBlocked');
    expect(refused.message).toMatch(
      /holds 4 documents; 2 of them would be overwritten \("plain\/\d", "plain\/\d"\), up to 1 of its compare exchange keys overwritten \("number"\), 1 of its indexes replaced \("Odd\/ByA"\); allow it with target\.allowExistingData/,
    );
    expect(refused.message).toContain('was not touched');
    expect(await textOf(own)).toEqual(before);

    const run = await importing(path, database, { allowExistingData: true });
    expect((await run.result()).files).toEqual(chain.names);
    const { checks } = await run.handle.query<RunReport>('report');
    expect(checks).toContainEqual(
      expect.objectContaining({
        status: 'warning',
        message: expect.stringMatching(/2 of them would be overwritten/),
      }),
    );
    const found = await differencesFromFile(stack.raven, chain.database, database);
    const left = [
      'only/here: only on the target',
      'only/with-all: only on the target',
      'compare exchange only/here: only on the target',
      'index Only/Here: only on the target',
      expect.stringMatching(/^setting Refresh: .*172800.* is .*259200/),
    ];
    expect(found).toHaveLength(left.length);
    expect(found).toEqual(expect.arrayContaining(left));
    const after = await textOf(own);
    for (const id of ['only/here', 'only/with-all']) expect(after.get(id)).toEqual(before.get(id));
  });

  test('what only incremental files change or delete is said too, and later runs leave alone what others have', async () => {
    const path = await backupFolder(stack);
    const chain = await smallChain(stack, path, 1);
    await deleteDocument(stack.raven, chain.database, 'items/1');
    await chain.add();
    const { database, own } = await existing();
    for (const id of ['items/1', 'items/99']) await own.put(id, '{"@metadata":{"@collection":"Others"}}');
    await own.putIndexes({ Name: 'Own', Maps: ['from o in docs.Others select new { o.n }'] });
    await own.refresh(SELDOM);

    expect((await (await importing(path, database)).failure()).message).toMatch(
      /; 0 of them would be overwritten, up to 2 changed or deleted by incremental files \("items\/1"\); allow it/,
    );
    await (await importing(path, database, { allowExistingData: true })).result();
    const left = [
      'items/99: only on the target',
      'index Own: only on the target',
      expect.stringMatching(/^setting Refresh: null is /),
    ];
    expect(await differencesFromFile(stack.raven, chain.database, database)).toEqual(left);

    const next = await grow(stack, chain, 2);
    expect((await (await importing(path, database)).result()).files).toEqual([next]);
    expect(await differencesFromFile(stack.raven, chain.database, database)).toEqual(left);
  });

  /** Documents and what hangs on them, as the application reads them. */
  async function textOf(own: Application): Promise<Map<string, string[]>> {
    const read = async (id: string) => [
      await own.send('GET', `docs?id=${id}`),
      await own.send('GET', `attachments?id=${id}&name=of%20the%20target`).catch(() => ''),
      await own.send('GET', `counters?docId=${id}`),
      await own.send('GET', `timeseries/stats?docId=${id}`),
    ];
    return new Map(await Promise.all(PUTS.map(async (id) => [id, await read(id)] as const)));
  }
});
