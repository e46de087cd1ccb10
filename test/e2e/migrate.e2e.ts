import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseRecord } from '../../src/ravendb/database.ts';
import { differences } from '../support/compare.ts';
import { createNorthwind, deleteDocument, putDocument } from '../support/databases.ts';
import { Stack } from '../support/stack.ts';

describe.each(['stream', 'dump'] as const)('migrateDatabase by %s', (method) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker();
  });
  afterAll(() => stack.close());

  test('moves the sample data, with what changes before the cutover, and leaves the source as it was', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createNorthwind(stack.raven, source);
    const indexesBefore = await indexNames(stack, source);
    const migration = await stack.migrate(source, { target, input: { method } });

    await migration.reaches('awaiting-approval');
    await putDocument(
      stack.raven,
      source,
      'orders/1-A',
      '{"Price":1.50,"Big":12345678901234567890,"@metadata":{"@collection":"Orders"}}',
    );
    await putDocument(stack.raven, source, 'added/1', '{"n":1,"@metadata":{"@collection":"Added"}}');
    await deleteDocument(stack.raven, source, 'orders/2-A');
    await deleteDocument(stack.raven, source, 'employees/3-A');
    await migration.approve();

    const result = await migration.handle.result();
    expect(result).toMatchObject({
      phase: 'completed',
      mismatches: 0,
      documents: { source: 1058, target: 1058 },
    });
    expect(await differences(stack.raven, source, target)).toEqual([]);
    expect(await indexNames(stack, source)).toEqual(indexesBefore);
    const record = await databaseRecord(stack.raven, target);
    expect(record?.Revisions).toMatchObject({ Collections: { Orders: { Disabled: false } } });

    const report = await stack.report(migration.id);
    expect(report).toMatchObject({
      phase: 'completed',
      mismatches: 0,
      approval: { by: 'ann', note: 'looks good' },
      input: { method },
    });
    expect(Object.values(report.shards).reduce((sum, count) => sum + count, 0)).toBe(1058);
    const phases = report.timings.map(({ phase }) => phase);
    expect(phases).toEqual([
      'planning',
      'preparing',
      'copying',
      'catching-up',
      'verifying',
      'awaiting-approval',
      'freezing',
      'draining',
      'final-verifying',
      'completing',
    ]);
  });
});

async function indexNames({ raven }: Stack, database: string): Promise<unknown> {
  const path = `/databases/${database}/indexes?namesOnly=true&start=0&pageSize=1000`;
  return (await raven.http.json<{ Results: string[] }>({ doing: 'Reading', path })).Results;
}
