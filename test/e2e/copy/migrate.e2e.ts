import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import {
  createDatabase,
  createNorthwind,
  deleteDocument,
  putAttachment,
  putDocument,
} from '../../support/data/databases.ts';
import { historiesOf } from '../../support/histories.ts';
import { differences } from '../../support/oracle/compare.ts';
import { type Migration, Stack } from '../../support/servers/stack.ts';

describe('migrateDatabase', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  test('moves the sample data, with what changes before the cutover, and leaves the source as it was', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createNorthwind(stack.raven, source);
    const indexesBefore = await indexNames(stack, source);
    const migration = await stack.migrate(source, { target, input: { method: 'stream' } });

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
    const record = await databaseRecord(new Database(stack.raven, target));
    expect(record?.Revisions).toMatchObject({ Collections: { Orders: { Disabled: false } } });

    const history = await textOfHistory(migration);
    expect(history).toContain('"connection":"local"');
    for (const text of [history, JSON.stringify(await stack.report(migration.id))]) {
      expect(text).not.toContain(new URL(stack.addresses.ravendbUrl).host);
    }

    const report = await stack.report(migration.id);
    expect(report).toMatchObject({
      phase: 'completed',
      mismatches: 0,
      approval: { by: 'ann', note: 'looks good' },
      input: { method: 'stream' },
    });
    expect(Object.values(report.shards).reduce((sum, count) => sum + count, 0)).toBe(1058);
    expect(Object.keys(report.shardBytes ?? {})).toEqual(Object.keys(report.shards));
    for (const { shard, documents } of report.shares?.shards ?? []) {
      expect(report.shardBytes?.[shard]).toBeGreaterThan(10_000);
      expect(documents).toBeCloseTo((report.shards[shard] ?? 0) / 1058, 1);
    }
    expect(report.shares?.sampled).toBeGreaterThan(200);
    expect(report.series?.work.some(({ phase, items }) => phase === 'copying' && items > 1_000)).toBe(true);
    expect(report.series?.lag.some(({ phase }) => phase === 'awaiting-approval')).toBe(true);
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

/** Every payload and failure of a history as text. */
async function textOfHistory(migration: Migration): Promise<string> {
  const texts: string[] = [];
  JSON.stringify(await historiesOf(migration.handle), (key, value) => {
    if (typeof value === 'string')
      texts.push(key === 'data' ? Buffer.from(value, 'base64').toString() : value);
    return value;
  });
  return texts.join('\n');
}

describe('attachments that documents share', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  test('arrive, in mixes of which RavenDB loses one on its own import into several shards', async () => {
    const source = stack.databaseName('source');
    const target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    for (let n = 0; n < 60; n++) {
      await putDocument(stack.raven, source, `docs/${n}`, '{"@metadata":{"@collection":"Docs"}}');
      for (const name of [`s${n % 3}`, `s${(n + 1) % 3}`]) {
        await putAttachment(stack.raven, source, `docs/${n}`, name, `content of ${name}`);
      }
    }
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
    const { checks } = await stack.report(migration.id);
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  });
});

async function indexNames({ raven }: Stack, database: string): Promise<unknown> {
  const path = `/databases/${database}/indexes?namesOnly=true&start=0&pageSize=1000`;
  return (await raven.http.json<{ Results: string[] }>({ doing: 'Reading', path })).Results;
}
