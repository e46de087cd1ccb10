import { describe, expect, test } from 'vitest';
import { sourceChecks } from '../../../src/core/plan/source-checks.ts';
import type { IndexDefinition } from '../../../src/core/settings/indexes.ts';

function checksOf(
  record: Record<string, unknown>,
  indexes: Partial<IndexDefinition>[] = [],
  subscriptions: { SubscriptionName: string; Query: string }[] = [],
  { target = {}, license = {} } = {},
) {
  const definitions = indexes.map((index) => ({ Name: 'I', automatic: false, ...index }));
  return Object.fromEntries(
    sourceChecks({ record, indexes: definitions, subscriptions }, target, license).map((check) => [
      check.name,
      check,
    ]),
  );
}

describe('what of a source a sharded database refuses or changes', () => {
  test('is nothing where there is nothing of it', () => {
    const checks = checksOf(
      {
        Sorters: {},
        RavenEtls: [],
        PeriodicBackups: [],
        RemoteAttachments: null,
        Integrations: { PostgreSql: { Authentication: { Users: [] } } },
        QueueEtls: [],
      },
      [{ Maps: ['from o in docs.Orders select new { o.Company, Payload = o.Workload }'] }],
    );
    expect(Object.values(checks)).toEqual([
      { name: 'indexes', status: 'ok', message: 'A sharded database accepts all 1.' },
    ]);
  });

  test.each([
    ['an index that writes documents', { OutputReduceToCollection: 'Sums' }, 'indexes'],
    ['a rolling index', { DeploymentMode: 'Rolling' }, 'indexes'],
    ['LoadDocument', { Maps: ['from o in docs.O select LoadDocument(o.C, "C").N'] }, 'indexes that load'],
    ['LoadDocument of a type', { Maps: ['LoadDocument<C> (o.C)'] }, 'indexes that load'],
    ['load', { Maps: ['map("O", o => load(o.C, "C").N)'] }, 'indexes that load'],
    ['a reduce that loads', { Maps: ['x'], Reduce: 'LoadDocument(g.Key, "C")' }, 'indexes that load'],
  ])('%s is warned of by name', (_what, index, name) => {
    const check = checksOf({}, [{ Name: 'Orders/By', ...index }])[name];
    expect(check).toMatchObject({ status: 'warning', message: expect.stringContaining('"Orders/By"') });
  });

  test('what is refused is not said to load documents, too', () => {
    const both = { OutputReduceToCollection: 'S', Maps: ['LoadDocument(o.C, "C")'] };
    expect(Object.keys(checksOf({}, [both]))).toEqual(['indexes']);
  });

  test.each([
    'RavenEtls',
    'SqlEtls',
    'OlapEtls',
    'ElasticSearchEtls',
    'SnowflakeEtls',
    'ExternalReplications',
    'PeriodicBackups',
  ])('%s that run are named, those that are disabled are not', (field) => {
    const tasks = [
      { Name: 'to-dwh', Disabled: false },
      { Name: 'old', Disabled: true },
    ];
    const { message } = checksOf({ [field]: tasks }).tasks ?? {};
    expect(message).toContain('"to-dwh" runs on the source and is disabled on the target');
    expect(message).not.toContain('old');
    expect(checksOf({ [field]: [tasks[1]] }).tasks).toBeUndefined();
  });

  test('tasks of the whole server are told apart', () => {
    const tasks = [{ Name: 'Server Wide Backup, nightly', Disabled: false }];
    const checks = checksOf({ PeriodicBackups: tasks });
    expect(checks.tasks).toBeUndefined();
    expect(checks['server-wide tasks']?.message).toContain('ExcludedDatabases');
  });

  test.each([
    ['HubPullReplications', [{ Name: 'hub' }]],
    ['SinkPullReplications', [{ HubName: 'hub' }]],
    ['QueueEtls', [{ Name: 'kafka' }]],
    ['QueueSinks', [{ Name: 'kafka' }]],
    ['Integrations', { PostgreSql: { Authentication: { Users: [{ Username: 'bi' }] } } }],
    ['EmbeddingsGenerations', [{ Name: 'e' }]],
    ['GenAis', [{ Name: 'g' }]],
    ['AiAgents', [{ Name: 'a' }]],
    ['RemoteAttachments', { Destinations: { s3: { Disabled: false, S3Settings: { BucketName: 'b' } } } }],
  ])('%s is refused by a sharded database', (field, value) => {
    expect(checksOf({ [field]: value }).features?.message).toContain(field);
    const off = Array.isArray(value)
      ? value.map((each) => ({ ...each, Disabled: true }))
      : { ...value, Disabled: true };
    expect(checksOf({ [field]: off }).features).toBeUndefined();
  });

  test('subscriptions begin anew, and those to revisions cannot be', () => {
    const checks = checksOf(
      {},
      [],
      [
        { SubscriptionName: 'audit', Query: 'from Orders ( revisions = true )' },
        { SubscriptionName: 'mail', Query: 'from Orders' },
      ],
    );
    expect(checks['subscriptions to revisions']?.message).toContain('"audit"');
    expect(checks.subscriptions?.message).toMatch(/^"mail": copied disabled/);
    expect(checks['concurrent subscriptions']).toBeUndefined();
  });

  test.each(['Connections', 'RecentConnections'])('concurrent workers, by %s', (field) => {
    const of = (Strategy: string) => [
      { SubscriptionName: 'mail', Query: 'from Orders', [field]: [{ Strategy }] },
    ];
    expect(checksOf({}, [], of('Concurrent'))['concurrent subscriptions']?.message).toContain('"mail"');
    expect(checksOf({}, [], of('OpenIfFree'))['concurrent subscriptions']).toBeUndefined();
  });

  test('custom sorters', () => {
    expect(checksOf({ Sorters: { ByMoon: {} } })['custom sorters']?.message).toContain('"ByMoon"');
  });

  test('encryption, unless the target is encrypted, too', () => {
    expect(checksOf({ Encrypted: true }).encryption?.status).toBe('warning');
    expect(checksOf({ Encrypted: true }, [], [], { target: { Encrypted: true } }).encryption).toBeUndefined();
    expect(checksOf({ Encrypted: false }).encryption).toBeUndefined();
  });

  test.each([
    [{ Collections: ['Orders'], CompressRevisions: true }, false, 'warning'],
    [{ Collections: ['Orders'], CompressRevisions: true }, true, undefined],
    [null, false, undefined],
    [{ Collections: [], CompressRevisions: false, CompressAllCollections: false }, false, undefined],
  ])('compression %j, which the license allows: %s', (DocumentsCompression, allowed, status) => {
    const license = { HasDocumentsCompression: allowed };
    expect(checksOf({ DocumentsCompression }, [], [], { license }).compression?.status).toBe(status);
  });

  test('many names are cut short', () => {
    const indexes = Array.from({ length: 7 }, (_, n) => ({ Name: `I${n}`, DeploymentMode: 'Rolling' }));
    expect(checksOf({}, indexes).indexes?.message).toContain('"I4" and 2 more');
  });
});
