/** Takes long: four migrations of a source that holds every kind of item, each compared to the last byte. */
import pMap from 'p-map';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MigrateDatabaseInput } from '../../../src/core/contract/contract.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { deleteDatabase } from '../../../src/ravendb/requests/databases.ts';
import { holdName } from '../../../src/ravendb/requests/tombstones.ts';
import { Application } from '../../support/data/application.ts';
import { applyChanges, changes } from '../../support/data/changes.ts';
import { createDatabase, forgetDeletions, putDocument } from '../../support/data/databases.ts';
import { createEverything } from '../../support/data/everything.ts';
import { putPlain } from '../../support/data/everything-documents.ts';
import { moment } from '../../support/data/everything-numbers.ts';
import { FEW_VICTIMS } from '../../support/data/victims.ts';
import { differences } from '../../support/oracle/compare.ts';
import { exportAll, importAll } from '../../support/oracle/plain-copy.ts';
import { type Migration, Stack, until } from '../../support/servers/stack.ts';

describe('what a delta does not tell of', () => {
  let stack: Stack;
  let source: string;
  let target: string;
  let application: Application;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());
  beforeEach(() => {
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    application = new Application(stack.raven, source);
  });

  /** @param victims all of them where all changes are made */
  async function create(victims?: number): Promise<void> {
    await createEverything(stack.raven, source, { plain: 210, ...(victims && { victims }) });
  }

  /** Does something to the source while a migration is paused that waits for its approval. */
  async function whilePaused(
    act: (migration: Migration) => Promise<void>,
    input: Partial<MigrateDatabaseInput> = {},
  ): Promise<Migration> {
    const migration = await stack.migrate(source, { target, input });
    await migration.reaches('awaiting-approval');
    await migration.handle.executeUpdate('pause', { args: [{ by: 'ann' }] });
    await until('nothing is at work', async () => {
      return ((await migration.handle.describe()).raw.pendingActivities ?? []).length === 0;
    });
    await act(migration);
    await migration.handle.executeUpdate('resume', { args: [{ by: 'ann' }] });
    return migration;
  }

  async function finish(migration: Migration): Promise<void> {
    await migration.reaches('awaiting-approval');
    await migration.approve();
    await until('the cutover is over', async () => {
      const { phase, attention, verification } = await migration.progress();
      if (attention) throw new Error(`${attention} ${JSON.stringify(verification?.differences)}`);
      return phase === 'completed';
    });
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
  }

  async function untilNoted(migration: Migration, text: string): Promise<void> {
    await until(`it is noted that ${text}`, async () =>
      (await migration.report()).notes.some((note) => note.text.includes(text)),
    );
  }

  async function deleteHold({ id }: Migration): Promise<void> {
    await application.send('DELETE', `indexes?name=${encodeURIComponent(holdName(id))}`);
  }

  test('documents whose tombstones are lost, since somebody deleted the index that keeps them', async () => {
    await create();
    const migration = await whilePaused(async (paused) => {
      await deleteHold(paused);
      await applyChanges(stack.raven, source);
      for (let n = 0; n < 40; n++) await application.delete(`plain/${n}`);
      for (let n = 20; n < 40; n++) {
        await application.put(`plain/${n}`, `{"n":${n}.50,"@metadata":{"@collection":"Elsewhere"}}`);
      }
      await forgetDeletions(stack.raven, source);
    });
    await untilNoted(migration, 'documents that the source no longer has were deleted on the target');
    const { notes } = await migration.report();
    expect(notes.some(({ text }) => text.includes('index that keeps the tombstones is gone'))).toBe(true);
    await finish(migration);
  });

  test('the same with a target that may hold other documents: none is deleted, and the report says so', async () => {
    await createDatabase(stack.raven, source);
    await putPlain(application, 210);
    const migration = await whilePaused(
      async (paused) => {
        await putDocument(stack.raven, target, 'own/1', '{"own":true,"@metadata":{"@collection":"Own"}}');
        await deleteHold(paused);
        await application.delete('plain/1');
        await forgetDeletions(stack.raven, source);
      },
      { target: { connection: 'local', database: target, shards: 2, allowExistingData: true } },
    );
    await untilNoted(migration, 'may be left on the target, which may hold others');
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    const left = await differences(stack.raven, source, target);
    expect(left.map((line) => line.slice(0, 20))).toEqual([
      expect.stringContaining('own/1'),
      expect.stringContaining('plain/1'),
    ]);
    const report = await stack.report(migration.id);
    expect(report.notes.some(({ text }) => text.includes('may be left on the target'))).toBe(true);
  });

  test('a source that is another storage now: deleted, and restored from a dump', async () => {
    await create();
    const migration = await whilePaused(async () => {
      const dumps = await exportAll(stack.raven, source);
      await deleteDatabase(new Database(stack.raven, source));
      await createDatabase(stack.raven, source);
      await importAll(stack.raven, source, dumps);
      // the verification finds revisions that were deleted there, but nothing can take them away from the target
      const made = changes.filter(({ name }) => !name.startsWith('revisions'));
      await pMap(made, (change) => change.apply(stack.raven, source), { concurrency: 4 });
      for (let n = 0; n < 40; n++) await application.delete(`plain/${n}`);
      for (let n = 20; n < 40; n++) {
        await application.put(`plain/${n}`, `{"n":${n}.50,"@metadata":{"@collection":"Elsewhere"}}`);
      }
      await application.put('plain/200', '{"changed":1.50,"@metadata":{"@collection":"Plain"}}');
      await application.put('plain/new', '{"new":1.50,"@metadata":{"@collection":"Plain"}}');
      await application.increment('counted/1', { likes: 1, new: 2 });
      await application.deleteCounters('counted/2', ['likes']);
      await application.deleteCounters('counted/3', ['likes']);
      await application.increment('counted/3', { likes: 1 });
      await application.detach('shared/0', 'a');
      await application.delete('loose/4');
      await application.put('loose/4', '{"again":1.50,"@metadata":{"@collection":"Loose"}}');
      await application.deleteEntries('measured/many', 'HeartRate', moment(1000), moment(1999));
      await application.deleteEntries('measured/incremental', 'INC:Downloads', moment(5), moment(9));
      const lower = [{ at: moment(5), values: [0.5, 0.5] }];
      await application.incrementSeries('measured/incremental', 'INC:Downloads', lower);
      await forgetDeletions(stack.raven, source);
    });
    await untilNoted(migration, 'documents were deleted on the target, to be copied again');
    await finish(migration);
  });

  test('counters, entries of time series, keys and indexes whose deletion the source has forgotten', async () => {
    await create(FEW_VICTIMS);
    const migration = await whilePaused(async () => {
      for (const index of ['Victims/Deleted', 'Auto/Odd/ByOwner']) await application.deleteIndex(index);
      for (const key of ['victims/1', 'ünï/日本/😀']) await application.deleteCompareExchange(key);
      await application.deleteCounters('counted/many', ['counter with a rather long name, number 3']);
      await application.deleteCounters('Victims/1', ['likes']);
      await application.deleteCounters('Victims/2', ['likes', 'views']);
      await application.deleteEntries('Victims/3', 'HeartRate');
      await application.deleteEntries('measured/many', 'HeartRate', moment(1000), moment(1999));
      await application.deleteEntries('measured/1', 'HeartRate');
      await application.deleteEntries('measured/incremental', 'INC:Downloads', moment(5), moment(9));
      const lower = [5, 6, 7, 8, 9].map((n) => ({ at: moment(n), values: [0.5, 0.5] }));
      await application.incrementSeries('measured/incremental', 'INC:Downloads', lower);
      await forgetDeletions(stack.raven, source);
    });
    await finish(migration);
  });

  test('a second migration, into what an aborted one has left', async () => {
    await create(FEW_VICTIMS);
    const first = await stack.migrate(source, { target });
    await first.reaches('awaiting-approval');
    await first.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    await first.failure();
    await application.put('plain/7', '{"changed":1.50,"@metadata":{"@collection":"Plain"}}');
    await application.increment('counted/1', { likes: 1, new: 2 });
    await application.deleteCounters('counted/2', ['likes']);
    const again = { connection: 'local', database: target, shards: 2, allowExistingData: true };
    await finish(await stack.migrate(source, { target, input: { target: again } }));
  });
});
