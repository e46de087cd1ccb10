/** Takes long: each command is a process of its own. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createItems, putDocument } from '../../support/data/databases.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { Migration, Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';

describe('the command line against real servers', () => {
  let stack: Stack;
  let worker: WorkerProcess;
  let source: string;
  let count = 0;

  beforeAll(async () => {
    stack = await Stack.open();
    worker = await stack.startWorker();
    source = stack.databaseName('source');
    await createItems(stack.raven, source, 300);
  });
  afterAll(() => stack.close());

  function start(...args: string[]) {
    return shardlift(stack, ...args);
  }

  function run(...args: string[]) {
    return start(...args).ended;
  }

  /** Arguments of `migrate` for a new target. */
  function migrate(...rest: string[]) {
    const id = `cli-${++count}-${source}`;
    const target = stack.databaseName('target');
    const places = ['--source', `local/${source}`, '--target', `local/${target}`, '--shards', '3'];
    const quiet = ['--freeze', 'quiet', '--quiet-for', '500ms'];
    const args = ['migrate', ...places, ...quiet, '--workflow-id', id, ...rest];
    return { id, target, args };
  }

  function migration(id: string): Migration {
    return new Migration(stack.client.workflow.getHandle(id));
  }

  test('migrates by itself with --yes, and tells scripts in JSON', async () => {
    const { id, args } = migrate('--yes', '--by', 'ann', '--json');
    const { code, stdout, stderr } = await run(...args);
    expect(code, stderr).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ phase: 'completed', workflowId: id, mismatches: 0 });
    expect((await stack.report(id)).approval).toMatchObject({ by: 'ann', note: '--yes' });

    const watched = await run('watch', id);
    expect(watched.code).toBe(0);
    expect(watched.stdout).toContain(`✓ Completed: ${id}`);
    expect((await run('pause', id)).code).toBe(4);

    const folder = join(stack.directory, 'evidence');
    const created = await run('evidence', 'create', id, '--output', folder, '--json');
    const { sha256 } = JSON.parse(created.stdout);
    const verify = () => run('evidence', 'verify', folder, '--sha256', sha256);
    expect(await verify()).toMatchObject({ code: 0, stdout: 'Whole and unchanged.\n' });
    const file = join(folder, 'report.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"by": "ann"', '"by": "bob"'));
    await writeFile(join(folder, 'more.json'), '');
    expect(await verify()).toMatchObject({
      code: 6,
      stdout: 'report.json was changed: its checksum is another one.\nmore.json does not belong to it.\n',
    });
  });

  test('tells how to approve and waits for it; the same id cannot run twice', async () => {
    const { id, args } = migrate();
    const { output, ended } = start(...args);
    // the last of what it says then, line by line
    const update = `temporal workflow update execute -w ${id} --name approveCutover`;
    await until('it says how to approve', async () => output.stderr.includes(update));
    expect(output.stderr).toContain(`  shardlift approve ${id} --by you\n`);

    const again = await run(...args);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(`"${id}" is running already; nothing was started`);

    expect(await run('resume', id)).toMatchObject({
      code: 4,
      stderr: 'Refused: The migration is not paused.\n',
    });
    expect((await run('pause', id, '--by', 'ann')).code).toBe(0);
    expect((await run('approve', id)).code).toBe(4);
    expect((await run('resume', id)).code).toBe(0);
    const approved = await run('approve', id, '--by', 'ann', '--note', 'application stopped', '--json');
    expect(JSON.parse(approved.stdout)).toMatchObject({ workflowId: id, by: 'ann', accepted: true });
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/Approved +by ann at .+: application stopped/);
  });

  test('Ctrl-C leaves a migration running; reject and abort end it with code 3', async () => {
    const rejected = migrate();
    const { child, output, ended } = start(...rejected.args);
    await until('it waits', async () => output.stderr.includes('Waiting for approval'));
    child.kill('SIGINT');
    const left = await ended;
    expect(left.code).toBe(130);
    expect(left.stderr).toContain(
      `The migration goes on. To watch it again:\n  shardlift watch ${rejected.id}`,
    );
    const watching = start('watch', rejected.id);
    expect((await run('reject', rejected.id, '--by', 'bob', '--note', 'not today')).code).toBe(0);
    expect(await watching.ended).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('The cutover was rejected by bob: not today.'),
    });

    const aborted = migrate('--detach');
    expect((await run(...aborted.args)).stdout).toContain(`Started ${aborted.id}`);
    expect((await run('abort', aborted.id)).code).toBe(0);
    expect((await run('watch', aborted.id)).code).toBe(3);
  });

  test('what differs cannot be approved', async () => {
    const { id, target, args } = migrate();
    const first = start(...args);
    await until('it waits', async () => first.output.stderr.includes('Waiting for approval'));
    const damage = '{"number":-1,"@metadata":{"@collection":"Items"}}';
    await putDocument(stack.raven, target, 'items/1', damage);
    await migration(id).approve();
    await until(
      'it was found',
      async () => ((await migration(id).progress()).verification?.mismatches ?? 0) > 0,
    );
    await migration(id).reaches('awaiting-approval');
    expect((await run('approve', id)).stderr).toContain('document "items/1"');
    await run('abort', id);
    expect((await first.ended).code).toBe(3);
  });

  test('says when a migration cannot be, and exits with 1', async () => {
    const places = ['--source', 'local/nothing', '--target', 'local/nowhere', '--shards', '2'];
    const { code, stdout } = await run('migrate', ...places, '--workflow-id', `cli-none-${source}`);
    expect(code).toBe(1);
    expect(stdout).toContain('source.database "nothing" on connection "local" does not exist.');
  });

  test('says at once that a server cannot be reached, without its address, and gives up after a while', async () => {
    const places = ['--source', 'nowhere/nothing', '--target', 'local/nothing', '--shards', '2'];
    const startedAt = Date.now();
    const migrating = start('migrate', ...places, '--workflow-id', `cli-nowhere-${source}`);
    const sentence = 'connection "nowhere": ECONNREFUSED. Nothing listens at its address';
    const said = new RegExp(`trouble: .*${sentence}`);
    await until('it says so', async () => said.test(migrating.output.stderr));
    expect(Date.now() - startedAt).toBeLessThan(40_000);
    const { code, stdout } = await migrating.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('Nothing was changed');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(sentence);
    expect(migrating.output.stderr + stdout).not.toContain('127.0.0.1:9');
  });

  test('watches and steers a run of another type', async () => {
    const id = `export-${source}`;
    await stack.start({ source: { connection: 'local', database: source } }, id, 'exportDatabase');
    expect(await run('throttle', id, '--max-items-per-second', '5')).toMatchObject({
      code: 4,
      stderr: 'Refused: exportDatabase does not take throttle; it takes pause, resume, abort.\n',
    });
    const { code, stdout } = await run('watch', id);
    expect(code).toBe(0);
    expect(stdout).toContain(`✓ Completed: ${id}`);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/Found - \S+\.ravendbdump on host/);
    const json = await run('watch', id, '--json');
    expect(JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      phase: 'completed',
      workflowId: id,
      dump: { counts: { documents: 300 } },
    });
  });

  test('says when no workflow or no worker is there; a signal waits for one', async () => {
    expect((await run('watch', 'no-such-workflow')).code).toBe(5);
    const other = await stack.client.workflow.start('anotherType', {
      taskQueue: `${stack.taskQueue}-of-others`,
      workflowId: stack.databaseName('other'),
    });
    const refused = await run('watch', other.workflowId);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('of the type anotherType, which is not a Shardlift workflow');
    await other.terminate();
    const { id, args } = migrate('--detach');
    await run(...args);
    await migration(id).reaches('awaiting-approval');
    await worker.kill();
    const watching = start('watch', id);
    const unanswered = await run('approve', id);
    expect(unanswered.code).toBe(5);
    expect(unanswered.stderr).toContain(`shardlift approve ${id} --signal`);
    expect((await run('approve', id, '--signal', '--by', 'ann')).code).toBe(0);
    await until('it says so', async () => watching.output.stderr.includes('does not answer'));
    worker = await stack.startWorker();
    expect((await watching.ended).code).toBe(0);
  });
});
