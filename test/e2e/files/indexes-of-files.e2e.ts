import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportResult, ImportResult } from '../../../src/core/run/results.ts';
import { Application } from '../../support/data/application.ts';
import { BackupChain, backupFolder } from '../../support/data/backup-chain.ts';
import { createDatabase, putItems } from '../../support/data/databases.ts';
import { differencesFromFile } from '../../support/oracle/compare.ts';
import { Stack } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

const COUNT =
  'from r in results group r by r.Number into g select new { Number = g.Key, Count = g.Sum(x => x.Count) }';
/** One of each kind, and whatever a definition may hold. */
const INDEXES = [
  { Name: 'Static', Maps: ['from i in docs.Items select new { i.number }'], Priority: 'High' },
  {
    Name: 'Fields',
    Maps: ['from i in docs.Items select new { i.number, i.payload, Place = CreateSpatialField(1, 2) }'],
    Fields: {
      number: { Storage: 'Yes', TermVector: 'No' },
      payload: {
        Indexing: 'Search',
        Analyzer: 'StandardAnalyzer',
        Suggestions: true,
        TermVector: 'WithPositionsAndOffsets',
      },
      Place: { Spatial: { Type: 'Geography', Strategy: 'BoundingBox', MaxTreeLevel: 0, Units: 'Miles' } },
      __all_fields: { Storage: 'Yes' },
    },
    Configuration: { 'Indexing.MapTimeoutInSec': '30', 'Indexing.Static.SearchEngineType': 'Lucene' },
  },
  {
    Name: 'MapReduce',
    Maps: [
      'from i in docs.Items select new { Number = i.number, Count = 1 }',
      'from o in docs.Others select new { Number = o.number, Count = 1 }',
    ],
    Reduce: COUNT,
  },
  { Name: 'Ignored', Maps: ['from i in docs.Items select new { i.a }'], LockMode: 'LockedIgnore' },
  {
    Name: 'Locked',
    Maps: ['from i in docs.Items select new { i.b }'],
    LockMode: 'LockedError',
    Priority: 'Low',
  },
  {
    Name: 'Script',
    Maps: ["map('Items', (i) => ({ number: twice(i.number) }))"],
    AdditionalSources: { twice: 'function twice(n) { return 2 * n; }' },
  },
  {
    Name: 'ScriptReduce',
    Maps: ["map('Items', (i) => ({ Number: i.number, Count: 1 }))"],
    Reduce:
      'groupBy((r) => r.Number).aggregate((g) => ({ Number: g.key, Count: g.values.reduce((n, r) => n + r.Count, 0) }))',
  },
  {
    Name: 'Sources',
    Maps: ['from i in docs.Items select new { Twice = Own.Twice(i.number) }'],
    AdditionalSources: {
      Own: 'public static class Own { public static object Twice(dynamic n) { return 2 * n; } }',
    },
  },
  {
    Name: 'Compound',
    Maps: ['from i in docs.Items select new { i.number, i.payload }'],
    CompoundFields: [['number', 'payload']],
    Configuration: { 'Indexing.Static.SearchEngineType': 'Corax' },
  },
  {
    Name: 'Archived',
    Maps: ['from i in docs.Items select new { i.c }'],
    ArchivedDataProcessingBehavior: 'IncludeArchived',
  },
  {
    Name: 'Counters',
    Maps: ['from c in counters.Items select new { c.Name, c.Value }'],
  },
  {
    Name: 'Series',
    Maps: ['from s in timeSeries.Items from e in s.Entries select new { e.Value }'],
  },
];

describe('indexes, by files', () => {
  let stack: Stack;
  let source: string;
  let application: Application;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
    source = stack.databaseName('source');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, 10);
    application = new Application(stack.raven, source);
    await application.send('PUT', 'admin/indexes', JSON.stringify({ Indexes: INDEXES }));
    await application.query('from Items where number = 1');
    await application.query('from Items group by number select count(), number');
    await application.setIndexPriority('Auto/Items/Bynumber', 'Low');
  });
  afterAll(() => stack.close());

  function target() {
    return { connection: 'local', database: stack.databaseName('target'), shards: 2 };
  }

  test('arrive by a dump with all of their definitions, lock modes and priorities', async () => {
    const exported = await startByCli<ExportResult>(stack, 'exportDatabase', {
      source: { connection: 'local', database: source },
    });
    const { dump } = await exported.result();
    const into = target();
    const run = await startByCli<ImportResult>(stack, 'importDump', {
      dump: { path: dump.file },
      target: into,
    });
    await run.result();
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });

  test('arrive by backups as they are in the last one, however the earlier ones had them', async () => {
    const path = await backupFolder(stack);
    const chain = await BackupChain.begin(stack.raven, source, path);
    const into = target();
    const importing = () =>
      startByCli<ImportResult>(stack, 'importBackup', { backup: { path }, target: into });
    await (await importing()).result();
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);

    await application.setIndexLock('Locked', 'Unlock');
    await application.putIndexes(
      { Name: 'Locked', Maps: ['from i in docs.Items select new { i.changed }'], LockMode: 'LockedIgnore' },
      { Name: 'Static', Maps: ['from i in docs.Items select new { i.number }'], Priority: 'Low' },
    );
    await application.setIndexLock('Ignored', 'LockedError');
    await application.deleteIndex('MapReduce');
    await application.deleteIndex('Auto/Items/Bynumber');
    await application.query("from Items where payload = 'x'");
    await putItems(stack.raven, source, 1);
    await chain.add();
    await (await importing()).result();
    expect(await differencesFromFile(stack.raven, source, into.database)).toEqual([]);
  });
});
