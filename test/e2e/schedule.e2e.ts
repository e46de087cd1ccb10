import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/activities/target-notes.ts';
import type { ImportResult } from '../../src/workflows/import-files.ts';
import { Application } from '../support/application.ts';
import { fullBackup, incrementalBackup, type MadeBackup } from '../support/backups.ts';
import { differences } from '../support/compare.ts';
import { createDatabase } from '../support/databases.ts';
import { Stack, until } from '../support/stack.ts';
import { startByCli, temporalDirectory } from '../support/temporal-cli.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const SECTION = README.split('## Dumps, backups, schedules')[1]?.split('\n## ')[0] ?? '';
const INPUT = /```json\n(.+?)```/s.exec(SECTION)?.[1] ?? '';
const COMMANDS = [...SECTION.matchAll(/^temporal .+$/gm)].map(([command]) => command);
/** What a backup does not tell of an index, and settings that come with none. */
const WITHOUT = { without: ['settings', 'indexes'] } as const;
const MANY = 2000;

/** Only what the README prints is run, on a folder, a target and a queue of the test's own. */
describe('importBackup under a schedule, as in the README', () => {
  let stack: Stack;
  let path: string;
  let source: string;
  let target: string;
  let folder: string;
  let id: string;
  let last: MadeBackup;

  beforeAll(async () => {
    stack = await Stack.open();
    path = [await temporalDirectory(), process.env.PATH].join(delimiter);
    id = stack.databaseName('import-shop');
    source = stack.databaseName('Shop');
    target = stack.databaseName('ShopSharded');
    folder = join(stack.directory, 'backups');
    await mkdir(folder);
    await createDatabase(stack.raven, source);
    await put(0, 1);
    last = await fullBackup(stack.raven, source, folder);
    await stack.startWorker({
      SHARDLIFT_HOST: 'migration-1',
      SHARDLIFT_CONNECTION_PROD_URLS: stack.addresses.ravendbUrl,
    });
  });
  afterAll(async () => {
    await shell('schedule delete').catch(() => undefined);
    await stack.close();
  });

  /** The README's input, limited so that a large file takes seconds. */
  function input(): object {
    const text = INPUT.replace('/backups/Shop', folder).replace('"ShopSharded"', `"${target}"`);
    return { ...JSON.parse(text), maxItemsPerSecond: 300 };
  }

  async function put(from: number, count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, n) => from + n);
    await new Application(stack.raven, source).putAll(
      numbers.map((n) => [`items/${n}`, `{"n":${n},"@metadata":{"@collection":"Items"}}`]),
    );
  }

  /** Changes the source and adds a file to the folder. @returns the name by which results call it */
  async function grow(from: number, count = 1): Promise<string> {
    await put(from, count);
    last = await incrementalBackup(stack.raven, source, last.folder, last.next);
    return named(last.file);
  }

  function named(file: string): string {
    return join(basename(dirname(file)), basename(file));
  }

  async function shell(verb: string): Promise<string> {
    const command = COMMANDS.find((each) => each.startsWith(`temporal ${verb}`));
    if (!command) throw new Error(`the README does not say how to ${verb}`);
    const mine = command
      .replaceAll('import-shop', id)
      .replace('--task-queue shardlift', `--task-queue ${stack.taskQueue}`);
    const env = { ...stack.environment(), PATH: path };
    const { stdout } = await promisify(execFile)('bash', ['-c', mine], { cwd: stack.directory, env });
    return stdout;
  }

  /** Triggers a run once the schedule knows that the one before has ended: it would leave this one out. */
  async function trigger() {
    const schedule = stack.client.schedule.getHandle(id);
    const runs = async () =>
      (await schedule.describe()).info.recentActions.map(({ action }) => action.workflow);
    await until(
      'no run is at work',
      async () => (await schedule.describe()).info.runningActions.length === 0,
    );
    const before = (await runs()).map(({ firstExecutionRunId }) => firstExecutionRunId);
    await shell('schedule trigger');
    let started: Awaited<ReturnType<typeof runs>> = [];
    await until('the schedule has started a run', async () => {
      started = (await runs()).filter((run) => !before.includes(run.firstExecutionRunId));
      return started.length > 0;
    });
    const [run] = started;
    return stack.client.workflow.getHandle(run?.workflowId ?? '', run?.firstExecutionRunId);
  }

  async function importedByTrigger(): Promise<string[]> {
    const handle = await trigger();
    return ((await handle.result()) as ImportResult).files;
  }

  test('each file that comes is imported once, and a failed run is made good by the next', async () => {
    await writeFile(join(stack.directory, 'import-backup.json'), JSON.stringify(input()));
    await shell('schedule create');
    expect(await importedByTrigger()).toEqual([named(last.file)]);
    expect(await importedByTrigger()).toEqual([]);
    const second = await grow(1);
    expect(await importedByTrigger()).toEqual([second]);

    const broken = await grow(2);
    const { file } = last;
    const bytes = await readFile(file);
    await truncate(file, bytes.length - 30);
    const failed = await trigger();
    await expect(failed.result()).rejects.toMatchObject({
      cause: { type: 'PlanBlocked', message: expect.stringMatching(/ends too early.*was not touched/) },
    });
    await writeFile(file, bytes);
    const next = await grow(3);
    expect(await importedByTrigger()).toEqual([broken, next]);
    expect(await differences(stack.raven, source, target, { without: [...WITHOUT.without] })).toEqual([]);
    expect(await shell('schedule describe')).toContain('"Total":5');
    await until('the list has the run', async () =>
      (await shell('workflow list')).includes(failed.workflowId),
    );
    expect(await shell('workflow list')).toMatch(new RegExp(`Failed\\s+${failed.workflowId}`));
  });

  test('while a run is at work, another turn is left out, and a run by hand is refused and says so', async () => {
    const large = await grow(10, MANY);
    const scheduled = await trigger();
    await until('it imports', async () => {
      const { phase } = await scheduled.query<{ phase: string }>('progress');
      return phase === 'importing';
    });
    expect(await shell('schedule describe')).toContain(scheduled.workflowId);
    await shell('schedule trigger');
    const byHand = await startByCli(stack, 'importBackup', input());
    const { type, message } = await byHand.failure();
    expect(type).toBe('TargetBusy');
    expect(message).toContain(scheduled.workflowId);
    expect(((await scheduled.result()) as ImportResult).files).toEqual([large]);
    expect(await shell('schedule describe')).toContain('"SkippedOverlap":1');
    expect(await differences(stack.raven, source, target, { without: [...WITHOUT.without] })).toEqual([]);
  });

  test('a run by hand beside a scheduled one is harmless when nothing is new', async () => {
    const place = { connection: stack.raven, database: target };
    const before = await readLedger(place);
    const [scheduled, byHand] = await Promise.all([
      importedByTrigger(),
      startByCli<ImportResult>(stack, 'importBackup', input()).then((run) => run.result()),
    ]);
    expect(scheduled).toEqual([]);
    // Temporal's command line prints an empty list as null
    expect(byHand.files ?? []).toEqual([]);
    expect(before?.files).toContain(byHand.standsAt);
    expect(await readLedger(place)).toEqual(before);
  });

  test('it ends with the schedule', async () => {
    await shell('schedule delete');
    await expect(shell('schedule describe')).rejects.toThrow(/not found/i);
  });
});
