import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { remove } from './cache.ts';
import type { Supervision } from './supervisor.ts';

/** A program with its arguments, and what its environment has in addition to ours; `undefined` removes a variable. */
export type Launch = { command: string; args: string[]; env?: NodeJS.ProcessEnv };

/** A running program that dies with this process, however this process ends. */
export type Supervised = {
  /** Process id of the program itself. */
  pid: number;
  /** Resolves with the exit code when the program is gone; 128 + the signal's number if a signal killed it. */
  exited: Promise<number>;
  /** SIGTERM, after 5 s SIGKILL; resolves when the program is gone. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the program is gone. */
  kill(): Promise<void>;
  /** The last lines that the program wrote. */
  lastLines(): Promise<string>;
};

type Supervisor = ChildProcessByStdio<Writable, Readable, null>;

const LAST_LINES = 15;
const STACK = /^\s+at |^\s*--- End of /;

/** The path of a script in this folder. */
export function siblingScript(name: string): string {
  return fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
}

/**
 * Starts a program under the supervisor script. Appends its output to `logFile`, and removes the directory `scratch` when
 * the program is gone. Throws if the program cannot be started.
 */
export async function supervise(launch: Launch, logFile: string, scratch?: string): Promise<Supervised> {
  const { command, args } = launch;
  const supervision: Supervision = { command, args, logFile, scratch: scratch ?? null };
  const supervisor = spawn(process.execPath, [siblingScript('supervisor'), JSON.stringify(supervision)], {
    // a process group of its own: Ctrl-C in the terminal reaches only us, and we stop the program
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    // NODE_OPTIONS is for the caller: its debugger would halt the supervisor
    env: { ...process.env, NODE_OPTIONS: undefined, ...launch.env },
  });
  await once(supervisor, 'spawn');
  const supervisorExit = once(supervisor, 'exit');
  const removeScratch = async () => {
    if (scratch) await remove(scratch).catch(() => undefined);
  };
  const pid = await readPid(supervisor);
  if (typeof pid !== 'number') {
    await removeScratch();
    throw new Error(`cannot start ${command}: ${pid.reason}`);
  }
  let finalLines: string | undefined;
  const exited = supervisorExit.then(async ([code, signal]) => {
    // if the supervisor itself was killed, nobody else kills the program
    if (signal) signalIfAlive(pid, 'SIGKILL');
    finalLines = await lastLines(logFile);
    await removeScratch();
    return (code as number | null) ?? 128 + constants.signals[signal as NodeJS.Signals];
  });
  // a forgotten server does not keep this process alive
  supervisor.unref();
  const end = async (how: () => void) => {
    supervisor.ref();
    how();
    await exited;
  };
  return {
    pid,
    exited,
    stop: () => end(() => supervisor.stdin.end()),
    kill: () =>
      end(() => {
        if (supervisor.exitCode === null && supervisor.signalCode === null) signalIfAlive(pid, 'SIGKILL');
      }),
    lastLines: async () => finalLines ?? (await lastLines(logFile)),
  };
}

/** The supervisor's first line is the program's pid, or the reason why there is none. */
async function readPid(supervisor: Supervisor): Promise<number | { reason: string }> {
  supervisor.stdin.on('error', () => undefined);
  let text = '';
  for await (const chunk of supervisor.stdout) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  const pid = Number.parseInt(text, 10);
  return Number.isNaN(pid) ? { reason: text.trim() } : pid;
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The last lines of a text file; empty if the file does not exist. */
async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n');
  // a stack of .NET is longer than that, and what it is of stands above it
  return lines
    .filter((line) => !STACK.test(line))
    .slice(-LAST_LINES)
    .join('\n');
}
