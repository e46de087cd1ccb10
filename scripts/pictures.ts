/**
 * `npm run pictures`: makes the pictures of the docs anew, from a real migration on servers of its own: its page in Temporal's
 * UI and its view in terminals of 80 and 140 columns while it copies, and its report. They go into docs/pictures.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../dev/browser.ts';
import { startWorker } from '../dev/playground/worker.ts';
import { startServers } from '../dev/servers/index.ts';
import type { RunProgress } from '../src/core/run/progress.ts';
import type { MigrationResult } from '../src/core/run/results.ts';
import { RavenConnection } from '../src/ravendb/connection/connection.ts';
import { createItems, putItems } from '../test/support/data/databases.ts';

const PICTURES = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const CLI = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const XTERM = fileURLToPath(import.meta.resolve('@xterm/xterm'));
const ID = 'migrate-Shop-to-ShopSharded';
const TASK_QUEUE = 'shardlift';
/** Slow enough to be looked at, until the limit is removed. */
const INPUT = {
  source: { connection: 'local', database: 'Shop' },
  target: { connection: 'local', database: 'ShopSharded', shards: 3 },
  maxItemsPerSecond: 1_000,
  freeze: 'fence',
  observeFor: '1s',
};
const DOCUMENTS = 30_000;
const UI_WINDOW = { width: 1280, height: 1000 };
const REPORT_WINDOW = { width: 1100, height: 2200 };
const ROWS = 26;
const WATCHED_MS = 6_000;

const directory = await mkdtemp(join(tmpdir(), 'shardlift-pictures-'));
const servers = await startServers({ onProgress: ({ message }) => process.stderr.write(`${message}\n`) });
const raven = RavenConnection.open('pictures', { urls: [servers.ravendb.url] });
const connection = await Connection.connect({ address: servers.temporal.address });
const env = {
  ...process.env,
  TEMPORAL_ADDRESS: servers.temporal.address,
  SHARDLIFT_CONNECTION_LOCAL_URLS: servers.ravendb.url,
  SHARDLIFT_REPORT_DIRECTORY: join(directory, 'reports'),
  SHARDLIFT_DUMP_DIRECTORY: join(directory, 'dumps'),
  FORCE_COLOR: '1',
};
const onEnd = (why: Error) => process.stderr.write(`${why.message}\n`);
const worker = await startWorker(env, { logFile: join(directory, 'worker.log'), onEnd });
const browser = await openBrowser();
try {
  await mkdir(PICTURES, { recursive: true });
  await createItems(raven, 'Shop', DOCUMENTS);
  const run = await new Client({ connection }).workflow.start('migrateDatabase', {
    args: [INPUT],
    workflowId: ID,
    taskQueue: TASK_QUEUE,
    staticSummary: 'local/Shop to local/ShopSharded',
  });
  await until(run, ({ transferred }) => (transferred?.items ?? 0) > DOCUMENTS / 5);
  await Promise.all([
    pictureOfPage(browser, run),
    ...[80, 140].map((columns) => pictureOfTerminal(browser, columns)),
  ]);
  await run.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
  await until(run, ({ phase }) => phase === 'awaiting-approval');
  await putItems(raven, 'Shop', 500, DOCUMENTS);
  await run.executeUpdate('approveCutover', { args: [{ by: 'ann', note: 'the shop is closed' }] });
  const { reportPath } = (await run.result()) as MigrationResult;
  await pictureOfReport(browser, (reportPath ?? '').replace(/json$/, 'html'));
} finally {
  await browser.close();
  await worker.stop();
  raven.close();
  await connection.close();
  await servers.stop();
  await rm(directory, { recursive: true, force: true });
}

async function until(run: WorkflowHandle, holds: (progress: RunProgress) => boolean): Promise<void> {
  while (!holds(await run.query<RunProgress>('progress'))) await sleep(500);
}

/** The page of a run in Temporal's UI. */
async function pictureOfPage(from: Browser, { workflowId }: WorkflowHandle): Promise<void> {
  const page = await from.newPage({ viewport: UI_WINDOW });
  const { uiUrl, namespace } = servers.temporal;
  await page.goto(`${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`);
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  await page.frameLocator('iframe').last().getByText('Phase').first().waitFor();
  await page.screenshot({ path: join(PICTURES, 'temporal-page.png') });
}

/** What `shardlift watch` shows in a terminal of that many columns. */
async function pictureOfTerminal(from: Browser, columns: number): Promise<void> {
  const watching = `stty cols ${columns} rows ${ROWS}; exec ${process.execPath} ${CLI} watch ${ID}`;
  const terminal = spawn('script', ['-qfec', watching, '/dev/null'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  terminal.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await sleep(WATCHED_MS);
  const shown = Buffer.concat(chunks).toString();
  terminal.kill('SIGKILL');
  const page = await from.newPage({ viewport: { width: columns * 10, height: ROWS * 20 } });
  await page.setContent('<body style="margin:0;background:#111"><div id="screen"></div>');
  await page.addStyleTag({
    content: await readFile(XTERM.replace(/lib\/xterm\.js$/, 'css/xterm.css'), 'utf8'),
  });
  await page.addScriptTag({ path: XTERM });
  const setting = JSON.stringify({
    cols: columns,
    rows: ROWS,
    fontSize: 14,
    theme: { background: '#111111' },
  });
  await page.evaluate(
    `const terminal = new Terminal(${setting}); terminal.open(document.getElementById('screen'));
     new Promise((done) => terminal.write(${JSON.stringify(shown)}, done))`,
  );
  const path = join(PICTURES, `terminal-${columns}.png`);
  await page.locator('.xterm-screen').screenshot({ path });
}

async function pictureOfReport(from: Browser, report: string): Promise<void> {
  const page = await from.newPage({ viewport: REPORT_WINDOW });
  await page.goto(pathToFileURL(report).href);
  await page.screenshot({ path: join(PICTURES, 'report.png') });
}
