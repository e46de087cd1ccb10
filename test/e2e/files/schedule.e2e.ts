import { readFileSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { readLedger } from '../../../src/engine/prepare/import-ledger.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { type BackupChain, backupFolder, grow, smallChain } from '../../support/data/backup-chain.ts';
import { differencesFromFile } from '../../support/oracle/compare.ts';
import { PrintedSchedule } from '../../support/servers/printed-schedule.ts';
import { Stack, until } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

const PAGE = readFileSync(new URL('../../../docs/schedules.md', import.meta.url), 'utf8');
const MANY = 2000;

/** Only what the page prints is run, on a folder, a target and a queue of the test's own. */
describe('importBackup under a schedule, as on docs/schedules.md', () => {
  let stack: Stack;
  let schedule: PrintedSchedule;
  let chain: BackupChain;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    target = stack.databaseName('ShopSharded');
    const folder = await backupFolder(stack);
    chain = await smallChain(stack, folder, 0);
    schedule = await PrintedSchedule.of(stack, {
      text: PAGE,
      id: 'import-shop',
      file: 'import-backup.json',
      // limited so that a large file takes seconds
      input: (printed) => ({
        ...JSON.parse(printed.replace('/backups/Shop', folder).replace('"ShopSharded"', `"${target}"`)),
        maxItemsPerSecond: 300,
      }),
    });
    await stack.startWorker({
      SHARDLIFT_HOST: 'migration-1',
      SHARDLIFT_CONNECTION_PROD_URLS: stack.addresses.ravendbUrl,
    });
  });
  afterAll(async () => {
    await schedule.run('schedule delete').catch(() => undefined);
    await stack.close();
  });

  async function imported(): Promise<string[]> {
    return (await schedule.result<ImportResult>()).files;
  }

  test('each file that comes is imported once, and a failed run is made good by the next', async () => {
    await schedule.run('schedule create');
    expect(await imported()).toEqual(chain.names);
    expect(await imported()).toEqual([]);
    const second = await grow(stack, chain, 1);
    expect(await imported()).toEqual([second]);

    const broken = await grow(stack, chain, 2);
    const { file } = chain.last;
    const bytes = await readFile(file);
    await truncate(file, bytes.length - 30);
    const failed = await schedule.trigger();
    await expect(failed.result()).rejects.toMatchObject({
      cause: { type: 'PlanBlocked', message: expect.stringMatching(/ends too early.*was not touched/) },
    });
    await writeFile(file, bytes);
    const next = await grow(stack, chain, 3);
    expect(await imported()).toEqual([broken, next]);
    expect(await differencesFromFile(stack.raven, chain.database, target)).toEqual([]);
    expect(await schedule.run('schedule describe')).toContain('"Total":5');
    await until('the list has the run', async () =>
      (await schedule.run('workflow list')).includes(failed.workflowId),
    );
    expect(await schedule.run('workflow list')).toMatch(new RegExp(`Failed\\s+${failed.workflowId}`));
  });

  test('while a run is at work, another turn is left out, and a run by hand is refused and says so', async () => {
    const large = await grow(stack, chain, 10, MANY);
    const scheduled = await schedule.trigger();
    await until('it imports', async () => {
      const { phase } = await scheduled.query<{ phase: string }>('progress');
      return phase === 'importing';
    });
    expect(await schedule.run('schedule describe')).toContain(scheduled.workflowId);
    await schedule.run('schedule trigger');
    const byHand = await startByCli(stack, 'importBackup', schedule.input);
    const { type, message } = await byHand.failure();
    expect(type).toBe('TargetBusy');
    expect(message).toContain(scheduled.workflowId);
    expect(((await scheduled.result()) as ImportResult).files).toEqual([large]);
    expect(await schedule.run('schedule describe')).toContain('"SkippedOverlap":1');
    expect(await differencesFromFile(stack.raven, chain.database, target)).toEqual([]);
  });

  test('a run by hand beside a scheduled one is harmless when nothing is new', async () => {
    const before = await readLedger(new Database(stack.raven, target));
    const [scheduled, byHand] = await Promise.all([
      imported(),
      startByCli<ImportResult>(stack, 'importBackup', schedule.input).then((run) => run.result()),
    ]);
    expect(scheduled).toEqual([]);
    // Temporal's command line prints an empty list as null
    expect(byHand.files ?? []).toEqual([]);
    expect(before?.files).toContain(byHand.standsAt);
    expect(await readLedger(new Database(stack.raven, target))).toEqual(before);
  });

  test('it ends with the schedule', async () => {
    await schedule.run('schedule delete');
    await expect(schedule.run('schedule describe')).rejects.toThrow(/not found/i);
  });
});
