import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SettingOutcome } from '../../../src/core/settings/settings.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { importRecord } from '../../../src/ravendb/requests/database-record.ts';
import { closeDatabase, openDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { analyzer } from '../../support/data/databases.ts';
import { ActivityBench } from '../../support/work/activities.ts';

let bench: ActivityBench;

beforeAll(async () => {
  bench = await ActivityBench.open();
});
afterAll(() => bench.close());
afterEach(async () => {
  for (const database of [bench.source, bench.target]) await bench.lock(database, 'Unlock');
});

const DAYS_OF_36_HOURS = 36 * 3600;

describe('settings of a database', () => {
  /** Everything that a server without license takes, and tasks, which arrive by import all the same. */
  async function setEverything(): Promise<void> {
    await bench.send('POST', 'admin/revisions/config', {
      Collections: { Users: { MinimumRevisionsToKeep: 2 } },
    });
    await bench.send('POST', 'admin/revisions/conflicts/config', { MinimumRevisionsToKeep: 2 });
    const bin = { Disabled: false, MinimumEntriesAgeToKeepInMin: 60, CleanerFrequencyInSec: 300 };
    await bench.send('POST', 'admin/revisions/bin-cleaner/config', bin);
    await bench.send('POST', 'admin/expiration/config', {
      Disabled: false,
      DeleteFrequencyInSec: DAYS_OF_36_HOURS,
    });
    await bench.send('POST', 'admin/refresh/config', {
      Disabled: false,
      RefreshFrequencyInSec: DAYS_OF_36_HOURS,
    });
    const names = { Collection: 'Users', TimeSeries: 'Heart', ValueNames: ['Bpm'] };
    await bench.send('POST', 'timeseries/names/config', names);
    await bench.send('PUT', 'admin/analyzers', { Analyzers: [analyzer('Own')] });
    await bench.send('PUT', 'admin/connection-strings', {
      Type: 'Raven',
      Name: 'r',
      Database: 'x',
      TopologyDiscoveryUrls: ['http://127.0.0.1:9'],
    });
    await bench.send('PUT', 'admin/connection-strings', {
      Type: 'Sql',
      Name: 's',
      ConnectionString: 'Password=s3cret',
      FactoryName: 'System.Data.SqlClient',
    });
    await bench.send('PUT', 'admin/connection-strings', {
      Type: 'Queue',
      Name: 'q',
      BrokerType: 'Kafka',
      KafkaConnectionSettings: { BootstrapServers: 'localhost:9' },
    });
    await bench.send('PUT', 'admin/configuration/settings', {
      'Indexing.MapTimeoutInSec': '30',
      'Tombstones.CleanupIntervalInMin': '7',
    });
    await bench.send('PUT', 'subscriptions', { Name: 'all users', Query: 'from Users' });
    await bench.stack.raven.http.json({
      doing: 'Setting the conflict solver',
      method: 'POST',
      path: `/admin/replication/conflicts/solver?name=${bench.source}`,
      json: { ResolveByCollection: { Users: { Script: 'return docs[0];' } } },
    });
    await bench.lock(bench.source, 'PreventDeletesError');
    const transforms = [{ Name: 't', Collections: ['Users'], Script: null }];
    const tasks = {
      PeriodicBackups: [
        {
          Name: 'nightly',
          BackupType: 'Backup',
          FullBackupFrequency: '0 0 1 1 *',
          LocalSettings: { FolderPath: '/tmp/none' },
        },
      ],
      ExternalReplications: [{ Name: 'away', ConnectionStringName: 'r', Database: 'x' }],
      RavenEtls: [{ Name: 'etl', ConnectionStringName: 'r', EtlType: 'Raven', Transforms: transforms }],
      QueueEtls: [
        {
          Name: 'queue',
          ConnectionStringName: 'q',
          EtlType: 'Queue',
          BrokerType: 'Kafka',
          Transforms: [{ ...transforms[0], Script: 'loadToX({})' }],
          Queues: [{ Name: 'X' }],
        },
      ],
    };
    const dump = { BuildVersion: 71000, DatabaseRecord: { DatabaseName: bench.source, ...tasks } };
    expect(
      await importRecord(new Database(bench.stack.raven, bench.source), dump, Object.keys(tasks)),
    ).toEqual([]);
  }

  /** An import brings them disabled. @param types by field of the record, as RavenDB names them */
  async function enableTasks(database: string, types: Record<string, string>): Promise<void> {
    const record = await bench.record(database);
    for (const [field, type] of Object.entries(types)) {
      for (const { TaskId } of record[field] as { TaskId: number }[])
        await bench.send(
          'POST',
          `admin/tasks/state?key=${TaskId}&type=${type}&disable=false`,
          undefined,
          database,
        );
    }
  }

  test('are carried where they can be, those that would disturb the copy last, and read back', async () => {
    await bench.databases({ withTarget: false });
    await setEverything();
    const input = bench.input();
    await bench.call('createTarget', input);
    await bench.call('prepareTarget', input);

    const [ours, prepared] = [await bench.record(bench.source), await bench.record(bench.target)];
    for (const field of [
      'Analyzers',
      'RavenConnectionStrings',
      'SqlConnectionStrings',
      'QueueConnectionStrings',
    ]) {
      expect(prepared[field], field).toEqual(ours[field]);
    }
    expect(prepared.Settings).toEqual({ 'Indexing.MapTimeoutInSec': '30' });
    for (const field of [
      'Revisions',
      'RevisionsForConflicts',
      'RevisionsBin',
      'Expiration',
      'Refresh',
      'TimeSeries',
    ]) {
      expect(prepared[field], field).toBeNull();
    }

    const outcomes = await bench.call('copySettings', input);
    const told = (outcome: SettingOutcome['outcome']) =>
      outcomes.filter((each) => each.outcome === outcome).map(({ setting }) => setting);
    expect(told('carried').toSorted((a, b) => a.localeCompare(b))).toEqual([
      'Analyzers',
      'ConflictSolverConfig',
      'Expiration',
      'ExternalReplications',
      'LockMode',
      'PeriodicBackups',
      'QueueConnectionStrings',
      'RavenConnectionStrings',
      'RavenEtls',
      'Refresh',
      'Revisions',
      'RevisionsBin',
      'RevisionsForConflicts',
      'Settings',
      'SqlConnectionStrings',
      'Subscriptions',
      'TimeSeries',
    ]);
    expect(told('refused')).toEqual(['QueueEtls']);
    expect(outcomes).toContainEqual({
      setting: 'Settings',
      outcome: 'left out',
      advice: expect.stringMatching(/^Tombstones\.CleanupIntervalInMin: /),
    });
    expect(JSON.stringify(outcomes)).not.toContain('s3cret');

    const theirs = await bench.record(bench.target);
    for (const field of [
      'Revisions',
      'RevisionsForConflicts',
      'RevisionsBin',
      'Expiration',
      'Refresh',
      'TimeSeries',
      'ConflictSolverConfig',
      'LockMode',
    ]) {
      expect(theirs[field], field).toEqual(ours[field]);
    }
    for (const field of ['PeriodicBackups', 'ExternalReplications', 'RavenEtls']) {
      expect(theirs[field], field).toEqual([expect.objectContaining({ Disabled: true })]);
    }
    const subscriptions = await bench.send(
      'GET',
      'subscriptions?start=0&pageSize=9',
      undefined,
      bench.target,
    );
    expect(subscriptions).toMatchObject({
      Results: [{ SubscriptionName: 'all users', Query: 'from Users', Disabled: true }],
    });

    await enableTasks(bench.source, { PeriodicBackups: 'Backup', RavenEtls: 'RavenEtl' });
    const left = await bench.call('leftToDo', input);
    expect(left.map(({ about, text }) => [about, text.split(':')[0]])).toEqual([
      ['PeriodicBackups', '"nightly"'],
      ['RavenEtls', '"etl"'],
      ['PeriodicBackups', expect.stringMatching(/^No periodic backup runs/)],
      ['Subscriptions', '"all users"'],
    ]);
    // as behind a fence
    await closeDatabase(bench.both.source);
    expect(await bench.call('leftToDo', input)).toEqual(left);
    await openDatabase(bench.both.source);

    expect(await bench.call('copySettings', input)).toEqual(outcomes);
    expect((await bench.record(bench.target)).PeriodicBackups).toEqual(theirs.PeriodicBackups);
  });

  test('that change before the last step are carried as they are then', async () => {
    await bench.databases({ withTarget: false });
    await bench.send('PUT', 'admin/analyzers', { Analyzers: [analyzer('Own')] });
    const input = bench.input();
    await bench.call('createTarget', input);
    await bench.call('prepareTarget', input);
    await bench.send('PUT', 'admin/analyzers', {
      Analyzers: [{ ...analyzer('Own'), Code: `${analyzer('Own').Code} // changed` }],
    });
    expect(await bench.call('copySettings', input)).toEqual([
      { setting: 'Analyzers', outcome: 'carried', advice: '' },
    ]);
    expect((await bench.record(bench.target)).Analyzers).toEqual(
      (await bench.record(bench.source)).Analyzers,
    );
  });

  test('of a target that was there before stay', async () => {
    await bench.databases({ withTarget: true });
    const { target } = bench;
    const expiring = (times: number) => ({ Disabled: false, DeleteFrequencyInSec: times * DAYS_OF_36_HOURS });
    await bench.send('POST', 'admin/expiration/config', expiring(1), target);
    await bench.send('POST', 'admin/expiration/config', expiring(2));
    await bench.send(
      'PUT',
      'admin/analyzers',
      { Analyzers: [{ ...analyzer('Own'), Code: `${analyzer('Own').Code} ` }] },
      target,
    );
    await bench.send('PUT', 'admin/analyzers', { Analyzers: [analyzer('Own')] });
    await bench.send('POST', 'admin/refresh/config', {
      Disabled: false,
      RefreshFrequencyInSec: DAYS_OF_36_HOURS,
    });
    const before = await bench.record(target);

    const input = bench.input({ allowExistingData: true });
    await bench.call('createTarget', input);
    await bench.call('prepareTarget', input);
    expect(await bench.call('copySettings', input)).toEqual([
      {
        setting: 'Analyzers',
        outcome: 'left out',
        advice: expect.stringMatching(/^"Own": the target kept another one/),
      },
      { setting: 'Expiration', outcome: 'left out', advice: expect.stringContaining('its own') },
      { setting: 'Refresh', outcome: 'carried', advice: '' },
    ]);
    const after = await bench.record(target);
    expect([after.Analyzers, after.Expiration]).toEqual([before.Analyzers, before.Expiration]);
  });
});
