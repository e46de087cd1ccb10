import { describe, expect, test } from 'vitest';
import { settingKinds, unsupportedSettings } from '../../../src/core/settings/setting-kinds.ts';
import {
  covers,
  describeSetting,
  isSafeSetting,
  type RecordFields,
  safeSettings,
  settingOutcomes,
  settingsForecast,
  settingsToSend,
  trimmedRecord,
} from '../../../src/core/settings/settings.ts';

/** A record as a new database has it. */
const PLAIN: RecordFields = {
  DatabaseName: 'shop',
  Disabled: false,
  Encrypted: false,
  EtagForBackup: 12,
  Settings: {},
  Topology: { Members: ['A'], ReplicationFactor: 1 },
  Indexes: { Orders: {} },
  LockMode: 'Unlock',
  UnusedDatabaseIds: [],
  SupportedFeatures: ['ThrowRevisionKeyTooBigFix'],
  ...Object.fromEntries(
    settingKinds
      .filter(({ field }) => field !== 'LockMode')
      .map(({ field, shape }) => [field, shape === 'value' ? null : shape === 'named' ? {} : []]),
  ),
};
const record = (fields: RecordFields): RecordFields => ({ ...PLAIN, ...fields });
const fields = (send: ReturnType<typeof settingsToSend>) => [...send.keys()].map(({ field }) => field);

const REVISIONS = { Default: null, Collections: { Orders: { Disabled: false, MinimumRevisionsToKeep: 2 } } };
const ETL = { Name: 'to-sql', TaskId: 7, Disabled: false, MentorNode: 'A', Transforms: [{ Name: 't' }] };

describe('what a target lacks', () => {
  test('is nothing when the source has no settings', () => {
    expect(settingsToSend(PLAIN, PLAIN, { phase: 'after', keep: false }).size).toBe(0);
    expect(settingOutcomes(PLAIN, PLAIN, { keep: false })).toEqual([]);
    expect(settingsForecast(PLAIN, {})).toEqual([]);
  });

  test('is never what the product itself has put on the source', () => {
    const name = 'Shardlift/Replication/shop';
    const source = record({
      RavenConnectionStrings: { [name]: { Name: name }, other: { Name: 'other' } },
      ExternalReplications: [{ Name: name, ConnectionStringName: name }],
    });
    const send = settingsToSend(source, PLAIN, { phase: 'after', keep: false });
    expect([...send].map(([{ field }, parts]) => [field, parts])).toEqual([
      ['RavenConnectionStrings', new Set(['other'])],
    ]);
    expect(Object.keys(trimmedRecord(source, send).RavenConnectionStrings ?? {})).toEqual(['other']);
    expect(trimmedRecord(source, send).ExternalReplications).toEqual([]);
    const target = { ...PLAIN, RavenConnectionStrings: { other: { Name: 'other' } } };
    expect(JSON.stringify(settingOutcomes(source, target, { keep: false }))).not.toContain(name);
  });

  test('before the copy is what the data needs and what disturbs nothing', () => {
    const source = record({
      ConflictSolverConfig: { ResolveToLatest: true, ResolveByCollection: {} },
      Analyzers: { A: { Name: 'A', Code: 'x' } },
      SqlConnectionStrings: { s: { Name: 's' } },
      DocumentsCompression: { Collections: ['Orders'] },
      Revisions: REVISIONS,
      Expiration: { Disabled: false, DeleteFrequencyInSec: 60 },
      Refresh: { Disabled: false },
      DataArchival: { Disabled: false },
      TimeSeries: { Collections: { Orders: { RawPolicy: { RetentionTime: '1d' } } } },
      SqlEtls: [ETL],
    });
    expect(fields(settingsToSend(source, PLAIN, { phase: 'before', keep: false }))).toEqual([
      'Analyzers',
      'DocumentsCompression',
      'SqlConnectionStrings',
      'ConflictSolverConfig',
    ]);
    expect(fields(settingsToSend(source, PLAIN, { phase: 'after', keep: false }))).toEqual([
      'Analyzers',
      'DocumentsCompression',
      'SqlConnectionStrings',
      'ConflictSolverConfig',
      'TimeSeries',
      'Revisions',
      'Expiration',
      'Refresh',
      'DataArchival',
      'SqlEtls',
    ]);
  });

  test('does not hold what is there already', () => {
    const source = record({ Revisions: REVISIONS, Analyzers: { A: { Code: 'x' }, B: { Code: 'y' } } });
    const target = record({ Revisions: REVISIONS, Analyzers: { A: { Code: 'x' } } });
    const send = settingsToSend(source, target, { phase: 'after', keep: false });
    expect([...send].map(([{ field }, names]) => [field, names])).toEqual([['Analyzers', new Set(['B'])]]);
  });

  test('does not overwrite what a target had that was there before', () => {
    const source = record({
      Revisions: REVISIONS,
      Analyzers: { A: { Code: 'x' } },
      Refresh: { Disabled: false },
    });
    const target = record({
      Revisions: { Default: { Disabled: true } },
      Analyzers: { A: { Code: 'other' } },
    });
    expect(fields(settingsToSend(source, target, { phase: 'after', keep: true }))).toEqual(['Refresh']);
    expect(fields(settingsToSend(source, target, { phase: 'after', keep: false }))).toEqual([
      'Analyzers',
      'Revisions',
      'Refresh',
    ]);
    expect(settingOutcomes(source, target, { keep: true }).map(({ outcome }) => outcome)).toEqual([
      'left out',
      'left out',
      'refused',
    ]);
  });

  test('holds no task whose name is taken, and none that the server makes by itself', () => {
    const source = record({ SqlEtls: [ETL], PeriodicBackups: [{ Name: 'Server Wide Backup, all' }] });
    const target = record({ SqlEtls: [{ ...ETL, Disabled: true }] });
    expect(settingsToSend(source, target, { phase: 'after', keep: false }).size).toBe(0);
  });

  test('holds nothing that the server of the target does not know: the import would fail', () => {
    const { SnowflakeEtls, ...older } = PLAIN;
    const source = record({ SnowflakeEtls: [ETL] });
    expect(settingsToSend(source, older, { phase: 'after', keep: false }).size).toBe(0);
    expect(settingOutcomes(source, older, { keep: false })).toEqual([
      { setting: 'SnowflakeEtls', outcome: 'refused', advice: expect.stringContaining('another version') },
    ]);
  });

  test.each([{ Disabled: false }, { Disabled: false, RefreshFrequencyInSec: null }])(
    'holds a setting that says only that it is on: %j',
    (Refresh) => {
      expect(fields(settingsToSend(record({ Refresh }), PLAIN, { phase: 'after', keep: false }))).toEqual([
        'Refresh',
      ]);
    },
  );
});

describe('the record that is sent', () => {
  test('has only what is lacking, and every task disabled', () => {
    const source = record({
      Revisions: REVISIONS,
      RevisionsForConflicts: { Disabled: false },
      SqlConnectionStrings: { here: { Name: 'here' }, there: { Name: 'there' } },
      SqlEtls: [ETL, { ...ETL, Name: 'known' }],
      UnusedDatabaseIds: ['x'],
    });
    const target = record({
      Revisions: REVISIONS,
      SqlConnectionStrings: { there: { Name: 'there' } },
      SqlEtls: [{ Name: 'known' }],
    });
    const send = settingsToSend(source, target, { phase: 'after', keep: false });
    expect(trimmedRecord(source, send)).toEqual(
      record({
        RevisionsForConflicts: { Disabled: false },
        SqlConnectionStrings: { here: { Name: 'here' } },
        SqlEtls: [{ ...ETL, Disabled: true }],
      }),
    );
  });

  test('keeps the lock mode, which is never without a value', () => {
    expect(trimmedRecord(record({ LockMode: 'Unlock' }), new Map())).toMatchObject({ LockMode: 'Unlock' });
  });
});

describe('what became of the settings', () => {
  test('carried is what is there', () => {
    const both = record({ Revisions: REVISIONS });
    expect(settingOutcomes(both, both, { keep: false })).toEqual([
      { setting: 'Revisions', outcome: 'carried', advice: '' },
    ]);
  });

  test('carried is also what the target has more of, and says so', () => {
    const target = record({ Revisions: { ...REVISIONS, Default: { Disabled: false } } });
    expect(settingOutcomes(record({ Revisions: REVISIONS }), target, { keep: true })[0]).toMatchObject({
      outcome: 'carried',
      advice: expect.stringContaining('more'),
    });
  });

  test('refused is what is not there, with the reason in the words of the server', () => {
    const source = record({ DataArchival: { Disabled: false }, Client: { Disabled: false } });
    const reasons = new Map([['Client', 'no license']]);
    expect(settingOutcomes(source, PLAIN, { keep: false, reasons })).toEqual([
      { setting: 'DataArchival', outcome: 'refused', advice: expect.stringContaining('by hand') },
      { setting: 'Client', outcome: 'refused', advice: 'no license' },
    ]);
  });

  test('of tasks is told by name, and what runs on the target is pointed at', () => {
    const source = record({
      SqlEtls: [ETL, { ...ETL, Name: 'on' }, { ...ETL, Name: 'other' }, { ...ETL, Name: 'gone' }],
      PeriodicBackups: [{ Name: 'Server Wide Backup, all' }],
    });
    const target = record({
      SqlEtls: [
        { ...ETL, TaskId: 99, MentorNode: null, Disabled: true },
        { ...ETL, Name: 'on' },
        { ...ETL, Name: 'other', Transforms: [], Disabled: true },
      ],
    });
    const told = settingOutcomes(source, target, { keep: false });
    expect(told.map(({ setting, outcome, advice }) => [setting, outcome, advice.split(':')[0]])).toEqual([
      ['PeriodicBackups', 'left out', '"Server Wide Backup, all"'],
      ['SqlEtls', 'carried', '"to-sql"'],
      ['SqlEtls', 'carried', '"on"'],
      ['SqlEtls', 'left out', '"other"'],
      ['SqlEtls', 'refused', '"gone"'],
    ]);
    expect(told[1]?.advice).toMatch(/disabled.*first document/);
    expect(told[2]?.advice).toMatch(/enabled on the target/);
  });

  test('a setting that only the target has is pointed at, unless the target was there before', () => {
    const target = record({ Expiration: { Disabled: false } });
    expect(settingOutcomes(PLAIN, target, { keep: true })).toEqual([]);
    expect(settingOutcomes(PLAIN, target, { keep: false })).toEqual([
      {
        setting: 'Expiration',
        outcome: 'left out',
        advice: expect.stringContaining('only the target has it'),
      },
    ]);
  });

  test.each(Object.keys(unsupportedSettings))('%s is refused by a sharded database', (field) => {
    const [told] = settingOutcomes(record({ [field]: [{ Name: 'task' }] }), PLAIN, { keep: false });
    expect(told).toMatchObject({
      setting: field,
      outcome: 'refused',
      advice: expect.stringMatching(/^a sharded/),
    });
  });

  test('a setting that nobody knows yet is not passed over', () => {
    expect(settingOutcomes(record({ Teleportation: { Target: 'moon' } }), PLAIN, { keep: false })).toEqual([
      { setting: 'Teleportation', outcome: 'left out', advice: expect.stringContaining('by hand') },
    ]);
    expect(settingOutcomes(record({ Teleportation: { Target: null } }), PLAIN, { keep: false })).toEqual([]);
  });

  test('encryption does not travel', () => {
    const [told] = settingOutcomes(record({ Encrypted: true }), PLAIN, { keep: false });
    expect(told).toMatchObject({ setting: 'Encrypted', outcome: 'left out' });
    expect(
      settingOutcomes(record({ Encrypted: true }), record({ Encrypted: true }), { keep: false }),
    ).toEqual([]);
  });

  test('values never appear: a setting may hold a secret', () => {
    const source = record({
      Settings: { 'Security.Key': 's3cret' },
      SqlConnectionStrings: { a: { ConnectionString: 's3cret' } },
      Client: { Token: 's3cret' },
      Integrations: { PostgreSql: { Authentication: { Users: [{ Password: 's3cret' }] } } },
    });
    const told = [...settingOutcomes(source, PLAIN, { keep: false }), ...settingsForecast(source, {})];
    expect(told.length).toBeGreaterThan(4);
    expect(JSON.stringify(told)).not.toContain('s3cret');
  });

  test('is one line each', () => {
    expect(describeSetting({ setting: 'Client', outcome: 'refused', advice: 'no license' })).toBe(
      'Client: no license',
    );
    expect(describeSetting({ setting: 'Client', outcome: 'carried', advice: '' })).toBe('Client');
  });
});

describe('what can be said before', () => {
  test("is what the target's license forbids; tasks arrive all the same, disabled", () => {
    const source = record({ DataArchival: { Disabled: false }, Client: { Disabled: false }, SqlEtls: [ETL] });
    const license = { HasDataArchival: false, HasClientConfiguration: true, HasSqlEtl: false };
    expect(settingsForecast(source, license)).toEqual([
      { setting: 'DataArchival', outcome: 'refused', advice: expect.stringContaining('HasDataArchival') },
    ]);
    expect(settingsForecast(source, {})).toEqual([]);
  });

  test('is what a sharded database does not support, and settings of the machine', () => {
    const source = record({
      QueueEtls: [ETL],
      Settings: { 'Indexing.MapTimeoutInSec': '30', 'Storage.TempPath': '/x' },
    });
    expect(settingsForecast(source, {})).toEqual([
      { setting: 'Settings', outcome: 'left out', advice: expect.stringMatching(/^Storage\.TempPath: /) },
      { setting: 'QueueEtls', outcome: 'refused', advice: expect.any(String) },
    ]);
  });
});

describe('database settings', () => {
  test.each([
    'Indexing.MapTimeoutInSec',
    'Indexing.Auto.SearchEngineType',
    'Query.RegexTimeoutInMs',
    'patching.MaxStepsForScript',
  ])('%s means the same everywhere', (key) => expect(isSafeSetting(key)).toBe(true));

  test.each([
    'DataDir',
    'RunInMemory',
    'Storage.TempPath',
    'Indexing.TempPath',
    'Indexing.NuGetPackagesPath',
    'Indexing.GlobalScratchSpaceLimitInMb',
    'Indexing.MaxNumberOfConcurrentlyRunningIndexes',
    'Tombstones.CleanupIntervalInMin',
    'Security.Certificate.Exec',
    'Backup.LocalRootPath',
  ])('%s belongs to a machine, or to a task', (key) => expect(isSafeSetting(key)).toBe(false));

  test('a new target is created with those that are safe', () => {
    const source = {
      Settings: { 'Query.RegexTimeoutInMs': '5', DataDir: '/x', 'Indexing.MapTimeoutInSec': null },
    };
    expect(safeSettings(source)).toEqual({ 'Query.RegexTimeoutInMs': '5' });
    expect(safeSettings({})).toEqual({});
  });

  test('are told by key as they are on the target', () => {
    const source = record({ Settings: { 'Query.RegexTimeoutInMs': '5', DataDir: '/x' } });
    const target = record({ Settings: { 'Query.RegexTimeoutInMs': '5', DataDir: '/y' } });
    expect(settingOutcomes(source, target, { keep: false })).toEqual([
      { setting: 'Settings', outcome: 'carried', advice: 'Query.RegexTimeoutInMs' },
      { setting: 'Settings', outcome: 'left out', advice: expect.stringMatching(/^DataDir: .*reload/) },
    ]);
  });
});

describe('one value covers another', () => {
  test.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null, c: {}, d: [], e: false }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ a: true }, { a: false }, false],
    [{ a: false }, { a: true }, false],
    [null, { a: null }, true],
    [null, { a: 1 }, false],
    [[1, 2], [1, 2], true],
    [[1, 2, 3], [1, 2], false],
    [{ a: 0 }, { a: 0 }, true],
    [{ a: null }, { a: 0 }, false],
  ])('%j and %j: %s', (whole, part, answer) => {
    expect(covers(whole, part)).toBe(answer);
  });
});
