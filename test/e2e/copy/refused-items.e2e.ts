import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application } from '../../support/data/application.ts';
import { createItems } from '../../support/data/databases.ts';
import { putRefusedItems, putUncarriedItems } from '../../support/data/refused-items.ts';
import { differences } from '../../support/oracle/compare.ts';
import { type Migration, Stack } from '../../support/servers/stack.ts';

const ITEMS = 2_000;
const WITHIN_MS = 60_000;

describe('items that RavenDB refuses', () => {
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
    await createItems(stack.raven, source, ITEMS);
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
});
