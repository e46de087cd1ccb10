/** Takes long: many plans, some of which copy a sample. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { phasesWithWayBack } from '../../../src/core/contract/phases.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { RunReport } from '../../../src/core/run/report.ts';
import { isTemporary, temporaryDatabase } from '../../../src/engine/work/temporary-database.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseNames, databaseRecord } from '../../../src/ravendb/requests/databases.ts';
import { storageStats } from '../../../src/ravendb/requests/statistics.ts';
import { holdName } from '../../../src/ravendb/requests/tombstones.ts';
import { Application } from '../../support/data/application.ts';
import { fullBackup } from '../../support/data/backups.ts';
import { deleteDatabases, putItems } from '../../support/data/databases.ts';
import { SHARED_NAME } from '../../support/data/shared-everything.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { Migration, Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';
import { newSource, type Planned, plan, planInput, side, statuses } from '../../support/work/planning.ts';

/** How `databaseName` of a stack ends. */
const OF_TESTS = /-[0-9a-f]{8}$/;

let stack: Stack;
let worker: WorkerProcess;

beforeAll(async () => {
  stack = await Stack.open();
  worker = await stack.startWorker();
});
afterAll(() => stack.close());

/** Names of all databases but those that tests have made, here or in another file that runs beside this one. */
async function databases(): Promise<string[]> {
  const names = await databaseNames(stack.raven);
  return names.filter((name) => !OF_TESTS.test(name) && name !== SHARED_NAME);
}

/** What a run has made for its sample, and not deleted yet. */
async function samplesOf(workflowId: string): Promise<string[]> {
  return (await databases()).filter((name) => name === temporaryDatabase(workflowId, 'sample'));
}

/** What was there before, and the temporary databases of other runs. */
async function expectNothingLeft(workflowId: string, before: string[]): Promise<void> {
  const lasting = (names: string[]) => names.filter((name) => !isTemporary(name));
  expect(new Set(lasting(await databases()))).toEqual(new Set(lasting(before)));
  expect(await samplesOf(workflowId)).toEqual([]);
}

describe('a plan', () => {
  test('of a source without trouble finds none, tells all, and leaves nothing', async () => {
    const source = await newSource(stack);
    await putItems(stack.raven, source, 5_000);
    const [before, stats] = [await databases(), await storageStats(new Database(stack.raven, source))];
    const input = planInput(stack, source);
    const planned = await plan(stack, input);

    expect(planned).toMatchObject({ phase: 'completed', possible: true, notCarried: [] });
    expect(statuses(planned)).toEqual({});
    expect(planned.steps.map(({ phase }) => phase)).toEqual(
      // RavenDB can keep writers out here, and so the cutover can be taken back
      phasesWithWayBack('migrateDatabase', false),
    );
    expect(planned.notDone[0]).toContain(`Nothing is ever deleted from the source "${source}"`);
    expect(planned.forecast).toMatchObject({ documents: 5_000, anchored: { documents: 0 } });
    expect(planned.forecast?.shards.reduce((sum, { documents }) => sum + documents, 0)).toBe(5_000);
    const { estimate } = planned;
    expect(estimate?.sample.documents).toBe(5_000);
    for (const range of [estimate?.copySeconds, estimate?.verificationSeconds]) {
      expect(range?.from).toBeGreaterThan(0);
      expect(range?.to).toBeGreaterThan(range?.from ?? 0);
    }
    const report = JSON.parse(await readFile(planned.reportPath, 'utf8')) as RunReport;
    const { forecast, steps } = planned;
    expect(report).toMatchObject({ phase: 'completed', input, plan: { possible: true, forecast, steps } });

    const page = await new Migration(stack.client.workflow.getHandle(planned.workflowId)).page();
    expect(page).toContain('- A migration is possible.\n- Shards: 0 gets 1,');

    await expectNothingLeft(planned.workflowId, before);
    expect(await storageStats(new Database(stack.raven, source))).toEqual({
      ...stats,
      sizeOnDiskBytes: expect.any(Number),
    });
    expect((await databaseRecord(new Database(stack.raven, source)))?.Indexes).toEqual({});
  });

  test('names what a terminated workflow has left on the source, and nothing of one that runs', async () => {
    const source = await newSource(stack);
    await putItems(stack.raven, source, 10);
    const gone = await stack.migrate(source);
    await gone.reaches('awaiting-approval');
    await gone.handle.terminate();
    const running = await stack.migrate(source);
    await running.reaches('awaiting-approval');
    const { checks } = await plan(stack, planInput(stack, source));
    const leftovers = checks.filter(({ name }) => name === 'leftovers');
    expect(leftovers).toMatchObject([
      { status: 'warning', message: expect.stringContaining(holdName(gone.id)) },
    ]);
    await running.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    await running.failure();
  });

  test('of an empty source says that there was nothing to measure', async () => {
    const planned = await plan(stack, planInput(stack, await newSource(stack)));
    expect(planned).toMatchObject({ possible: true, estimate: null, forecast: { documents: 0, skew: 1 } });
    expect(planned.estimateNote).toContain('The source is empty');
  });

  test('by the method backup reads the files, and refuses those of another database', async () => {
    const [source, other] = [await newSource(stack), await newSource(stack)];
    for (const database of [source, other]) await putItems(stack.raven, database, 10);
    const path = join(stack.directory, source);
    await fullBackup(stack.raven, source, path);
    const input = { ...planInput(stack, source), method: 'backup', backup: { path } };
    expect(await plan(stack, input)).toMatchObject({ possible: true, forecast: { documents: 10 } });
    const planned = await plan(stack, { ...input, source: side(other), backup: { path, database: source } });
    expect(planned).toMatchObject({ possible: false, estimate: null });
    expect(statuses(planned)).toEqual({ 'backup files': 'blocker' });
  });

  test('by the method replication measures nothing, and says what RavenDB needs for it', async () => {
    const planned = await plan(stack, { ...planInput(stack, await newSource(stack)), method: 'replication' });
    expect(planned).toMatchObject({ possible: false, estimate: null });
    expect(statuses(planned)).toEqual({ 'license for replication': 'blocker' });
    expect(planned.steps[2]?.does).toContain('external replication');
  });

  test('is refused for a wrong input as a migration is', async () => {
    const { type, message } = await (
      await startByCli(stack, 'planMigration', { source: side('a') })
    ).failure();
    expect({ type, message }).toEqual({
      type: 'InvalidInput',
      message: expect.stringContaining('target is missing'),
    });
  });

  test('finds what blocks, on a terminal with its way out, and exits with 7', async () => {
    const target = await newSource(stack);
    const options = [
      '--source',
      `local/${await newSource(stack)}`,
      '--target',
      `local/${target}`,
      '--shards',
      '3',
    ];
    const { code, stdout } = await shardlift(stack, 'plan', ...options).ended;
    expect(code).toBe(7);
    expect(stdout).toMatch(/✗ Not possible yet: plan-.* \(1 blocker\)/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'exists and is not sharded; name another one, or delete it.',
    );
    const wide = stdout.split('\n').filter((line) => line.length > 100 && !line.includes('report.json'));
    expect(wide).toEqual([]);

    const missing = await shardlift(stack, 'plan', '--json', ...options.with(1, 'local/none')).ended;
    expect(missing.code).toBe(7);
    const result = JSON.parse(missing.stdout.trim().split('\n').at(-1) ?? '') as Planned;
    expect(result).toMatchObject({ possible: false, forecast: null, estimate: null });
    expect(statuses(result)).toEqual({ 'source database': 'blocker', 'target database': 'blocker' });
  });

  test('warns of all that a sharded database takes otherwise, and exits with 0', async () => {
    const source = await newSource(stack, putTrouble);
    let writing = true;
    const application = new Application(stack.raven, source);
    const id = `plan-${source}`;
    const command = shardlift(
      stack,
      ...['plan', '--source', `local/${source}`, '--target', `local/${stack.databaseName('target')}`],
      ...['--shards', '3', '--workflow-id', id],
    );
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        await application.putAll(
          Array.from({ length: 50 }, (_, at): [string, string] => [`late/${n}-${at}$orders/1`, LINE]),
        );
        await sleep(100);
      }
    })();
    const { code, stdout, stderr } = await command.ended;
    writing = false;
    await writer;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/✓ Possible: .*\(\d+ warnings\)/);
    expect(await shardlift(stack, 'watch', id).ended).toMatchObject({ code: 0, stdout });
    const planned = (await stack.client.workflow.getHandle(id).result()) as Planned;
    // whether the rounds keep up is for the machine to say
    const { 'catching up': _, ...others } = statuses(planned);
    expect(others).toEqual({
      indexes: 'warning',
      'indexes that load': 'warning',
      'custom sorters': 'warning',
      subscriptions: 'warning',
      distribution: 'warning',
      'large documents': 'warning',
      'extensions of documents': 'warning',
      'hot collections': 'warning',
    });
  });
});

const LINE = '{"Note":"xxxxxxxxxxxxxxxxxxxx","@metadata":{"@collection":"Lines"}}';

/** What an unlicensed server lets one make of what a sharded one takes otherwise. */
async function putTrouble(application: Application): Promise<void> {
  const lines = Array.from({ length: 2_000 }, (_, n): [string, string] => [`lines/${n}$orders/1`, LINE]);
  await application.putAll(lines);
  await application.put('large/1', `{"Text":"${'x'.repeat(17 * 1024 * 1024)}"}`);
  const names = Array.from({ length: 1_001 }, (_, n): [string, number] => [`counter-${n}`, 1]);
  await application.increment('lines/0$orders/1', Object.fromEntries(names));
  await application.putIndexes(
    { Name: 'Loads', Maps: ['from l in docs.Lines select new { N = LoadDocument(l.Order, "Orders").Name }'] },
    {
      Name: 'Writes',
      Maps: ['from l in docs.Lines select new { l.Note, Count = 1 }'],
      Reduce:
        'from r in results group r by r.Note into g select new { Note = g.Key, Count = g.Sum(x => x.Count) }',
      OutputReduceToCollection: 'Sums',
    },
  );
  await application.send(
    'PUT',
    'admin/sorters',
    JSON.stringify({ Sorters: [{ Name: 'ByMoon', Code: SORTER }] }),
  );
  await application.putSubscription('mail', 'from Lines');
}

const SORTER = `using System; using System.Collections.Generic; using Lucene.Net.Index; using Lucene.Net.Search;
using Lucene.Net.Store; namespace Own { public class ByMoon : FieldComparator {
public ByMoon(string fieldName, int numHits, int sortPos, bool reversed, List<string> diagnostics) {}
public override int Compare(int slot1, int slot2) { return 0; } public override void SetBottom(int slot) {}
public override int CompareBottom(int doc, IState state) { return 0; }
public override void Copy(int slot, int doc, IState state) {}
public override void SetNextReader(IndexReader reader, int docBase, IState state) {}
public override IComparable this[int slot] => throw new NotImplementedException(); } }`;

describe('the sample', () => {
  test('that somebody deletes costs the estimate, not the plan', async () => {
    const source = await newSource(stack);
    await putItems(stack.raven, source, 20_000);
    const { id, handle } = await startByCli(stack, 'planMigration', planInput(stack, source));
    const isRunning = async () => (await handle.describe()).status.name === 'RUNNING';
    while (await isRunning()) {
      const [sample] = await samplesOf(id);
      // the files are of no interest, and the whole sample takes little more than a second
      if (sample)
        await deleteDatabases(stack.raven, [sample], inject('ravendbDirectory')).catch(() => undefined);
      await sleep(50);
    }
    const planned = (await handle.result()) as Planned;
    expect(planned).toMatchObject({ possible: true, estimate: null, forecast: { documents: 20_000 } });
    expect(planned.estimateNote).toMatch(/^Nothing was measured on the target's server: .*shardlift-sample-/);
  });

  test.each(['the death of its worker', 'an abort'])('is gone after %s', async (end) => {
    const source = await newSource(stack);
    await putItems(stack.raven, source, 20_000);
    const before = await databases();
    const id = `plan-${randomUUID()}`;
    const handle = await stack.client.workflow.start('planMigration', {
      taskQueue: stack.taskQueue,
      workflowId: id,
      args: [planInput(stack, source)],
    });
    await until('the sample is there', async () => (await samplesOf(id)).length > 0);
    expect((await handle.query<RunProgress>('progress')).phase).toBe('sampling');
    if (end === 'an abort') {
      await handle.signal('abort', { by: 'ann' });
      await expect(handle.result()).rejects.toThrow();
    } else {
      await worker.kill();
      await sleep(500);
      expect(await samplesOf(id)).not.toEqual([]);
      worker = await stack.startWorker();
      expect(((await handle.result()) as Planned).estimate?.sample.documents).toBe(20_000);
    }
    await expectNothingLeft(id, before);
  });
});
