import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ListedRun } from '../../../src/cli/run/list-runs.ts';
import type { DescribedSchedule } from '../../../src/cli/run/schedules.ts';
import type { Check } from '../../../src/core/plan/check.ts';
import { Application } from '../../support/data/application.ts';
import { createItems } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { Stack, until } from '../../support/servers/stack.ts';

describe('runs besides migrations, started by the command line', () => {
  let stack: Stack;
  let source: string;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker();
    source = stack.databaseName('source');
    await createItems(stack.raven, source, 50);
  });
  afterAll(() => stack.close());

  async function run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await shardlift(stack, ...args).ended;
    expect(code, stderr).toBe(0);
    return stdout;
  }

  async function refusal(...args: string[]): Promise<string> {
    const { code, stderr } = await shardlift(stack, ...args).ended;
    expect(code).not.toBe(0);
    return stderr;
  }

  async function equal(target: string): Promise<void> {
    expect(await differences(stack.raven, source, target)).toEqual([]);
  }

  test('an export becomes an import, and both are listed', async () => {
    const target = stack.databaseName('target');
    const exported = await run('export', '--source', `local/${source}`, '--json');
    const { dump } = JSON.parse(exported.trim().split('\n').at(-1) ?? '');
    const imported = await run(
      'import',
      '--dump',
      dump.directory,
      '--target',
      `local/${target}`,
      '--shards',
      '2',
    );
    expect(imported).toContain(`✓ Completed: import-into-${target}`);
    await equal(target);

    const file = join(stack.directory, 'report.html');
    expect(await run('report', `import-into-${target}`, '--output', file)).toBe(`${file}\n`);
    expect(await readFile(file, 'utf8')).toContain(`into local/${target}</h1>`);
    const [report] = await Promise.all(
      ['html', 'json'].map((ending) =>
        readFile(join(stack.directory, 'reports', `import-into-${target}`, `report.${ending}`), 'utf8'),
      ),
    );
    expect(report).toContain(`into local/${target}</h1>`);

    const listed = await run('list', '--all', '--json');
    const runs = listed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ListedRun);
    expect(runs.map(({ workflowId, phase, isRunning }) => ({ workflowId, phase, isRunning }))).toEqual([
      { workflowId: `import-into-${target}`, phase: 'completed', isRunning: false },
      { workflowId: `export-${source}`, phase: 'completed', isRunning: false },
    ]);
    expect(await run('list')).toContain('Nothing runs on task queue');
    expect(await refusal('list', '--limit', 'many')).toContain(
      '--limit must be a whole number above 0, not "many".',
    );
  });

  test('doctor tells what is there, and what is not', async () => {
    const examined = async () => {
      const { code, stdout } = await shardlift(stack, 'doctor', '--json').ended;
      expect(code).toBe(7);
      const checks = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Check)
        // other tests leave something on this server, for a while
        .filter(({ name }) => !name.startsWith('leftovers') || name.includes(source));
      return Object.fromEntries(checks.map(({ name, status, message }) => [name, `${status}: ${message}`]));
    };
    const { taskQueue } = stack;
    const index = 'Shardlift/Tombstones/terminated-long-ago';
    await new Application(stack.raven, source).send(
      'PUT',
      'admin/indexes',
      JSON.stringify({ Indexes: [{ Name: index, Maps: ['from i in docs.Items select new { i.number }'] }] }),
    );
    expect(await examined()).toEqual({
      Temporal: expect.stringMatching(/^ok: Server [\d.]+ at 127\.0\.0\.1:\d+, namespace "default"\.$/),
      workers: expect.stringMatching(new RegExp(`^ok: Task queue "${taskQueue}" is polled by \\d+@\\S+\\.$`)),
      'search attributes': expect.stringMatching(/^ok: /),
      'connection "local"': expect.stringMatching(
        /^ok: RavenDB 7\.1\.5, license \w+, 1 node; no certificate is required\.$/,
      ),
      [`leftovers on "local/${source}"`]:
        `warning: No workflow that runs here needs tombstone index "${index}". ` +
        `To list and remove it: shardlift cleanup --source local/${source}`,
      'connection "nowhere"': expect.stringMatching(/^blocker: .*"nowhere"/),
    });
    await shardlift(stack, 'cleanup', '--source', `local/${source}`, '--yes').ended;
    expect(await examined()).not.toHaveProperty([`leftovers on "local/${source}"`]);
    stack.taskQueue = 'nobody';
    expect((await examined()).workers).toBe(
      'blocker: No worker polls task queue "nobody"; start one with: shardlift worker',
    );
    stack.taskQueue = taskQueue;
  });

  test('a copy is scheduled, and the schedule can be steered', async () => {
    const target = stack.databaseName('target');
    const id = `nightly-${source}`;
    const sides = ['--source', `local/${source}`, '--target', `local/${target}`, '--shards', '2'];
    const create = ['schedule', 'create', 'sync', '--id', id, ...sides];
    expect(await refusal(...create)).toContain('A schedule needs either --every or --cron.');
    expect(await run(...create, '--every', '1d')).toContain(`${id}: syncDatabase every 1d`);
    expect(await refusal(...create, '--every', '1d')).toContain(`There is a schedule "${id}" already`);
    expect(await run('schedule', 'list')).toContain(id);

    await run('schedule', 'trigger', id);
    const described = async () =>
      JSON.parse(await run('schedule', 'describe', id, '--json')) as DescribedSchedule;
    await until('a run has begun', async () => (await described()).last.length > 0);
    const [{ workflowId = '' } = {}] = (await described()).last;
    await stack.client.workflow.getHandle(workflowId).result();
    await equal(target);
    expect(await run('list', '--all')).toContain(`${source} -> ${target}, 2 shards`);

    expect(await run('schedule', 'pause', id, '--note', 'maintenance')).toMatch(/Paused +maintenance/);
    expect((await described()).paused).toBe(true);
    expect(await run('schedule', 'resume', id)).toMatch(/Next +\d{4}-/);
    expect(await run('schedule', 'delete', id)).toContain(`Deleted ${id}.`);
    expect(await refusal('schedule', 'describe', id)).toContain(`There is no schedule "${id}"`);
  });
});
