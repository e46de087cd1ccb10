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
    ['LoadDocument with a space', { Maps: ['LoadDocument (o.C, "C")'] }, 'indexes that load'],
    ['LoadDocument of a type', { Maps: ['LoadDocument <Company> (o.C)'] }, 'indexes that load'],
    ['load with a space', { Maps: ['map("O", o => load (o.C, "C").N)'] }, 'indexes that load'],
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
    expect(checksOf({ [field]: tasks })['server-wide tasks']).toBeUndefined();
  });

  test('several tasks run, and one runs', () => {
    const tasks = [{ Name: 'to-dwh' }, { Name: 'to-bi' }];
    expect(checksOf({ SqlEtls: tasks }).tasks?.message).toMatch(
      /^"to-dwh", "to-bi" run on the source and are disabled on the target/,
    );
  });

  test('a task that Shardlift has made is none of the source', () => {
    expect(
      checksOf({ ExternalReplications: [{ Name: 'Shardlift/Replication/shop' }] }).tasks,
    ).toBeUndefined();
  });

  test('tasks of the whole server are told apart', () => {
    const tasks = [{ Name: 'Server Wide Backup, nightly', Disabled: false }];
    const checks = checksOf({ PeriodicBackups: tasks });
    expect(checks.tasks).toBeUndefined();
    expect(checks['server-wide tasks']?.message).toMatch(
      /^"Server Wide Backup, nightly": .*ExcludedDatabases/,
    );
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

  test('several features are told apart', () => {
    const { message } = checksOf({ QueueEtls: [{ Name: 'kafka' }], GenAis: [{ Name: 'g' }] }).features ?? {};
    expect(message).toMatch(/QueueEtls \(.+\); GenAis \(.+\)\.$/);
  });

  test.each(['(Revisions=true)', '(Revisions = true)', '( revisions=TRUE  )'])(
    'a subscription to revisions is told by its query: %s',
    (revisions) => {
      const checks = checksOf({}, [], [{ SubscriptionName: 'audit', Query: `from Orders ${revisions}` }]);
      expect(Object.keys(checks)).toEqual(['indexes', 'subscriptions to revisions']);
    },
  );

  test('a database without indexes has none to refuse', () => {
    expect(checksOf({}).indexes).toMatchObject({ status: 'ok', message: 'There are none.' });
  });

  test('each warning says the way out', () => {
    const subscriptions = [
      { SubscriptionName: 'audit', Query: 'from Orders (Revisions = true)' },
      { SubscriptionName: 'mail', Query: 'from Orders', Connections: [{ Strategy: 'Concurrent' }] },
    ];
    const record = {
      Sorters: { ByMoon: {} },
      SqlEtls: [{ Name: 'to-dwh' }],
      PeriodicBackups: [{ Name: 'Server Wide Backup, nightly' }],
      Encrypted: true,
      DocumentsCompression: { CompressAllCollections: true },
    };
    const indexes = [{ DeploymentMode: 'Rolling' }, { Maps: ['LoadDocument(o.C, "C")'] }];
    const license = { HasDocumentsCompression: false };
    const checks = checksOf(record, indexes, subscriptions, { license });
    const messages = Object.fromEntries(Object.values(checks).map(({ name, message }) => [name, message]));
    expect(messages).toEqual({
      indexes: expect.stringMatching(/change them first, or their queries\.$/),
      'indexes that load': expect.stringMatching(
        /only on its own shard; .* the same end after a "\$", or store what is needed in the document itself\.$/,
      ),
      'custom sorters': expect.stringMatching(/Index a field that has the wanted order, and sort by it\.$/),
      tasks: expect.stringMatching(
        /so that nothing runs on both sides\. After the cutover disable .* they start from the first document again\.$/,
      ),
      'server-wide tasks': expect.stringMatching(/Exclude the target from them/),
      'subscriptions to revisions': expect.stringMatching(/Subscribe to documents instead\.$/),
      'concurrent subscriptions': expect.stringMatching(
        /Let one worker open it, or split it into several by their queries\.$/,
      ),
      subscriptions: expect.stringMatching(/Set where each starts, then enable it\.$/),
      encryption: expect.stringMatching(/create an empty encrypted database by hand, and migrate into it\.$/),
      compression: expect.stringMatching(/the target may need several times the space\.$/),
    });
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
