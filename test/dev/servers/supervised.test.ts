import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { untilReady } from '../../../dev/servers/ready.ts';
import { supervise } from '../../../dev/servers/supervised.ts';
import { toolRunner } from '../../../dev/servers/tool.ts';

const SUPERVISE = fileURLToPath(new URL('./processes/supervise.ts', import.meta.url));
/** An orphan stays visible until the system's first process has taken note of its end, which may take seconds. */
const ORPHAN_TIMEOUT_MS = 15_000;

let directory: string;
let logFile: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'shardlift-supervised-'));
  logFile = path.join(directory, 'program.log');
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function shell(script: string) {
  return { command: 'sh', args: ['-c', script] };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  await vi.waitFor(() => expect(runs(pid)).toBe(false), ORPHAN_TIMEOUT_MS);
}

test('a program dies with the process that started it, also after kill -9', async () => {
  const starter = spawn(process.execPath, [SUPERVISE, logFile, 'sleep', '600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(starter.stdout, 'data');
  const pid = Number(line);
  expect(runs(pid)).toBe(true);
  starter.kill('SIGKILL');
  await untilGone(pid);
});

test('a program dies with a supervisor that is killed', async () => {
  const program = await supervise({ command: 'sh', args: ['-c', 'echo $PPID; exec sleep 600'] }, logFile);
  const supervisor = await vi.waitFor(async () => {
    const parent = Number(await program.lastLines());
    expect(parent).toBeGreaterThan(0);
    return parent;
  });
  process.kill(supervisor, 'SIGKILL');
  expect(await program.exited).toBe(128 + 9);
  await untilGone(program.pid);
});

test('stop ends the program in order, and what the program started', async () => {
  const program = await supervise(shell('sleep 600 & echo $!; trap "echo bye; exit 7" TERM; wait'), logFile);
  const descendant = await vi.waitFor(async () => {
    const pid = Number(await program.lastLines());
    expect(pid).toBeGreaterThan(0);
    return pid;
  });
  await program.stop();
  expect(await program.exited).toBe(7);
  expect(await program.lastLines()).toContain('bye');
  expect(runs(program.pid)).toBe(false);
  await untilGone(descendant);
  await program.stop();
  await program.kill();
});

test('kill ends the program at once, and its scratch directory goes with it', async () => {
  const scratch = path.join(directory, 'scratch');
  await mkdir(scratch);
  const program = await supervise(
    shell('trap "" TERM; echo started; exec sleep 600'),
    path.join(scratch, 'log'),
    scratch,
  );
  await program.kill();
  expect(await program.exited).toBe(128 + 9);
  expect(runs(program.pid)).toBe(false);
  expect(await readdir(directory)).toEqual([]);
});

test('a program that cannot be started names the reason', async () => {
  const start = supervise({ command: '/nowhere/server', args: [] }, logFile);
  await expect(start).rejects.toThrow('cannot start /nowhere/server: spawn /nowhere/server ENOENT');
});

test('a server that ends while starting is reported with its last 15 lines', async () => {
  const server = await supervise(shell('seq 1 40; exit 3'), logFile);
  const ready = untilReady('RavenDB', server, () => Promise.reject(new Error('refused')));
  const error = await ready.catch((thrown: Error) => thrown);
  const lines = Array.from({ length: 15 }, (_, i) => `${26 + i}`).join('\n');
  expect(error).toEqual(
    new Error(`RavenDB exited with code 3 while starting. The last lines of its log:\n${lines}`),
  );
});

test('a long stack does not hide what it is of', async () => {
  const stack =
    'echo "--- End of inner exception stack trace ---"; for n in $(seq 1 40); do echo "   at Some.Method()"; done';
  const server = await supervise(shell(`echo "address already in use"; ${stack}; exit 255`), logFile);
  await server.exited;
  expect(await server.lastLines()).toBe('address already in use');
});

test('an aborted start kills the server', async () => {
  const server = await supervise({ command: 'sleep', args: ['600'] }, logFile);
  const abort = new AbortController();
  const ready = untilReady('RavenDB', server, () => Promise.reject(new Error('refused')), abort.signal);
  abort.abort(new Error('enough'));
  await expect(ready).rejects.toThrow('enough');
  expect(runs(server.pid)).toBe(false);
});

test('a tool that fails is reported with its last lines; an aborted one is ended', async () => {
  const run = toolRunner(directory, () => undefined);
  await run({ command: 'true', args: [] });
  await expect(run(shell('echo no route to host; exit 4'))).rejects.toThrow(
    'sh exited with code 4: no route to host',
  );
  const canceled = toolRunner(directory, () => undefined, AbortSignal.timeout(200));
  await expect(canceled({ command: 'sleep', args: ['600'] })).rejects.toThrow('timeout');
  const whileStarting = toolRunner(directory, () => undefined, AbortSignal.timeout(1));
  await expect(whileStarting({ command: 'sleep', args: ['600'] })).rejects.toThrow('timeout');
});
