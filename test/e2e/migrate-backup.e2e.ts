import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application } from '../support/application.ts';
import { fullBackup, incrementalBackup } from '../support/backups.ts';
import { applyChanges, changes } from '../support/changes.ts';
import { differences } from '../support/compare.ts';
import { createDatabase } from '../support/databases.ts';
import { createEverything } from '../support/everything.ts';
import { Stack } from '../support/stack.ts';
import { startByCli } from '../support/temporal-cli.ts';

describe('a migration that begins with backup files', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker({ SHARDLIFT_HOST: 'one' });
  });
  afterAll(() => stack.close());

  async function folder(): Promise<string> {
    const path = join(stack.directory, stack.databaseName('backups'));
    await mkdir(path, { recursive: true });
    return path;
  }

  test('carries every kind of item, what changed since the backup, and what changes while it waits', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createEverything(stack.raven, source, { plain: 500 });
    const path = await folder();
    const full = await fullBackup(stack.raven, source, path);
    for (const change of changes.filter((_, at) => at % 3 === 0)) await change.apply(stack.raven, source);
    await incrementalBackup(stack.raven, source, full.folder, full.next);
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
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    const application = new Application(stack.raven, source);
    for (const n of [1, 2, 3])
      await application.put(`items/${n}`, `{"n":${n},"@metadata":{"@collection":"Items"}}`);
    const path = await folder();
    await fullBackup(stack.raven, source, path);
    await application.delete('items/2');
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
    const source = stack.databaseName('source');
    const database = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    const application = new Application(stack.raven, source);
    for (const n of [1, 2, 3])
      await application.put(`items/${n}`, `{"n":${n},"@metadata":{"@collection":"Items"}}`);
    const path = await folder();
    await fullBackup(stack.raven, source, path);
    const into = { connection: 'local', database, shards: 3 };
    await (await startByCli(stack, 'importBackup', { backup: { path }, target: into })).result();
    await new Application(stack.raven, database).delete('items/2');
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
    const other = stack.databaseName('other');
    const source = stack.databaseName('source');
    for (const database of [other, source]) {
      await createDatabase(stack.raven, database);
      await new Application(stack.raven, database).put('items/1', '{"@metadata":{"@collection":"Items"}}');
    }
    const path = await folder();
    await fullBackup(stack.raven, other, path);
    const foreign = await stack.migrate(source, { input: { method: 'backup', backup: { path } } });
    const failure = await foreign.failure();
    expect(failure.type).toBe('PlanBlocked');
    expect(failure.message).toContain('Nothing was changed on source or target');
    const unnamed = await stack.migrate(source, { input: { method: 'backup' } });
    expect((await unnamed.failure()).message).toMatch(/backup is missing/);
  });
});
