/** Our own command line, as a person uses it. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../../../src/core/text/format.ts';
import type { Stack } from './stack.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

/** What a command has printed. */
interface Output {
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  child: ChildProcess;
  /** What it has printed so far. */
  output: Output;
  ended: Promise<Output & { code: number | null }>;
}

/** Starts `shardlift` with arguments, without a terminal. */
export function shardlift(stack: Stack, ...args: string[]): RunningCommand {
  return shardliftIn(stack, {}, ...args);
}

/** The same, with an environment of its own on top of that of the stack. */
export function shardliftIn(stack: Stack, more: NodeJS.ProcessEnv, ...args: string[]): RunningCommand {
  const env = { ...stack.environment(), FORCE_COLOR: undefined, ...more };
  return printing(spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** The same in a terminal, in a directory of the stack. */
export function inTerminal(stack: Stack, more: NodeJS.ProcessEnv, ...args: string[]): RunningCommand {
  const env = { ...stack.environment(), ...more };
  const command = [process.execPath, MAIN, ...args].map(shellWord).join(' ');
  const script = ['--quiet', '--return', '--command', command, '/dev/null'];
  return printing(spawn('script', script, { env, cwd: stack.directory, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Gathers what a command prints until it ends. */
export function printing(child: ChildProcessByStdio<null, Readable, Readable>): RunningCommand {
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
