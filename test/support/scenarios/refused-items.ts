/** Items that RavenDB refuses, in migrations and in imports of files. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExportResult } from '../../../src/core/run/results.ts';
import { Application } from '../data/application.ts';
import { createItems } from '../data/databases.ts';
import { putRefusedItems, putUncarriedItems } from '../data/refused-items.ts';
import { differences } from '../oracle/compare.ts';
import { type Migration, Stack } from '../servers/stack.ts';

const WITHIN_MS = 60_000;

/** Declares the tests. @param items documents among which they are */
export function refusedItems(items: number): void {
  let stack: Stack;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  async function create(): Promise<Application> {
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createItems(stack.raven, source, items);
    return new Application(stack.raven, source);
  }

  async function refusedBy(migration: Migration): Promise<string[]> {
    const { refused = [] } = await migration.progress();
    return refused.map(({ kind, id }) => `${kind} ${id}`).toSorted((a, b) => (a < b ? -1 : 1));
  }

  test.each(['stream', 'dump'] as const)(
    'are carried another way by %s, in the copy and while the approval is awaited',
    async (method) => {
      const application = await create();
      await putRefusedItems(application);
      const migration = await stack.migrate(source, { target, input: { method } });
      await migration.reaches('awaiting-approval');
      await application.put('later/1', '{"@metadata":{"@collection":"Odd","@etag":{"x":1}}}');
      await application.increment('refused/counter', { likes: 5 });
      await migration.approve();
      expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
      expect(await refusedBy(migration)).toEqual([]);
      expect(await differences(stack.raven, source, target)).toEqual([]);
    },
  );

  test('are named within a minute, hold up nothing else, and can be skipped', async () => {
    const application = await create();
    await putUncarriedItems(application);
    const startedAt = Date.now();
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    expect(Date.now() - startedAt).toBeLessThan(WITHIN_MS);
    expect(await refusedBy(migration)).toEqual([
      'document uncarried/document',
      'revision uncarried/revision',
    ]);
    const { attention, refused = [] } = await migration.progress();
    expect(attention).toContain('skip leaves out the 2 items that RavenDB refuses');
    expect(refused[0]?.reason).toContain('InvalidDataException');
    await expect(migration.approve()).rejects.toThrow();

    await migration.handle.executeUpdate('skip', { args: [{ by: 'ann', note: 'test records' }] });
    // one that comes later is not among those
    await application.put('uncarried/document', '{"a":2,"@metadata":{"@collection":"Odd","@etag":{"x":1}}}');
    await migration.reaches('verifying');
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    const left = await differences(stack.raven, source, target);
    expect(new Set(left.map((line) => line.split(':')[0]))).toEqual(
      new Set(['uncarried/document', 'uncarried/revision']),
    );
    const report = await stack.report(migration.id);
    expect(report.refused?.map(({ skipped }) => skipped?.by)).toEqual(['ann', 'ann']);
    expect(report.attention).toBeNull();
  });

  test('of a file are named, hold up nothing else, and keep the import from its end until they are skipped', async () => {
    const application = await create();
    await putRefusedItems(application);
    await putUncarriedItems(application);
    const exporting = await stack.start(
      { source: { connection: 'local', database: source }, directory: stack.databaseName('dumps') },
      undefined,
      'exportDatabase',
    );
    const { dump } = (await exporting.handle.result()) as ExportResult;
    const importing = await stack.start(
      { dump: { path: dump.directory }, target: { connection: 'local', database: target, shards: 2 } },
      undefined,
      'importDump',
    );
    const { waitingFor } = await importing.reaches('verifying');
    expect(waitingFor).toContain('skip leaves out the 4 items');
    // without the source nothing says whether attachments that a document lists exist, and what a counter was
    expect(await refusedBy(importing)).toEqual([
      'counter refused/counter',
      'document refused/attachment-missing',
      'document uncarried/document',
      'revision uncarried/revision',
    ]);
    await importing.handle.executeUpdate('skip', { args: [{ by: 'ann' }] });
    expect(await importing.handle.result()).toMatchObject({ phase: 'completed' });
    const left = await differences(stack.raven, source, target);
    expect(new Set(left.map((line) => line.split(':')[0]))).toEqual(
      new Set(['refused/attachment-missing', 'refused/counter', 'uncarried/document', 'uncarried/revision']),
    );
  });
}
