import { describe, expect, test } from 'vitest';
import { settingKinds } from '../../../src/core/settings/setting-kinds.ts';
import {
  type RecordFields,
  settingOutcomes,
  settingsForecast,
  settingsToSend,
  trimmedRecord,
} from '../../../src/core/settings/settings.ts';

const BEFORE: RecordFields = {
  Analyzers: { it: { Name: 'it', Code: 'x' } },
  Sorters: { it: { Name: 'it', Code: 'x' } },
  DocumentsCompression: { Collections: ['Orders'] },
  RavenConnectionStrings: { it: { Name: 'it' } },
  SqlConnectionStrings: { it: { Name: 'it' } },
  OlapConnectionStrings: { it: { Name: 'it' } },
  ElasticSearchConnectionStrings: { it: { Name: 'it' } },
  QueueConnectionStrings: { it: { Name: 'it' } },
  SnowflakeConnectionStrings: { it: { Name: 'it' } },
  AiConnectionStrings: { it: { Name: 'it' } },
  ConflictSolverConfig: { ResolveToLatest: true },
};
const VALUES_AFTER: RecordFields = {
  TimeSeries: { Collections: { Orders: { Disabled: false } } },
  Revisions: { Default: { Disabled: false } },
  RevisionsForConflicts: { Disabled: false },
  RevisionsBin: { MaxItemsToProcess: 5 },
  Expiration: { Disabled: false },
  Refresh: { Disabled: false },
  DataArchival: { Disabled: false },
  SchemaValidation: { Disabled: false },
  Client: { MaxNumberOfRequestsPerSession: 5 },
  Studio: { Environment: 'Production' },
  LockMode: 'PreventDeletesError',
};
const TASKS: RecordFields = {
  PeriodicBackups: [{ Name: 'it' }],
  ExternalReplications: [{ Name: 'it' }],
  RavenEtls: [{ Name: 'it' }],
  SqlEtls: [{ Name: 'it' }],
  OlapEtls: [{ Name: 'it' }],
  ElasticSearchEtls: [{ Name: 'it' }],
  SnowflakeEtls: [{ Name: 'it' }],
};
/** A record with each setting that can be carried, as RavenDB writes it. */
const FULL: RecordFields = { ...BEFORE, ...VALUES_AFTER, ...TASKS };

/** The same record of a new database. */
const EMPTY: RecordFields = Object.fromEntries(
  Object.entries(FULL).map(([field, value]) => {
    if (field === 'LockMode') return [field, 'Unlock'];
    if (field in TASKS) return [field, []];
    return [field, JSON.stringify(value).startsWith('{"it"') ? {} : null];
  }),
);

function sent(phase: 'before' | 'after', source = FULL) {
  return settingsToSend(source, EMPTY, { phase, keep: false });
}

const fieldsOf = (send: ReturnType<typeof settingsToSend>) =>
  new Set([...send.keys()].map(({ field }) => field));

/** The advice on settings that are on both sides. */
function adviceOn(field: string, there: unknown = FULL[field]): string | undefined {
  const target = { ...EMPTY, [field]: there };
  const outcomes = settingOutcomes({ ...EMPTY, [field]: FULL[field] }, target, { keep: false });
  return outcomes.find(({ outcome }) => outcome === 'carried')?.advice;
}

const disabled = [{ Name: 'it', Disabled: true }];

describe('of a database with every setting', () => {
  test('all are carried, and those that would change the copied data only after it', () => {
    expect(fieldsOf(sent('before'))).toEqual(new Set(Object.keys(BEFORE)));
    expect(fieldsOf(sent('after'))).toEqual(new Set(Object.keys(FULL)));
  });

  test('values go as a whole, and parts by their names', () => {
    for (const [{ field }, what] of sent('after'))
      expect([field, what]).toEqual([
        field,
        Array.isArray(EMPTY[field]) || isNamed(field) ? new Set(['it']) : 'all',
      ]);
  });

  test('nothing travels that is not to be sent, but for the lock mode, which its item selects', () => {
    const { UnusedDatabaseIds, ...trimmed } = trimmedRecord(FULL, new Map());
    expect(trimmed).toEqual({ ...EMPTY, LockMode: FULL.LockMode });
    expect(UnusedDatabaseIds).toEqual([]);
  });

  test('each is told of as it is on the target, field by field', () => {
    const told = settingOutcomes(FULL, FULL, { keep: false });
    expect(new Set(told.map(({ setting }) => setting))).toEqual(new Set(Object.keys(FULL)));
    expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['carried']));
  });
});

function isNamed(field: string): boolean {
  return field.endsWith('ConnectionStrings') || ['Analyzers', 'Sorters'].includes(field);
}

test('RavenDB imports a setting by the name of its field, and has no name for two of them', () => {
  const others = settingKinds.filter(({ field, item }) => item !== field);
  expect(Object.fromEntries(others.map(({ field, item }) => [field, item]))).toEqual({
    // they travel with the other revisions
    RevisionsForConflicts: 'Revisions',
    RevisionsBin: undefined,
    Studio: undefined,
  });
});

test.each([
  ['DocumentsCompression', 'HasDocumentsCompression'],
  ['DataArchival', 'HasDataArchival'],
  ['Client', 'HasClientConfiguration'],
  ['Studio', 'HasStudioConfiguration'],
])('%s is refused by a license without %s, and nothing else is', (field, flag) => {
  expect(settingsForecast(FULL, { [flag]: false })).toEqual([
    { setting: field, outcome: 'refused', advice: `the target's license does not allow it (${flag})` },
  ]);
});

describe('a person is told what to do', () => {
  test.each(Object.keys(TASKS))('%s are to be enabled by hand, on one side only', (field) => {
    expect(adviceOn(field, disabled)).toMatch(/^"it": it is disabled .* both sides.*enable it on the target/);
  });

  test.each(Object.keys(TASKS).filter((field) => field !== 'PeriodicBackups'))('%s start anew', (field) => {
    expect(adviceOn(field, disabled)).toContain('It starts from the first document again');
  });

  test('a backup needs a folder of its own, and a destination of replication may see conflicts', () => {
    expect(adviceOn('PeriodicBackups', disabled)).toContain('a folder of its own');
    expect(adviceOn('ExternalReplications', disabled)).toContain('may see conflicts');
  });

  test('a custom sorter is of no use, and a lock keeps the target from being deleted', () => {
    expect(adviceOn('Sorters')).toBe('"it": queries of a sharded database cannot sort by a custom sorter');
    expect(adviceOn('LockMode')).toBe('the target cannot be deleted while it is locked');
  });
});

test('what describes the database itself is no setting, and nobody is told of it', () => {
  const own: RecordFields = {
    DatabaseName: 'Shop',
    Disabled: true,
    EtagForBackup: 5,
    Etag: 7,
    DeletionInProgress: { A: 'HardDelete' },
    RollingIndexes: { I: { ActiveDeployments: { A: { State: 'Done' } } } },
    DatabaseState: 'Normal',
    Topology: { Members: ['A'] },
    Sharding: { Shards: { 0: { Members: ['A'] } } },
    Indexes: { I: { Name: 'I' } },
    AutoIndexes: { 'Auto/I': { Name: 'Auto/I' } },
    TruncatedClusterTransactionCommandsCount: 3,
    SupportedFeatures: ['ThrowRevisionKeyTooBigFix'],
  };
  expect(settingOutcomes(own, own, { keep: false })).toEqual([]);
  expect(settingsForecast(own, {})).toEqual([]);
});

test.each([
  ['IndexesHistory', { I: [{ Source: 'x' }] }, 'starts again on the target'],
  ['UnusedDatabaseIds', ['abc'], 'mean nothing to another database'],
])('%s is left out on purpose: no plan warns of it, the report says why', (setting, value, why) => {
  expect(settingsForecast({ [setting]: value }, {})).toEqual([]);
  expect(settingOutcomes({ [setting]: value }, EMPTY, { keep: false })).toEqual([
    { setting, outcome: 'left out', advice: expect.stringContaining(why) },
  ]);
});
