/**
 * Replication on a real server. Without a license that goes as far as the refusal; the whole of it, by RavenDB itself,
 * runs where the environment brings a license (`RAVEN_License` or `RAVEN_License_Path`, which the tests' RavenDB
 * takes). It was written without one, and has not run yet; the same tests run with a stand-in in `replication-run.e2e.ts`.
 */
import type { ApplicationFailure } from '@temporalio/activity';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { MigrateDatabaseConfig } from '../../../src/core/contract/contract.ts';
import { checkReplicating } from '../../../src/engine/replication/check-replication.ts';
import { replicationName } from '../../../src/engine/replication/replication-task.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { exportRecord, importRecord } from '../../../src/ravendb/requests/database-record.ts';
import { databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import {
  deleteConnectionString,
  findReplication,
  putConnectionString,
  replicationTask,
  sentByTask,
  whyUnreachable,
} from '../../../src/ravendb/requests/replication.ts';
import { serverInfo } from '../../../src/ravendb/requests/server.ts';
import { readPosition, storageStats } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createNorthwind } from '../../support/data/databases.ts';
import { ownParts, replicate, replicationTests } from '../../support/servers/replication-tests.ts';
import { Stack } from '../../support/servers/stack.ts';
import { ActivityBench } from '../../support/work/activities.ts';

const NAME = 'Shardlift/Replication/of-a-test';
/** The workflow that activities without one belong to. */
const BENCH_NAME = replicationName('test');
const NOWHERE = 'http://127.0.0.1:9';

const server = RavenConnection.open('test', { urls: [inject('ravendbUrl')] });
const { license, licenseFlags } = await serverInfo(server);
server.close();
const licensed = licenseFlags.HasExternalReplication === true;
const LICENSED = 'the license of the server allows external replication';

describe('replication on a server whose license does not allow it', () => {
  let bench: ActivityBench;
  let config: MigrateDatabaseConfig;

  beforeAll(async () => {
    bench = await ActivityBench.open();
  });
  afterAll(() => bench.close());
  beforeEach(async ({ skip }) => {
    skip(licensed, LICENSED);
    await bench.databases({ withTarget: true });
    config = { ...bench.input(), method: 'replication' };
  });

  const raven = () => bench.stack.raven;
  const urls = () => [bench.stack.addresses.ravendbUrl];

  async function transfer() {
    return { ...config, from: await readPosition(new Database(raven(), bench.source)) };
  }

  test('the plan says so at once, names the way that needs none, and looks whether the way is free', async () => {
    const { checks } = await bench.call('plan', config);
    expect(checks).toContainEqual({
      name: 'license for replication',
      status: 'blocker',
      message: expect.stringMatching(
        /^The source server's license is "None"\. .*HasExternalReplication.*method "stream"/,
      ),
    });
    expect(checks).toContainEqual(expect.objectContaining({ name: 'way to the target', status: 'ok' }));
    expect(await ownParts(bench.stack, bench.source)).toEqual([]);
  });

  test('the task is refused for good in one sentence, and nothing is left on the source', async () => {
    const started = bench.call('startReplication', await transfer());
    const failure = (await started.catch((error) => error)) as ApplicationFailure;
    expect(failure).toMatchObject({ type: 'LicenseLimitException', nonRetryable: true });
    expect(failure.message).toMatch(
      /^Creating the replication task failed at database ".+" on connection "local": LicenseLimitException\. .+ method "stream"/,
    );
    expect(failure.message).not.toContain('127.0.0.1');
    expect(await ownParts(bench.stack, bench.source)).toEqual([]);
  });

  test('to pause or to take away what is not there is fine, and changes nothing', async () => {
    const before = await databaseRecord(new Database(raven(), bench.source));
    await bench.call('pauseReplication', config.source);
    await bench.call('removeReplication', config.source);
    expect(await databaseRecord(new Database(raven(), bench.source))).toEqual(before);
  });

  test('a connection string is made, found, led elsewhere, and deleted; twice does no harm', async () => {
    const destination = { database: bench.target, urls: urls() };
    const none = { destination: undefined, task: undefined };
    expect(await findReplication(new Database(raven(), bench.source), NAME)).toEqual(none);
    for (const _ of [1, 2]) await putConnectionString(new Database(raven(), bench.source), NAME, destination);
    expect(await findReplication(new Database(raven(), bench.source), NAME)).toEqual({
      destination,
      task: undefined,
    });
    const elsewhere = { database: 'elsewhere', urls: [NOWHERE, ...urls()] };
    await putConnectionString(new Database(raven(), bench.source), NAME, elsewhere);
    expect((await findReplication(new Database(raven(), bench.source), NAME)).destination).toEqual(elsewhere);
    for (const _ of [1, 2]) await deleteConnectionString(new Database(raven(), bench.source), NAME);
    expect(await findReplication(new Database(raven(), bench.source), NAME)).toEqual(none);
    expect(await findReplication(new Database(raven(), 'there-is-none'), NAME)).toEqual(none);
  });

  /** A record may hold a task that does not run, whatever the license. */
  async function putRestingTask(name: string): Promise<void> {
    await putConnectionString(new Database(raven(), bench.source), name, {
      database: bench.target,
      urls: urls(),
    });
    const dump = await exportRecord(new Database(raven(), bench.source), ['ExternalReplications']);
    const task = {
      TaskId: 0,
      Name: name,
      ConnectionStringName: name,
      Database: bench.target,
      Disabled: true,
    };
    dump.DatabaseRecord = { ...dump.DatabaseRecord, ExternalReplications: [task] };
    await importRecord(new Database(raven(), bench.source), dump, ['ExternalReplications']);
  }

  test('a task is found, read and taken away with its connection string', async () => {
    await putRestingTask(BENCH_NAME);
    const { task } = await findReplication(new Database(raven(), bench.source), BENCH_NAME);
    expect(task).toEqual({ id: expect.any(Number), disabled: true });
    expect(await replicationTask(new Database(raven(), bench.source), task?.id ?? 0)).toMatchObject({
      TaskState: 'Disabled',
      TaskConnectionStatus: 'NotActive',
      ResponsibleNode: { NodeTag: 'A' },
    });
    expect(await sentByTask(new Database(raven(), bench.source), BENCH_NAME, 'A')).toBeUndefined();
    await bench.call('pauseReplication', config.source);
    await bench.call('removeReplication', config.source);
    expect(await ownParts(bench.stack, bench.source)).toEqual([]);
    expect(await replicationTask(new Database(raven(), bench.source), task?.id ?? 0)).toBeUndefined();
  });

  test('a task that an earlier run has left, and that leads elsewhere, is not taken for ours', async () => {
    await putRestingTask(BENCH_NAME);
    const elsewhere = { database: 'elsewhere', urls: [NOWHERE] };
    await putConnectionString(new Database(raven(), bench.source), BENCH_NAME, elsewhere);
    const started = bench.call('startReplication', await transfer());
    await expect(started).rejects.toMatchObject({ type: 'LicenseLimitException' });
    expect(await ownParts(bench.stack, bench.source)).toEqual([]);
  });

  test('it stays on the source when settings are carried; the conflict solver goes before the first document', async () => {
    await putRestingTask(NAME);
    await raven().http.json({
      doing: 'Setting the conflict solver',
      method: 'POST',
      path: `/admin/replication/conflicts/solver?name=${bench.source}`,
      json: { ResolveByCollection: { Users: { Script: 'return docs[0];' } }, ResolveToLatest: false },
    });
    await bench.call('createTarget', config);
    await bench.call('prepareTarget', config);
    const prepared = await bench.record(bench.target);
    expect(prepared.ConflictSolverConfig).toMatchObject({
      ResolveByCollection: { Users: { Script: 'return docs[0];' } },
    });
    const outcomes = await bench.call('copySettings', config);
    expect(JSON.stringify(outcomes)).not.toContain(NAME);
    const { RavenConnectionStrings, ExternalReplications } = await bench.record(bench.target);
    expect([RavenConnectionStrings, ExternalReplications]).toEqual([{}, []]);
  });

  test('the source tries the way to the target: what is wrong is told without addresses', async () => {
    const [url = ''] = urls();
    expect(await whyUnreachable(raven(), url, bench.target)).toBeUndefined();
    expect(await whyUnreachable(raven(), url)).toBeUndefined();
    expect(await whyUnreachable(raven(), url, 'there-is-none')).toBe(
      "Database 'there-is-none' does not exist.",
    );
    expect(await whyUnreachable(raven(), NOWHERE, bench.target)).toBe('Connection refused');

    const astray = RavenConnection.open('astray', { urls: urls(), replicationUrls: [NOWHERE] });
    const info = await serverInfo(raven());
    const input = { ...config, maxItemsPerSecond: 5 };
    const databases = { ...bench.both, target: new Database(astray, bench.target) };
    const checks = await checkReplicating(input, info, databases).finally(() => astray.close());
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['license for replication', 'blocker'],
      ['way to the target', 'blocker'],
      ['speed limit', 'warning'],
    ]);
    expect(checks[1]?.message).toMatch(/\(Connection refused\).*replicationUrls/);
    expect(checks[1]?.message).not.toContain('127.0.0.1');
  });

  test('a source keeps counting from the etag of a deletion that it has forgotten', async () => {
    const application = new Application(raven(), bench.source);
    await application.put('users/1', '{}');
    await application.put('users/2', '{}');
    await application.delete('users/2');
    await application.send('POST', 'admin/tombstones/cleanup');
    const stats = await bench.send<{ CountOfTombstones: number; LastDocEtag: number }>('GET', 'stats');
    expect(stats.CountOfTombstones).toBe(0);
    const { lastEtag } = await storageStats(new Database(raven(), bench.source), 'A');
    expect(lastEtag).toBeGreaterThan(stats.LastDocEtag);
  });
});

describe('both workflow types', () => {
  let stack: Stack;
  let source: string;

  beforeEach(({ skip }) => skip(licensed, LICENSED));
  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker();
    source = stack.databaseName('source');
    await createNorthwind(stack.raven, source);
  });
  afterAll(() => stack.close());

  test.each(['replicateDatabase', 'migrateDatabase'] as const)('%s ends with the plan', async (type) => {
    const target = stack.databaseName('target');
    const before = await databaseRecord(new Database(stack.raven, source));
    const migration =
      type === 'replicateDatabase'
        ? await replicate(stack, source, target)
        : await stack.migrate(source, { target, input: { method: 'replication' } });
    const { type: kind, message } = await migration.failure();
    expect(kind).toBe('PlanBlocked');
    expect(message).toContain('Use migrateDatabase with method "stream"');
    expect(message).toContain('Nothing was changed on source or target.');
    expect(await databaseRecord(new Database(stack.raven, source))).toEqual(before);
    expect(await databaseRecord(new Database(stack.raven, target))).toBeUndefined();
    expect((await stack.report(migration.id)).input.method).toBe('replication');
  });

  test('what is wrong with an input of replicateDatabase is told in its name', async () => {
    const input = { source: { connection: 'local', database: source }, method: 'stream' };
    const migration = await stack.start(input, undefined, 'replicateDatabase');
    const { type, message } = await migration.failure();
    expect(type).toBe('InvalidInput');
    expect(message).toMatch(
      /^Invalid input of replicateDatabase: target is missing .*; method is not a field/,
    );
  });
});

describe('replication by RavenDB itself', () => {
  const reason = `the license of the server (${license}) does not allow it; set RAVEN_License or RAVEN_License_Path`;
  let stack: Stack;

  beforeEach(({ skip }) => skip(!licensed, reason));
  beforeAll(async () => {
    stack = await Stack.open();
    if (licensed) await stack.startWorker();
  });
  afterAll(() => stack.close());

  replicationTests(() => stack);
});
