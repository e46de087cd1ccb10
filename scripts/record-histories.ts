/**
 * Records the histories that `test/replay` replays: real migrations on real servers, one of each ending. Run it
 * after an intended change of the workflows' commands, and say in the changelog what it means for running ones.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Progress } from '../src/core/progress.ts';
import type { Report } from '../src/core/report.ts';
import { RavenConnection } from '../src/ravendb/connection.ts';
import { holdName, removeTombstoneHold } from '../src/ravendb/tombstone-hold.ts';
import { startServers } from '../src/servers/index.ts';
import { createNorthwind, deleteDocument, putDocument } from '../test/support/databases.ts';

const HISTORIES = fileURLToPath(new URL('../test/replay/histories/', import.meta.url));
const WORKER = fileURLToPath(new URL('../src/worker.ts', import.meta.url));
const SOURCE = 'Northwind';

const directory = await mkdtemp(join(tmpdir(), 'shardlift-histories-'));
const servers = await startServers({ onProgress: ({ message }) => process.stderr.write(`${message}\n`) });
const raven = RavenConnection.open('recording', { urls: [servers.ravendb.url] });
const client = new Client({ connection: await Connection.connect({ address: servers.temporal.address }) });
const worker = spawn(process.execPath, [WORKER], {
  env: {
    ...process.env,
    TEMPORAL_ADDRESS: servers.temporal.address,
    SHARDLIFT_CONNECTION_LOCAL_URLS: servers.ravendb.url,
    SHARDLIFT_HOST: 'recorder',
    SHARDLIFT_DUMP_DIRECTORY: join(directory, 'dumps'),
    SHARDLIFT_REPORT_DIRECTORY: join(directory, 'reports'),
  },
  stdio: 'ignore',
});

try {
  await mkdir(HISTORIES, { recursive: true });
  await createNorthwind(raven, SOURCE);
  await record('completed-stream', {}, approve);
  await record('completed-dump', { method: 'dump' }, approve);
  await record('throttled-and-paused', { maxItemsPerSecond: 2_000 }, throttleAndPause);
  await record('brought-in-line', {}, loseTombstones);
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
  await record(
    'plan-blocked',
    { source: { connection: 'local', database: 'absent' } },
    async () => undefined,
  );
  await record('invalid-input', { method: 'teleport' }, async () => undefined);
  await record('waiting', {}, (run) => reaches(run, 'awaiting-approval'), false);
} finally {
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  raven.close();
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
    quietFor: '500ms',
    ...input,
  };
  const options = { taskQueue: 'shardlift', workflowId: name, args: [argument] };
  const run = await client.workflow.start('migrateDatabase', options);
  await act(run, target);
  if (untilEnd) await run.result().catch(() => undefined);
  const history = historyToJSON(await run.fetchHistory());
  // stack traces name paths of this machine, and a replay does not look at them
  const kept = JSON.parse(history, (key, value) => (key === 'stackTrace' ? '' : value));
  await writeFile(join(HISTORIES, `${name}.json`), `${JSON.stringify(kept)}\n`);
  process.stderr.write(`recorded ${name}\n`);
}

async function reaches(run: WorkflowHandle, phase: Progress['phase']): Promise<void> {
  while ((await run.query<Progress>('progress')).phase !== phase) await sleep(200);
}

async function decide(run: WorkflowHandle, name: string): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await run.executeUpdate(name, { args: [{ by: 'ann', note: 'recorded' }] });
}

async function approve(run: WorkflowHandle): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await putDocument(raven, SOURCE, 'late/1', `{"at":${Date.now()},"@metadata":{"@collection":"Late"}}`);
  await run.executeUpdate('approveCutover', { args: [{ by: 'ann', note: 'recorded' }] });
}

async function thawAfterDamage(run: WorkflowHandle, target: string): Promise<void> {
  await reaches(run, 'awaiting-approval');
  await deleteDocument(raven, target, 'orders/7-A');
  await run.executeUpdate('approveCutover', { args: [{ by: 'ann', note: 'recorded' }] });
  while ((await run.query<Progress>('progress')).attention === null) await sleep(200);
  await decide(run, 'abort');
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
  await removeTombstoneHold(raven, SOURCE, holdName(run.workflowId));
  await deleteDocument(raven, SOURCE, 'orders/9-A');
  await run.executeUpdate('resume', { args: [{ by: 'ann' }] });
  while (!(await run.query<Report>('report')).notes.some(({ text }) => text.includes('in line')))
    await sleep(200);
  await approve(run);
}
