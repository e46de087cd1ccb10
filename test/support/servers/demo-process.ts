/** Demos as people start them, and what they leave behind. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, inject } from 'vitest';
import { printing, type RunningCommand } from './shardlift-cli.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Found in the environment of every process that a demo leaves behind. */
const MARK = `DEMO_E2E=${randomUUID()}`;

let directory: string;

/** Gives each test of a file a directory for all that its demos write. */
export function withDemoDirectory(): void {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shardlift-demo-e2e-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
}

/** The directory of the test that runs. */
export function ownDirectory(): string {
  return directory;
}

/** Starts the demo as people do; `env` is laid over an environment that names no server. */
export function startDemo(args: string[], env: NodeJS.ProcessEnv = {}) {
  return start('npm', ['run', 'demo', '--', ...args], env);
}

/** Starts a command in an environment that names no server. */
export function start(command: string, args: string[], env: NodeJS.ProcessEnv): RunningCommand {
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
  return printing(child);
}

/** Names the servers of the run. */
export function onSharedServers(): NodeJS.ProcessEnv {
  return { TEMPORAL_ADDRESS: inject('temporalAddress'), SHARDLIFT_RAVENDB_URL: inject('ravendbUrl') };
}

/** Command lines of the processes that a demo of this file started and that still run. */
export async function leftBehind(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc').then((names) => names.filter((name) => /^\d+$/.test(name)))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(MARK))
      found.push(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => pid));
  }
  return found;
}

/** What a demo left of its own in the temporary directory. */
export async function leftInDirectory(): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.startsWith('shardlift-'));
}
