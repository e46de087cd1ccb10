/**
 * Records the histories that `test/replay` replays: real migrations, plans, exports, imports and comparisons on real
 * servers, one for each way to end. Those with replication use a stand-in for a license. ARCHITECTURE.md says when to run
 * it. Arguments name the histories to record, such as `migrateDatabase` or `migrateDatabase/repaired`; without any, all are
 * recorded.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startServers } from '../dev/servers/index.ts';
import type { workflowTypes } from '../src/core/contract/contract.ts';
import type { RunProgress } from '../src/core/run/progress.ts';
import type { RunReport } from '../src/core/run/report.ts';
import type { ExportResult } from '../src/core/run/results.ts';
import { RavenConnection } from '../src/ravendb/connection/connection.ts';
import { Database } from '../src/ravendb/connection/database.ts';
import { holdName, removeTombstoneHold } from '../src/ravendb/requests/tombstones.ts';
import { fullBackup, incrementalBackup } from '../test/support/data/backups.ts';
import {
  createDatabase,
  createNorthwind,
  deleteDocument,
  putDocument,
} from '../test/support/data/databases.ts';
import { copyIntoOneShard, exportAll, importAll } from '../test/support/oracle/plain-copy.ts';
import { Licensed } from '../test/support/servers/licensed.ts';
import { decide, imports, pauseAnImport, reaches } from './histories/steering.ts';

const HISTORIES = fileURLToPath(new URL('../test/replay/histories/', import.meta.url));
const WORKER = fileURLToPath(new URL('../src/worker.ts', import.meta.url));
const SOURCE = 'Northwind';
const QUIET = { freeze: 'quiet', quietFor: '500ms' };
const wanted = process.argv.slice(2);

const directory = await mkdtemp(join(tmpdir(), 'shardlift-histories-'));
const servers = await startServers({ onProgress: ({ message }) => process.stderr.write(`${message}\n`) });
const raven = RavenConnection.open('recording', { urls: [servers.ravendb.url] });
const licensed = await Licensed.before(servers.ravendb.url);
const client = new Client({ connection: await Connection.connect({ address: servers.temporal.address }) });
const worker = spawn(process.execPath, [WORKER], {
  env: {
    ...process.env,
    TEMPORAL_ADDRESS: servers.temporal.address,
    SHARDLIFT_CONNECTION_LOCAL_URLS: servers.ravendb.url,
    SHARDLIFT_CONNECTION_LICENSED_URLS: licensed.url,
    SHARDLIFT_HOST: 'recorder',
    SHARDLIFT_DUMP_DIRECTORY: join(directory, 'dumps'),
    SHARDLIFT_REPORT_DIRECTORY: join(directory, 'reports'),
  },
  stdio: 'ignore',
});

try {
  await createNorthwind(raven, SOURCE);
  await record('completed-stream', {}, approve);
  await record('completed-dump', { method: 'dump' }, approve);
  await recordByBackup();
  await recordSync();
  await record('throttled-and-paused', { maxItemsPerSecond: 2_000 }, throttleAndPause);
  await record('synchronized-again', {}, loseTombstones);
  await record('rejected', {}, (run) => decide(run, 'rejectCutover'));
  await record('aborted-while-waiting', {}, (run) => decide(run, 'abort'));
  await record('canceled-while-waiting', {}, async (run) => {
    await reaches(run, 'awaiting-approval');
    await run.cancel();
  });
  await record('paused-and-resumed', {}, async (run) => {
    await reaches(run, 'awaiting-approval');
    await run.executeUpdate('pause', { args: [{ by: 'ann' }] });
    await run.executeUpdate('resume', { args: [{ by: 'ann' }] });
    await approve(run);
  });
  await record('thawed-after-damage', {}, thawAfterDamage);
  await record('repaired', {}, repairDamage);
  await record('completed-changes', { finalVerification: 'changes' }, approve);
  await record('completed-fence', { freeze: 'fence', sourceAfterCutover: 'open' }, approve);
  await record('rolled-back', { freeze: 'fence' }, rehearseAndRollBack);
  await recordLease();
  const replication = {
    source: { connection: 'licensed', database: SOURCE },
    method: 'replication',
  };
  await record('completed-replication', replication, restAndApprove);
  await recordReplicate();
  await recordCutOver();
  const absent = { source: { connection: 'local', database: 'absent' } };
  await record('plan-blocked', absent, async () => undefined);
  await record('invalid-input', { method: 'teleport' }, async () => undefined);
  await record('waiting', {}, (run) => reaches(run, 'awaiting-approval'), false);
  await recordPlans();
  await recordCleanups();
  await recordExports();
  await recordDumps();
  await recordBackups();
  await recordComparisons();
} finally {
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  raven.close();
  await licensed.close();
  await servers.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit();

async function record(
  name: string,
  input: object,
  act: (run: WorkflowHandle, target: string) => Promise<void>,
  untilEnd = true,
): Promise<void> {
  const target = `Sharded-${name}`;
  const argument = {
    source: { connection: 'local', database: SOURCE },
    target: { connection: 'local', database: target, shards: 3 },
    ...QUIET,
    ...input,
  };
  await recordRun('migrateDatabase', { name, argument, act: (run) => act(run, target), untilEnd });
}

async function recordRun(
  type: keyof typeof workflowTypes,
  {
    name,
    argument,
    act = async () => undefined,
    untilEnd = true,
  }: { name: string; argument: object; act?: (run: WorkflowHandle) => Promise<void>; untilEnd?: boolean },
): Promise<void> {
  const path = `${type}/${name}`;
  if (wanted.length > 0 && !wanted.some((each) => path.startsWith(each))) return;
  const options = { taskQueue: 'shardlift', workflowId: `${type}-${name}`, args: [argument] };
  const run = await client.workflow.start(type, options);
  await act(run);
  if (untilEnd) await run.result().catch(() => undefined);
  await keep(path, run);
}

async function keep(path: string, run: WorkflowHandle): Promise<void> {
  const history = historyToJSON(await run.fetchHistory());
  // stack traces name paths of this machine, and a replay does not look at them
  const kept = JSON.parse(history, (key, value) => (key === 'stackTrace' ? '' : value));
  await mkdir(dirname(join(HISTORIES, path)), { recursive: true });
  await writeFile(join(HISTORIES, `${path}.json`), `${JSON.stringify(kept)}\n`);
  process.stderr.write(`recorded ${path}\n`);
}

/** Of a cutover that was recorded before. */
async function recordLease(): Promise<void> {
  for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType = "holdFence"' }))
    return await keep('holdFence/ended', client.workflow.getHandle(workflowId));
}

async function rehearseAndRollBack(run: WorkflowHandle): Promise<void> {
  await decide(run, 'rehearse');
  while (!(await run.query<RunProgress>('progress')).rehearsals) await sleep(200);
  await approve(run);
  await reaches(run, 'observing');
  await run.executeUpdate('rollBack', { args: [{ by: 'ann', note: 'recorded' }] });
}

async function approve(run: WorkflowHandle): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await putDocument(raven, SOURCE, 'late/1', `{"at":${Date.now()},"@metadata":{"@collection":"Late"}}`);
  await run.executeUpdate('approveCutover', { args: [{ by: 'ann', note: 'recorded' }] });
}

async function restAndApprove(run: WorkflowHandle): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await run.executeUpdate('pause', { args: [{ by: 'ann' }] });
  while (licensed.tasksOf(SOURCE).some(({ disabled }) => !disabled)) await sleep(200);
  await run.executeUpdate('resume', { args: [{ by: 'ann' }] });
  await approve(run);
}

async function thawAfterDamage(run: WorkflowHandle, target: string): Promise<void> {
  await damage(run, target);
  await decide(run, 'abort');
}

async function repairDamage(run: WorkflowHandle, target: string): Promise<void> {
  await damage(run, target);
  await decide(run, 'repair');
  while ((await run.query<RunProgress>('progress')).verification?.mismatches !== 0) await sleep(200);
  await approve(run);
}

async function damage(run: WorkflowHandle, target: string): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await deleteDocument(raven, target, 'orders/7-A');
  await run.executeUpdate('approveCutover', { args: [{ by: 'ann', note: 'recorded' }] });
  while ((await run.query<RunProgress>('progress')).attention === null) await sleep(200);
}

async function throttleAndPause(run: WorkflowHandle): Promise<void> {
  await reaches(run, 'copying');
  await run.executeUpdate('pause', { args: [{ by: 'ann' }] });
  await run.executeUpdate('resume', { args: [{ by: 'ann' }] });
  await sleep(1_000);
  await run.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
  await approve(run);
}

async function loseTombstones(run: WorkflowHandle): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await run.executeUpdate('pause', { args: [{ by: 'ann' }] });
  await removeTombstoneHold(new Database(raven, SOURCE), holdName(run.workflowId));
  await deleteDocument(raven, SOURCE, 'orders/9-A');
  await run.executeUpdate('resume', { args: [{ by: 'ann' }] });
  while (
    !(await run.query<RunReport>('report')).notes.some(({ text }) => text.includes('synchronized again'))
  )
    await sleep(200);
  await approve(run);
}

async function recordPlans(): Promise<void> {
  const source = { connection: 'local', database: SOURCE };
  const target = { connection: 'local', database: 'Planned', shards: 3 };
  const argument = { source, target };
  await recordRun('planMigration', { name: 'completed', argument });
  const withoutShards = { source, target: { ...target, database: `${SOURCE}-absent`, shards: undefined } };
  await recordRun('planMigration', { name: 'blocked', argument: withoutShards });
  const act = async (run: WorkflowHandle) => {
    while ((await run.query<RunProgress>('progress')).phase !== 'forecasting') await sleep(100);
    await run.executeUpdate('pause', { args: [{ by: 'ann' }] });
    await run.executeUpdate('abort', { args: [{ by: 'ann', note: 'recorded' }] });
  };
  await recordRun('planMigration', { name: 'aborted', argument, act });
}

async function recordCleanups(): Promise<void> {
  const places = {
    source: { connection: 'local', database: SOURCE },
    target: { connection: 'local', database: `${SOURCE}-absent` },
  };
  await recordRun('removeLeftovers', { name: 'listed', argument: places });
  await recordRun('removeLeftovers', { name: 'removed', argument: { ...places, remove: true } });
}

async function recordExports(): Promise<void> {
  const argument = { source: { connection: 'local', database: SOURCE } };
  await recordRun('exportDatabase', { name: 'completed', argument });
  const act = async (run: WorkflowHandle) => {
    await run.signal('pause', { by: 'ann' });
    await run.signal('abort', { by: 'ann', note: 'recorded' });
  };
  await recordRun('exportDatabase', { name: 'aborted', argument, act });
}

async function recordDumps(): Promise<void> {
  const { dump } = (await client.workflow.execute('exportDatabase', {
    taskQueue: 'shardlift',
    workflowId: 'dump-to-import',
    args: [{ source: { connection: 'local', database: SOURCE } }],
  })) as ExportResult;
  const into = (name: string, path = dump.file) => ({
    name,
    argument: { dump: { path, host: 'recorder' }, ...slowInto(`dump-${name}`, null) },
  });
  await recordRun('importDump', into('completed'));
  const refused = await cutOff(dump.file, join(directory, 'cut-off.ravendbdump'));
  await recordRun('importDump', into('refused', refused));
  const paused = into('paused', dump.directory);
  const argument = { ...paused.argument, ...slowInto('dump-paused', 500) };
  await recordRun('importDump', { ...paused, argument, act: pauseAnImport });
}

async function recordByBackup(): Promise<void> {
  const path = join(directory, 'backups-to-migrate');
  await fullBackup(raven, SOURCE, path);
  await record('completed-backup', { method: 'backup', backup: { path, host: 'recorder' } }, approve);
}

/** The same runbook as a migration's, by another type. */
async function recordReplicate(): Promise<void> {
  const argument = {
    source: { connection: 'licensed', database: SOURCE },
    target: { connection: 'local', database: 'Sharded-replicated', shards: 3 },
    quietFor: '500ms',
  };
  const act = (run: WorkflowHandle) => decide(run, 'abort');
  await recordRun('replicateDatabase', { name: 'aborted', argument, act });
}

/** Of a target that `syncDatabase` has filled. */
async function recordCutOver(): Promise<void> {
  const target = { connection: 'local', database: 'Synced' };
  const argument = { source: { connection: 'local', database: SOURCE }, target };
  await recordRun('rehearseCutover', { name: 'completed', argument });
  await recordRun('cutOver', { name: 'completed', argument: { ...argument, ...QUIET }, act: approve });
}

async function recordSync(): Promise<void> {
  const into = (database: string, name: string, maxItemsPerSecond: number | null = null) => ({
    name,
    argument: {
      source: { connection: 'local', database: SOURCE },
      target: { connection: 'local', database, shards: 3 },
      maxItemsPerSecond,
    },
  });
  for (const name of ['everything', 'changes']) await recordRun('syncDatabase', into('Synced', name));
  const act = async (run: WorkflowHandle) => {
    await reaches(run, 'copying');
    await run.executeUpdate('abort', { args: [{ by: 'ann', note: 'recorded' }] });
  };
  await recordRun('syncDatabase', { ...into('Synced-again', 'aborted', 500), act });
  await recordRun('syncDatabase', into('Synced-again', 'copied-again'));
}

async function recordBackups(): Promise<void> {
  const path = join(directory, 'backups');
  const full = await fullBackup(raven, SOURCE, path);
  await putDocument(raven, SOURCE, 'later/1', '{"n":1,"@metadata":{"@collection":"Later"}}');
  const { file } = await incrementalBackup(raven, SOURCE, full.folder, full.next);
  const into = (name: string, maxItemsPerSecond: number | null = null) => ({
    name,
    argument: { backup: { path }, ...slowInto(`backup-${name}`, maxItemsPerSecond) },
  });
  await recordRun('importBackup', into('completed'));
  await recordRun('importBackup', { ...into('paused', 500), act: pauseAnImport });
  const abort = async (run: WorkflowHandle) => {
    await imports(run);
    await run.executeUpdate('abort', { args: [{ by: 'ann', note: 'recorded' }] });
  };
  await recordRun('importBackup', { ...into('aborted', 500), act: abort });
  await cutOff(file, file);
  await recordRun('importBackup', into('refused'));
}

async function recordComparisons(): Promise<void> {
  const copy = 'Northwind-copy';
  await createDatabase(raven, copy);
  await importAll(raven, copy, await exportAll(raven, SOURCE));
  const sides = {
    source: { connection: 'local', database: SOURCE },
    target: { connection: 'local', database: copy },
  };
  await recordRun('verifyDatabases', { name: 'equal', argument: sides });
  for (const depth of ['sample', 'counts'])
    await recordRun('verifyDatabases', { name: depth, argument: { ...sides, depth } });
  await deleteDocument(raven, copy, 'orders/7-A');
  await recordRun('verifyDatabases', { name: 'different', argument: sides });
  const act = async (run: WorkflowHandle) => {
    while ((await run.query<RunProgress>('progress')).phase !== 'awaiting-repair') await sleep(200);
    await run.executeUpdate('pause', { args: [{ by: 'ann' }] });
    await run.executeUpdate('resume', { args: [{ by: 'ann' }] });
    await run.executeUpdate('abort', { args: [{ by: 'ann', note: 'recorded' }] });
  };
  // only a sharded target is repaired
  const shard = 'Northwind-shard';
  await copyIntoOneShard(raven, SOURCE, shard);
  await deleteDocument(raven, shard, 'orders/7-A');
  const argument = { ...sides, target: { connection: 'local', database: shard }, repair: 'ask' };
  await recordRun('verifyDatabases', { name: 'aborted', argument, act });
}

function slowInto(name: string, maxItemsPerSecond: number | null) {
  return { target: { connection: 'local', database: `Sharded-${name}`, shards: 3 }, maxItemsPerSecond };
}

/** Copies a file without its end, or cuts it where it is. @returns the path of the copy */
async function cutOff(file: string, copy: string): Promise<string> {
  if (file !== copy) await copyFile(file, copy);
  await truncate(copy, (await stat(file)).size - 40);
  return copy;
}
