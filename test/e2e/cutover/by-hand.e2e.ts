/** Old databases that somebody opens by hand although their cutover keeps them closed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readFenceNote } from '../../../src/engine/cutover/fence-note.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { closableRecord, closeDatabase, openDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { createItems } from '../../support/data/databases.ts';
import { openAlone } from '../../support/servers/alone.ts';
import { type Migration, type Stack, until } from '../../support/servers/stack.ts';
import { Switchboard, TOLD } from '../../support/servers/switchboard.ts';

describe('a source that is opened by hand', () => {
  let stack: Stack;
  let close: () => Promise<void>;
  let board: Switchboard;
  let source: Database;
  let target: Database;
  let migration: Migration;

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    board = await Switchboard.open();
    await board.startWorker(stack);
  });
  afterAll(async () => {
    await board?.close();
    await close();
  });

  beforeEach(async () => {
    [source, target] = ['source', 'target'].map(
      (prefix) => new Database(stack.raven, stack.databaseName(prefix)),
    ) as [Database, Database];
    await createItems(stack.raven, source.name, 100);
    const input = { freeze: 'fence' as const, hooks: TOLD };
    migration = await stack.migrate(source.name, { target: target.name, input });
    await migration.reaches('awaiting-approval');
  });

  async function serves(database: Database): Promise<boolean> {
    return await databaseCounts(database).then(
      () => true,
      () => false,
    );
  }

  /** RavenDB notes that it is to be open, although it cannot open a storage that is open under another name. */
  async function openByHand(): Promise<void> {
    await openDatabase(source).catch(() => undefined);
    expect(await closableRecord(source)).toMatchObject({ Disabled: false });
  }

  test('while the application is asked keeps the switch from being made', async () => {
    board.before = openByHand;
    await migration.approve();
    await until('it is undone', async () => (await migration.progress()).attention !== null);
    board.before = () => Promise.resolve();
    const { attention } = await migration.reaches('awaiting-approval');
    expect(attention).toContain('was opened by hand');
    expect(await serves(source)).toBe(true);
    expect(await readFenceNote(target)).toMatchObject({ state: 'undone' });
    await migration.handle.executeUpdate('rejectCutover', { args: [{ by: 'ann' }] });
  });

  test('while the target serves is said, lets the way back stand when it is closed again, and is closed at the end', async () => {
    await migration.approve();
    await migration.reaches('observing');
    await openByHand();
    const said = async () => (await migration.progress()).attention?.includes('was opened by hand') ?? false;
    await until('it is said', said);
    await closeDatabase(source);
    await until('it flows back again', async () => !(await said()));
    await openByHand();
    await migration.handle.executeUpdate('complete', { args: [{ by: 'ann' }] });
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed' });
    expect(await closableRecord(source)).toMatchObject({ Disabled: true, LockMode: 'Unlock' });
    expect(await serves(source)).toBe(false);
    expect(await serves(target)).toBe(true);
  });
});
