import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { MigrateDatabaseConfig } from '../../../src/core/contract/contract.ts';
import type { RunReport } from '../../../src/core/run/report.ts';
import type { MigrationResult } from '../../../src/core/run/results.ts';
import { until } from '../../support/servers/stack.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PHASES = [
  'planning',
  'preparing',
  'copying',
  'catching-up',
  'verifying',
  'awaiting-approval',
  'freezing',
  'draining',
  'final-verifying',
  'completing',
];
/** Found in the environment of every process that a demo of this file leaves behind. */
const MARK = `DEMO_E2E=${randomUUID()}`;
const ESCAPE = '\u001B';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shardlift-demo-e2e-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Starts the demo as people do; `env` is laid over an environment that names no server. */
function startDemo(args: string[], env: NodeJS.ProcessEnv = {}) {
  return start('npm', ['run', 'demo', '--', ...args], env);
}

function start(command: string, args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: undefined,
      SHARDLIFT_RAVENDB_URL: undefined,
      FORCE_COLOR: undefined,
      SHARDLIFT_REPORT_DIRECTORY: join(directory, 'reports'),
      TMPDIR: directory,
      DEMO_E2E: MARK.split('=')[1],
      ...env,
    },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}

function onSharedServers(): NodeJS.ProcessEnv {
  return { TEMPORAL_ADDRESS: inject('temporalAddress'), SHARDLIFT_RAVENDB_URL: inject('ravendbUrl') };
}

/** Command lines of the processes that a demo of this file started and that still run. */
async function leftBehind(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').then((names) => names.filter((name) => /^\d+$/.test(name)))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(MARK))
      found.push(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => pid));
  }
  return found;
}

/** What a demo left of its own in the temporary directory. */
async function leftInDirectory(): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith('shardlift-'));
}

function resultOf(stdout: string): MigrationResult & { temporalUi: string | null; studio: string } {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** The lines of the ending that the README shows. */
async function endingInReadme(): Promise<string[]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, shown = ''] = /```\n(✓ Completed:[^`]+)```/.exec(readme) ?? [];
  const lines = withoutChance(shown).trim().split('\n');
  expect(lines.length).toBeGreaterThan(5);
  return lines;
}

/** What an ending says without what differs from run to run. */
function withoutChance(ending: string): string {
  return ending
    .replace(/shardlift-demo-\w+/, 'shardlift-demo-...')
    .replace(/(Downtime +)[\d.]+ s/, '$1... s');
}

describe('npm run demo', () => {
  test('starts servers, migrates the sample data, reports, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await startDemo(['--yes', '--json']).ended;
    expect(code, stderr).toBe(0);
    const result = resultOf(stdout);
    expect(result).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(result.temporalUi).toContain(`/namespaces/default/workflows/${result.workflowId}`);
    expect(result.studio).toContain('database=NorthwindSharded');

    const report = JSON.parse(
      await readFile(result.reportPath ?? '', 'utf8'),
    ) as RunReport<MigrateDatabaseConfig>;
    expect(report).toMatchObject({
      workflowId: result.workflowId,
      phase: 'completed',
      input: {
        source: { connection: 'demo', database: 'Northwind' },
        target: { connection: 'demo', database: 'NorthwindSharded', shards: 3 },
        method: 'stream',
      },
      mismatches: 0,
      approval: { by: expect.stringMatching(/./), note: '--yes', at: expect.stringMatching(/^\d{4}-.+Z$/) },
      failure: null,
    });
    expect(report.timings.map(({ phase }) => phase)).toEqual(PHASES);
    for (const { seconds, startedAt } of report.timings) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(Date.parse(startedAt)).not.toBeNaN();
    }
    expect(report.documents?.source).toBeGreaterThan(1000);
    expect(report.documents?.target).toBe(report.documents?.source);
    for (const { source, target } of Object.values(report.counts)) expect(target).toBe(source);
    expect(Object.keys(report.shards)).toEqual(['0', '1', '2']);
    const inShards = Object.values(report.shards).reduce((sum, count) => sum + count, 0);
    expect(inShards).toBe(report.documents?.target);
    expect(result).toMatchObject({ documents: report.documents, shards: report.shards });
    expect(await leftBehind()).toEqual([]);
    expect(await leftInDirectory()).toEqual([]);
  });

  test('two at once, on servers that are there, keep out of each other’s way; a pipe gets plain text', async () => {
    const demos = await Promise.all([
      startDemo(['--yes', '--method', 'dump'], onSharedServers()).ended,
      startDemo(['--yes', '--shards', '2'], onSharedServers()).ended,
    ]);
    for (const { code, stdout, stderr } of demos) {
      expect(code, stderr).toBe(0);
      expect(stdout + stderr).not.toContain(ESCAPE);
      expect(stdout).toContain('✓ Completed: shardlift-demo-');
      expect(stdout).toMatch(/Documents +1,\d{3} on the source, 1,\d{3} on the target, 0 mismatches/);
      expect(stdout).toMatch(/Shard +Documents +Share\n +0 +\d+ +\d+%/);
      const phases = [...stderr.matchAll(/^\d\d:\d\d:\d\d {2}([a-z-]+)$/gm)].map((match) => match[1]);
      expect(phases).toEqual(PHASES);
    }
    const lines = withoutChance(demos[0]?.stdout ?? '').split('\n');
    expect(lines).toEqual(expect.arrayContaining(await endingInReadme()));
    expect(await leftBehind()).toEqual([]);
    expect(await leftInDirectory()).toEqual([]);
  });

  test('Ctrl-C in the middle stops everything that was started', async () => {
    const { child, output, ended } = start(process.execPath, ['dev/demo/main.ts'], {});
    // the last of what it says then, line by line
    await until('it says how to approve', async () => output.stderr.includes('--name approveCutover'));
    expect(output.stderr).toMatch(/TEMPORAL_ADDRESS=\S+ .*shardlift.* approve \S+ --by you/);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toContain('Stopped.');
    expect(stdout).not.toContain('Completed');
    await until('nothing runs any more', async () => (await leftBehind()).length === 0);
    expect(await leftInDirectory()).toEqual([]);
  });
});
