/** What holds of every migration by replication; the same tests with a license and with what stands in for one. */
import { expect, test } from 'vitest';
import { OWN_PREFIX } from '../../../src/core/contract/own-names.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import { collectionsOf } from '../../../src/ravendb/requests/documents.ts';
import { replicationTask } from '../../../src/ravendb/requests/replication.ts';
import { Application } from '../data/application.ts';
import { applyChanges } from '../data/changes.ts';
import { createItems } from '../data/databases.ts';
import { createEverything } from '../data/everything.ts';
import { startWriters } from '../data/writers.ts';
import { differences } from '../oracle/compare.ts';
import { type Migration, type Stack, until } from './stack.ts';

/** Starts `replicateDatabase` into three shards. */
export async function replicate(
  stack: Stack,
  source: string,
  target = stack.databaseName('target'),
): Promise<Migration> {
  const input = {
    source: { connection: 'local', database: source },
    target: { connection: 'local', database: target, shards: 3 },
    quietFor: '500ms',
  };
  return await stack.start(input, undefined, 'replicateDatabase');
}

/** What is there of the product's own in a record, as the worker sees it: connection strings and tasks. */
export async function ownParts(stack: Stack, database: string): Promise<string[]> {
  const raven = RavenConnection.open('seen', { urls: [stack.ravendbUrlForWorker] });
  try {
    const record = ((await databaseRecord(new Database(raven, database))) ?? {}) as {
      RavenConnectionStrings?: Record<string, unknown>;
      ExternalReplications?: { TaskId: number; Name: string }[];
    };
    const own = (name: string) => name.startsWith(OWN_PREFIX);
    const strings = Object.keys(record.RavenConnectionStrings ?? {}).filter(own);
    const tasks = (record.ExternalReplications ?? []).filter(({ Name }) => own(Name));
    const states = tasks.map(
      async ({ TaskId }) => (await replicationTask(new Database(raven, database), TaskId))?.TaskState,
    );
    return [
      ...strings.map(() => 'connection string'),
      ...(await Promise.all(states)).map((each) => `task ${each}`),
    ];
  } finally {
    raven.close();
  }
}

/** Declares the tests. @param stack gives the stack, whose worker has started */
export function replicationTests(stack: () => Stack): void {
  const isThere = async (database: string, id: string) =>
    (await collectionsOf(new Database(stack().raven, database), [id])).has(id.toLowerCase());

  test('every kind of item is equal at the end, after changes, a pause and writers', async () => {
    const { raven } = stack();
    const [source, target] = [stack().databaseName('source'), stack().databaseName('target')];
    await createEverything(raven, source, { plain: 500 });
    const application = new Application(raven, source);
    const migration = await replicate(stack(), source, target);
    await migration.reaches('awaiting-approval');
    expect(await migration.progress()).toMatchObject({
      method: 'replication',
      replication: { state: 'connected', left: 0, behindSince: null, error: null },
      verification: { mismatches: 0 },
    });
    expect(await ownParts(stack(), source)).toEqual(['connection string', 'task Enabled']);

    await migration.handle.executeUpdate('pause', { args: [{ by: 'ann' }] });
    await until('the task rests', async () => (await ownParts(stack(), source)).includes('task Disabled'));
    await applyChanges(raven, source);
    await application.put('late/1', '{"late":1.50,"@metadata":{"@collection":"Late"}}');
    expect(await isThere(target, 'late/1')).toBe(false);

    const writers = startWriters(raven, source, { writers: 2, perSecond: 10 });
    await migration.handle.executeUpdate('resume', { args: [{ by: 'ann' }] });
    await until('what was written is there', () => isThere(target, 'late/1'));
    expect(await ownParts(stack(), source)).toContain('task Enabled');
    expect(await writers.stop()).toMatchObject({ errors: [] });

    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(raven, source, target)).toEqual([]);
    expect(await ownParts(stack(), source)).toEqual([]);
    expect(await ownParts(stack(), target)).toEqual([]);
    expect(JSON.stringify((await stack().report(migration.id)).settings)).not.toContain(OWN_PREFIX);
  });

  test('an abort takes task and connection string away', async () => {
    const source = stack().databaseName('source');
    await createItems(stack().raven, source);
    const migration = await replicate(stack(), source);
    await migration.reaches('awaiting-approval');
    expect(await ownParts(stack(), source)).toEqual(['connection string', 'task Enabled']);
    await migration.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    expect((await migration.failure()).type).toBe('Aborted');
    expect(await ownParts(stack(), source)).toEqual([]);
    const { notes } = await stack().report(migration.id);
    expect(notes.filter(({ text }) => text.includes('still on the source'))).toEqual([]);
  });
}
