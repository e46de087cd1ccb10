import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanResult } from '../../../src/core/run/results.ts';
import { temporaryDatabase } from '../../../src/engine/work/temporary-database.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { Application } from '../../support/data/application.ts';
import { createItems, lastingRecord, putDocument } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { finishEqual } from '../../support/oracle/finish-equal.ts';
import { Gate } from '../../support/servers/gate.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { Migration, Stack, until } from '../../support/servers/stack.ts';
import { ActivityBench } from '../../support/work/activities.ts';

const ITEMS = 1_500;

describe('a migration that was terminated in its copy', () => {
  let stack: Stack;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  /** Comes back in the middle of a copy. @param from an existing source */
  async function copying(from?: string): Promise<Migration> {
    source = from ?? stack.databaseName('source');
    target = stack.databaseName('target');
    if (!from) await createItems(stack.raven, source, ITEMS);
    const migration = await stack.migrate(source, { target, input: { maxItemsPerSecond: 300 } });
    await until('some of it is copied', async () => {
      const { transferred } = await migration.reaches('copying');
      return (transferred?.items ?? 0) > 0;
    });
    return migration;
  }

  async function finish(migration: Migration): Promise<void> {
    await finishEqual(stack, migration, { source, target });
    const indexes = await new Application(stack.raven, source).send('GET', 'indexes?namesOnly=true');
    expect(indexes).not.toContain('Shardlift/');
  }

  test('goes on under the same id when that is asked for, and only then', async () => {
    const terminated = await copying();
    await terminated.handle.terminate('lost');
    const application = new Application(stack.raven, source);
    for (let n = 0; n < 6; n++) await application.delete(`items/${n}`);
    await application.put('items/5', '{"moved":1.50,"@metadata":{"@collection":"Elsewhere"}}');
    await application.put('items/new', '{"new":1.50,"@metadata":{"@collection":"Items"}}');

    const again = { target, workflowId: terminated.id };
    const refused = await stack.migrate(source, again);
    expect((await refused.failure()).message).toMatch(/contains [\d,]+ documents/);
    const { checks } = await stack.report(terminated.id);
    expect(checks).toContainEqual({
      name: 'earlier run',
      status: 'warning',
      message: expect.stringContaining('With "resumeEarlierRun": true, this run goes on'),
    });

    const resumed = await stack.migrate(source, { ...again, input: { resumeEarlierRun: true } });
    await finish(resumed);
    const { notes } = await stack.report(resumed.id);
    expect(notes.map(({ text }) => text)).toContain(
      'This run goes on with what an earlier run of this workflow has left on the target.',
    );
  });

  test('leaves what a plan names and a cleanup removes; then the source is as it was', async () => {
    source = stack.databaseName('source');
    await createItems(stack.raven, source, ITEMS);
    const before = await lastingRecord(stack.raven, source);
    const other = await copying(source);
    // as a worker leaves it that dies while it tries something
    const temporary = temporaryDatabase(other.id, 'sample');
    const shards = { shards: 2, replicationFactor: 1 };
    await createShardedDatabase(new Database(stack.raven, temporary), shards);
    const left = [
      `temporary database "${temporary}" on local/${temporary}`,
      `tombstone index "Shardlift/KeepTombstones/${other.id}" on local/${source}`,
      `claim "${other.id}" on local/${target}`,
    ];
    const places = ['--source', `local/${source}`, '--target', `local/${target}`];
    const cleanup = async (...more: string[]) => {
      const { code, stdout, stderr } = await shardlift(stack, 'cleanup', ...places, ...more).ended;
      expect(code, stderr).toBe(0);
      return stdout.replaceAll(/\s+/g, ' ');
    };
    const running = await cleanup('--yes');
    for (const each of left) expect(running).toContain(`${each}: in use by a running workflow`);
    await other.handle.terminate('lost');
    const plan = await stack.start(
      {
        source: { connection: 'local', database: source },
        target: { connection: 'local', database: stack.databaseName('planned'), shards: 1 },
      },
      undefined,
      'planMigration',
    );
    const { checks } = (await plan.handle.result()) as PlanResult;
    expect(checks.find(({ name }) => name === 'leftovers')?.message).toContain(
      '`shardlift cleanup` removes it',
    );
    const listed = await cleanup();
    for (const each of left) expect(listed).toContain(`${each}: left behind`);
    const removed = await cleanup('--yes');
    for (const each of left) expect(removed).toContain(`${each}: removed`);
    expect(await lastingRecord(stack.raven, source)).toEqual(before);
    expect(await cleanup()).toContain('Nothing was left behind.');
  });

  test('goes on after a reset by itself', async () => {
    const migration = await copying();
    const { events } = await migration.handle.fetchHistory();
    const first = events?.find(({ workflowTaskCompletedEventAttributes: completed }) => completed);
    await stack.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: migration.id, runId: (await migration.handle.describe()).runId },
      reason: 'a test',
      requestId: 'reset',
      workflowTaskFinishEventId: first?.eventId ?? null,
    });
    const reset = stack.client.workflow.getHandle(migration.id);
    await reset.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
    await finish(new Migration(reset));
  });
});

describe('a migration that was terminated while completing', () => {
  let stack: Stack;
  let gate: Gate;

  beforeAll(async () => {
    stack = await Stack.open();
    gate = await Gate.before(stack.addresses.ravendbUrl);
    stack.ravendbUrlForWorker = gate.url;
    await stack.startWorker();
  });
  afterAll(async () => {
    await gate?.close();
    await stack?.close();
  });

  test('leaves a target that serves: no run goes on with it, and a cleanup puts the source right', async () => {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, 50);
    const before = await lastingRecord(stack.raven, source);
    const removing = gate.hold(/^DELETE \S+\/indexes\?name=Shardlift/);
    const terminated = await stack.migrate(source, { target });
    await terminated.reaches('awaiting-approval');
    await terminated.approve();
    await removing;
    expect((await terminated.progress()).phase).toBe('completing');
    await terminated.handle.terminate('lost');
    gate.open();
    const resumed = await stack.migrate(source, {
      target,
      workflowId: terminated.id,
      input: { resumeEarlierRun: true },
    });
    expect(await resumed.failure()).toMatchObject({
      type: 'PlanBlocked',
      message: expect.stringMatching(/cut over at \S+: the target serves, and no run goes on with it/),
    });
    const [ofSource, ofTarget] = [source, target].map((database) => ({ connection: 'local', database }));
    const cleanup = { source: ofSource, target: ofTarget, remove: true };
    await (await stack.start(cleanup, undefined, 'removeLeftovers')).handle.result();
    expect(await lastingRecord(stack.raven, source)).toEqual(before);
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });
});

describe('a plan beside the claim of an earlier run of its workflow', () => {
  let bench: ActivityBench;

  beforeAll(async () => {
    bench = await ActivityBench.open();
    await bench.databases({ withTarget: true });
    await putDocument(bench.stack.raven, bench.target, 'a/1', '{"@metadata":{"@collection":"A"}}');
  });
  afterAll(() => bench.close());

  async function resumes(fields: { resumeEarlierRun?: boolean; firstRunId?: string }): Promise<boolean> {
    const { resumes: answer } = await bench.call('plan', { ...bench.input(), ...fields });
    return answer ?? false;
  }

  async function claim(fields: { allowExistingData?: boolean; source?: string } = {}): Promise<void> {
    const { allowExistingData = false, source: other } = fields;
    const { source, target } = bench.input({ allowExistingData });
    const of = { ...source, database: other ?? source.database };
    const firstRunId = `run ${JSON.stringify(fields)}`;
    await bench.call('claimTarget', { source: of, target, firstRunId });
  }

  test('goes on where it was asked to, or where the run is the same', async () => {
    expect(await resumes({ resumeEarlierRun: true })).toBe(false);
    await claim();
    expect(await resumes({})).toBe(false);
    expect(await resumes({ resumeEarlierRun: true })).toBe(true);
    expect(await resumes({ firstRunId: 'run {}' })).toBe(true);
  });

  test('never goes on where documents of others may be, or those of another source', async () => {
    await claim({ allowExistingData: true });
    expect(await resumes({ resumeEarlierRun: true })).toBe(false);
    await claim({ source: 'another' });
    expect(await resumes({ resumeEarlierRun: true })).toBe(false);
  });

  test('never goes on once the target serves', async () => {
    await claim();
    const { source, target } = bench.input();
    const position = await bench.call('readPosition', source);
    const served = { source, target, firstRunId: 'run {}' };
    await bench.call('assertSourceUnchanged', { source, position, claim: served });
    expect(await resumes({ resumeEarlierRun: true })).toBe(false);
    expect(await resumes({ firstRunId: 'run {}' })).toBe(false);
    const { checks } = await bench.call('plan', { ...bench.input(), resumeEarlierRun: true });
    expect(checks.find(({ name }) => name === 'earlier run')?.message).toContain('the target serves');
  });
});
