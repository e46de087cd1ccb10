import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerifyDatabasesInput } from '../../../src/core/contract/verify-contract.ts';
import type { RunProgress } from '../../../src/core/run/progress.ts';
import type { VerifyResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { createShardedDatabase } from '../../../src/ravendb/requests/databases.ts';
import { createDatabase, deleteDocument, putDocument, putItems } from '../../support/data/databases.ts';
import { exportAll, importAll } from '../../support/oracle/plain-copy.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { type Migration, Stack, until } from '../../support/servers/stack.ts';
import { temporalDirectory } from '../../support/servers/temporal-cli.ts';

const PAGE = readFileSync(new URL('../../../docs/verify-databases.md', import.meta.url), 'utf8');
const COMMANDS = [...PAGE.matchAll(/^temporal .+$/gm)].map(([command]) => command);
const ITEMS = 2_000;

describe('verifyDatabases as people start it', () => {
  let stack: Stack;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker({ SHARDLIFT_CONNECTION_OTHER_URLS: stack.addresses.ravendbUrl });
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createDatabase(stack.raven, source);
    await putItems(stack.raven, source, ITEMS);
    await createDatabase(stack.raven, target);
    await importAll(stack.raven, target, await exportAll(stack.raven, source));
  });
  afterAll(() => stack.close());

  function inputOf(fields: Partial<VerifyDatabasesInput> = {}) {
    return {
      source: { connection: 'local', database: source },
      target: { connection: 'local', database: target },
      ...fields,
    };
  }

  async function start(fields: Partial<VerifyDatabasesInput> = {}): Promise<Migration> {
    return await stack.start(inputOf(fields), undefined, 'verifyDatabases');
  }

  /** Runs a command of the page. */
  async function shell(
    verb: string,
    id: string,
    fields: Partial<VerifyDatabasesInput> = {},
  ): Promise<string> {
    const command = COMMANDS.find((each) => each.startsWith(`temporal ${verb}`)) ?? 'false';
    const mine = command
      .replaceAll(/verify-shop(?!\.json)/g, id)
      .replace('--task-queue shardlift', `--task-queue ${stack.taskQueue}`);
    await writeFile(join(stack.directory, 'verify-shop.json'), JSON.stringify(inputOf(fields)));
    const path = [await temporalDirectory(), process.env.PATH].join(delimiter);
    const env = { ...stack.environment(), PATH: path };
    const { stdout } = await promisify(execFile)('bash', ['-c', mine], { cwd: stack.directory, env });
    return stdout;
  }

  test("by Temporal's command line alone, as the page says", async () => {
    const id = stack.databaseName('verify');
    await shell('workflow start', id);
    expect(await shell('workflow result', id)).toMatch(/"?equal"?:\s*true/);
    expect(await shell('workflow query', id)).toContain('completed');
    expect(await shell('workflow metadata', id)).toContain(
      '2,000 documents compared by content, no difference',
    );
  });

  test('under a schedule each run tells how those before went', async () => {
    const scheduleId = stack.databaseName('schedule');
    const schedule = stack.client.schedule.getHandle(scheduleId);
    await shell('schedule create', scheduleId, { depth: 'counts' });
    const runOnce = async () => {
      const before = (await schedule.describe()).info.numActionsTaken;
      await shell('schedule trigger', scheduleId);
      let workflow: { workflowId: string; firstExecutionRunId: string } | undefined;
      await until('it has begun', async () => {
        const { info } = await schedule.describe();
        workflow = info.recentActions.at(-1)?.action.workflow;
        return info.numActionsTaken > before;
      });
      const handle = stack.client.workflow.getHandle(workflow?.workflowId ?? '');
      const result = (await handle.result()) as VerifyResult;
      await until('the schedule knows its end', async () => {
        return (await schedule.describe()).info.runningActions.length === 0;
      });
      return { handle, result };
    };
    try {
      await deleteDocument(stack.raven, target, 'items/1500');
      expect((await runOnce()).result.trend.map(({ mismatches }) => mismatches)).toEqual([2]);
      await putDocument(stack.raven, target, 'items/1500', changed(1_500));
      const { handle, result } = await runOnce();
      expect(result.trend.map(({ mismatches }) => mismatches)).toEqual([2, 0]);
      expect(result.trend.at(-1)).toMatchObject({ documents: { source: ITEMS, target: ITEMS } });
      const { currentDetails } = await handle.query<{ currentDetails: string }>(
        '__temporal_workflow_metadata',
      );
      expect(currentDetails).toMatch(/The last runs:\n\n- .*no difference\n- .*2 differ/);
      const report = JSON.parse(await readFile(result.reportPath ?? '', 'utf8'));
      expect(report).toMatchObject({ trend: result.trend });
    } finally {
      await schedule.delete();
    }
  });

  test('the command line tells by its exit code whether they are equal', async () => {
    const places = ['--source', `local/${source}`, '--target', `local/${target}`];
    await putDocument(stack.raven, target, 'items/1007', changed(1_007));
    const different = await cli('verify', ...places, '--workflow-id', `${source}-1`);
    expect(different.stderr).toContain('reading');
    expect(different).toMatchObject({ code: 6 });
    expect(different.stdout).toContain(`✗ The databases differ: ${source}-1`);
    expect(different.stdout).toContain('document "items/1007": differs in "payload"');
    const json = await cli(
      'verify',
      ...places,
      '--depth',
      'counts',
      '--json',
      '--workflow-id',
      `${source}-2`,
    );
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      phase: 'completed',
      equal: true,
      depth: 'counts',
    });

    const sharded = stack.databaseName('sharded');
    await createShardedDatabase(new Database(stack.raven, sharded), { shards: 2, replicationFactor: 1 });
    const others = ['--source', `local/${source}`, '--target', `local/${sharded}`];
    const waits = ['--repair', '--detach', '--workflow-id', `${source}-3`];
    expect(await cli('verify', ...others, ...waits)).toMatchObject({ code: 0 });
    await until('it waits', async () => {
      const handle = stack.client.workflow.getHandle(`${source}-3`);
      return (await handle.query<RunProgress>('progress')).phase === 'awaiting-repair';
    });
    expect((await cli('pause', `${source}-3`)).stdout).toContain('The run stops until it is resumed');
    expect((await cli('resume', `${source}-3`)).code).toBe(0);
    const watching = cli('watch', `${source}-3`);
    await sleep(2_000);
    expect((await cli('abort', `${source}-3`)).code).toBe(0);
    const watched = await watching;
    expect(watched).toMatchObject({ code: 3 });
    expect(watched.stderr).toContain(`shardlift repair ${source}-3 --by you`);
  });

  function cli(...args: string[]) {
    return shardlift(stack, ...args).ended;
  }

  test.each<[unknown, string]>([
    [{ depth: 'some' }, 'depth must be one of "counts", "sample", "full"'],
    [{ sampleSize: 10 }, 'sampleSize is only for depth "sample"'],
    [{ depth: 'counts', repair: 'ask' }, 'repair needs depth "full" or "sample"'],
    [{ extra: true }, 'extra is not a field'],
    [{ target: null }, 'target must be of type object'],
  ])('bad input %j is refused in one sentence', async (fields, sentence) => {
    const failure = await (await start(fields as object)).failure();
    expect(failure.type).toBe('InvalidInput');
    expect(failure.message).toContain(sentence);
  });

  test('what are not two databases, and what cannot be repaired, is refused', async () => {
    const same = await start({ target: { connection: 'local', database: source.toUpperCase() } });
    expect((await same.failure()).message).toContain('must be a different database from the source');
    const absent = await start({ target: { connection: 'local', database: 'absent' } });
    expect((await absent.failure()).message).toContain(
      'target.database "absent" on connection "local" does not exist',
    );
    const twice = await start({ target: { connection: 'other', database: source } });
    expect((await twice.failure()).message).toContain('is the same database as the source');
    const plain = await start({ repair: 'ask' });
    expect((await plain.failure()).message).toContain('Only a sharded database can be repaired');
  });
});

function changed(n: number): string {
  const payload = n === 1_007 ? `${'x'.repeat(399)}y` : 'x'.repeat(400);
  return JSON.stringify({ number: n, payload, '@metadata': { '@collection': 'Items' } });
}
