import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportResult } from '../../../src/core/run/results.ts';
import { readLedger } from '../../../src/engine/prepare/import-ledger.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { backupFolder, everyKindChain } from '../../support/data/backup-chain.ts';
import { historiesOf } from '../../support/histories.ts';
import { differencesFromFile } from '../../support/oracle/compare.ts';
import { killAtEachNewRun } from '../../support/scenarios/kill-new-runs.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';
import { startByCli } from '../../support/servers/temporal-cli.ts';

const FILES = 4;
/** Each is some ten events of the history. */
const PAUSES = 80;

let stack: Stack;
let worker: WorkerProcess;

beforeAll(async () => {
  stack = await Stack.open();
  worker = await stack.startWorker();
});
afterAll(() => stack.close());

async function restart(): Promise<WorkerProcess> {
  await worker.kill();
  worker = await stack.startWorker();
  return worker;
}

test('an import goes on in new runs, whose worker dies as each begins, and imports each file once', async () => {
  const path = await backupFolder(stack);
  const chain = await everyKindChain(stack, path, { plain: 100, incrementals: FILES - 1 });
  const database = stack.databaseName('target');
  const run = await startByCli<ImportResult>(stack, 'importBackup', {
    backup: { path },
    target: { connection: 'local', database, shards: 3 },
    // slow enough to be at work until all is asked
    maxItemsPerSecond: 10,
  });
  const killing = killAtEachNewRun(run.handle, restart);
  killing.catch(() => undefined);
  const watching = shardlift(stack, 'watch', run.id);
  await until('it imports', async () => {
    const { phase } = await run.handle.query<{ phase: string }>('progress');
    return phase === 'importing';
  });
  for (let n = 0; n < PAUSES; n++) {
    await run.handle.signal('pause', { by: `pauser ${n}` });
    await run.handle.signal('resume', { by: `resumer ${n}` });
    // else the workflow takes up many at once, which are fewer events
    await sleep(20);
  }
  await run.handle.signal('throttle', { by: 'ann', maxItemsPerSecond: null });

  const result = await run.result();
  const kills = await killing;
  const runs = await historiesOf(run.handle);
  expect(runs.length).toBeGreaterThan(1);
  expect(kills).toBeGreaterThan(0);
  for (const events of runs) expect(events.length).toBeLessThan(600);
  expect(result.files).toEqual(chain.names);
  const ledger = await readLedger(new Database(stack.raven, database));
  expect(ledger?.files).toEqual(chain.names);
  expect(await differencesFromFile(stack.raven, chain.database, database)).toEqual([]);
  const report = await stack.report(run.id);
  const { lastRefusal } = await run.handle.query<{ lastRefusal: unknown }>('progress');
  expect(lastRefusal).toBeNull();
  expect(report.notes.filter(({ text }) => /^(Paused|Resumed) by/.test(text))).toHaveLength(2 * PAUSES);
  const { code, stdout } = await watching.ended;
  expect(code).toBe(0);
  expect(stdout).toContain(`✓ Completed: ${run.id}`);
});
