/**
 * Gives all tests of a run one folder for their temporary files and a mark in their environment, and fails the run
 * when a process with that mark or a file is left at its end. A port that is left belongs to such a process.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { onePerRun } from './one-per-run.ts';

const MARK = 'SHARDLIFT_TEST_RUN';
/** A process that was told to end may need a moment. */
const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 250;
/** What Node, its package manager and .NET keep there for all their processes, and leave. */
const NOT_OURS = /^(?:node-compile-cache|node-jiti|clr-debug-pipe-|dotnet-diagnostic-|\.dotnet|\.NET)/;

/** Files there are kept in memory, by Linux. */
const IN_MEMORY = '/dev/shm';
/** The databases of `npm test` took up to 12 GB of it at a time, and its processes 6 GB. */
const ENOUGH_BYTES = 18 * 1024 ** 3;

export default async function setup({ name }: TestProject): Promise<() => Promise<void>> {
  const { done } = await onePerRun('leave-nothing', () => begin(name), end);
  return done;
}

interface TestRun {
  id: string;
  folder: string;
}

async function begin(project: string): Promise<TestRun> {
  const folder = await mkdtemp(join(await placeFor(project), 'shardlift-tests-'));
  const id = randomUUID();
  process.env[MARK] = id;
  process.env.TMPDIR = folder;
  return { id, folder };
}

/**
 * In memory where there is enough of it: what a process has written outlives its death there, too, and nothing waits for a
 * disk. The soak tier has larger databases.
 */
async function placeFor(project: string): Promise<string> {
  const { bavail, bsize } = await statfs(IN_MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  const hasRoom = Math.min(bavail * bsize, freemem()) >= ENOUGH_BYTES;
  return hasRoom && !project.startsWith('soak') ? IN_MEMORY : tmpdir();
}

async function end({ id, folder }: TestRun): Promise<void> {
  const deadline = Date.now() + GONE_WITHIN_MS;
  let left = await leftOf(id, folder);
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
    left = await leftOf(id, folder);
  }
  await rm(folder, { recursive: true, force: true });
  if (left.length === 0) return;
  process.exitCode = 1;
  process.stderr.write(`\nTests left behind:\n${left.map((each) => `  ${each}\n`).join('')}`);
}

async function leftOf(id: string, folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => !NOT_OURS.test(name));
  return [...files.map((name) => `file ${join(folder, name)}`), ...(await processesOf(id))];
}

/** The processes that have inherited the mark, as Linux tells it; the runner's own end by themselves. */
async function processesOf(id: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const of = (what: string) => readFile(`/proc/${pid}/${what}`, 'utf8').catch(() => '');
    const [environment, command] = await Promise.all([of('environ'), of('cmdline')]);
    const isOurs = environment.split('\0').includes(`${MARK}=${id}`) && !command.includes('/vitest/dist/');
    return isOurs ? `process ${pid}: ${command.replaceAll('\0', ' ').slice(0, 300)}` : '';
  });
  return (await Promise.all(found)).filter(Boolean);
}
