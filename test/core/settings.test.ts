import { describe, expect, test } from 'vitest';
import { settingsAfterCopy, settingsBeforeCopy, settingsLeftOut } from '../../src/core/settings.ts';

const ADVICE = /^\w+: \S.{15,}$/;

describe('settings that are left out', () => {
  test.each([
    'Settings',
    'PeriodicBackups',
    'ExternalReplications',
    'SinkPullReplications',
    'HubPullReplications',
    'RavenEtls',
    'SqlEtls',
    'OlapEtls',
    'ElasticSearchEtls',
    'QueueEtls',
    'QueueSinks',
    'RavenConnectionStrings',
    'SqlConnectionStrings',
    'DocumentsCompression',
    'DataArchival',
    'Client',
    'Studio',
  ])('%s is listed with advice when it has a value', (field) => {
    const lines = settingsLeftOut({ DatabaseName: 'shop', [field]: { 'some/key': 'value' } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(ADVICE);
    expect(lines[0]).toMatch(new RegExp(`^${field}: `));
  });

  test.each([{}, [], null, undefined])('an empty one is not listed: %j', (empty) => {
    expect(settingsLeftOut({ Settings: empty, PeriodicBackups: empty, Client: empty })).toEqual([]);
  });

  test('lists of tasks count when there is a task', () => {
    expect(settingsLeftOut({ PeriodicBackups: [{ Name: 'nightly' }] })[0]).toMatch(/^PeriodicBackups: /);
  });

  test('a setting that is a plain value counts', () => {
    expect(settingsLeftOut({ Studio: 'on' })).toHaveLength(1);
    expect(settingsLeftOut({ Studio: 0 })).toHaveLength(1);
  });

  test('values never appear: a setting may hold a secret', () => {
    const record = {
      Settings: { 'Security.Key': 's3cret' },
      SqlConnectionStrings: { a: { Password: 's3cret' } },
    };
    expect(settingsLeftOut(record)).toHaveLength(2);
    expect(settingsLeftOut(record).join()).not.toContain('s3cret');
  });

  test('a record as a plain database has it has nothing left out', () => {
    const record = {
      DatabaseName: 'shop',
      Disabled: false,
      EtagForBackup: 12,
      Settings: {},
      Topology: { Members: ['A'], ReplicationFactor: 1 },
      PeriodicBackups: [],
      ExternalReplications: [],
      RavenEtls: [],
      Indexes: { Orders: {} },
      Client: null,
      Studio: null,
    };
    expect(settingsLeftOut(record)).toEqual([]);
  });
});

describe('settings that are carried', () => {
  test.each([...settingsBeforeCopy, ...settingsAfterCopy])('%s is not called left out', (field) => {
    expect(settingsLeftOut({ [field]: { Disabled: false } })).toEqual([]);
  });

  test('each travels once, before the copy or after it', () => {
    const all = [...settingsBeforeCopy, ...settingsAfterCopy];
    expect(new Set(all).size).toBe(all.length);
  });

  test('revisions come after the copy: imported documents would get one revision more', () => {
    expect(settingsBeforeCopy).not.toContain('Revisions');
    expect(settingsAfterCopy).toContain('Revisions');
  });

  test('analyzers and sorters come before the copy: indexes use them', () => {
    expect(settingsBeforeCopy).toEqual(expect.arrayContaining(['Analyzers', 'Sorters']));
  });
});
