import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackupChain, backupFolder, smallChain } from '../../support/data/backup-chain.ts';
import { applyChanges, changes } from '../../support/data/changes.ts';
import { deleteDocument } from '../../support/data/databases.ts';
import { createEverything } from '../../support/data/everything.ts';
import { differences } from '../../support/oracle/compare.ts';
import { Stack } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

describe('a migration that begins with backup files', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker({ SHARDLIFT_HOST: 'one' });
  });
  afterAll(() => stack.close());

  test('carries every kind of item, what changed since the backup, and what changes while it waits', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createEverything(stack.raven, source, { plain: 500 });
    const path = await backupFolder(stack);
    const chain = await BackupChain.begin(stack.raven, source, path);
    for (const change of changes.filter((_, at) => at % 3 === 0)) await change.apply(stack.raven, source);
    await chain.add();
    for (const change of changes.filter((_, at) => at % 3 === 1)) await change.apply(stack.raven, source);
    const migration = await stack.migrate(source, {
      target,
      input: { method: 'backup', backup: { path, host: 'one' } },
    });
    const { verification } = await migration.reaches('awaiting-approval');
    expect(verification).toMatchObject({ differences: [], mismatches: 0 });
    await applyChanges(stack.raven, source);
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });

  test('finds deletions that the source has forgotten since the backup', async () => {
    const target = stack.databaseName('target');
    const path = await backupFolder(stack);
    const { database: source } = await smallChain(stack, path, 2);
    await deleteDocument(stack.raven, source, 'items/2');
    await stack.raven.http.json({
      doing: 'Cleaning the tombstones',
      database: source,
      method: 'POST',
      path: `/databases/${source}/admin/tombstones/cleanup`,
    });
    const migration = await stack.migrate(source, { target, input: { method: 'backup', backup: { path } } });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });

  test('brings its files also into a target that has had them by an import', async () => {
    const database = stack.databaseName('target');
    const path = await backupFolder(stack);
    const { database: source } = await smallChain(stack, path, 2);
    const into = { connection: 'local', database, shards: 2 };
    await (await startByCli(stack, 'importBackup', { backup: { path }, target: into })).result();
    await deleteDocument(stack.raven, database, 'items/2');
    const migration = await stack.migrate(source, {
      target: database,
      input: { method: 'backup', backup: { path }, target: { ...into, allowExistingData: true } },
    });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, database)).toEqual([]);
  });

  test('is refused before anything is changed when the files are of another database, or not named', async () => {
    const path = await backupFolder(stack);
    await smallChain(stack, path, 0);
    const { database: source } = await smallChain(stack, await backupFolder(stack), 0);
    const foreign = await stack.migrate(source, { input: { method: 'backup', backup: { path } } });
    const failure = await foreign.failure();
    expect(failure.type).toBe('PlanBlocked');
    expect(failure.message).toContain('Nothing was changed on source or target');
    const unnamed = await stack.migrate(source, { input: { method: 'backup' } });
    expect((await unnamed.failure()).message).toMatch(/backup is missing/);
  });
});
