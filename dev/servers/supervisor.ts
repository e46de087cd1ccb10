/*
 * Runs one program, which dies with the process that started this script, even after `kill -9`: standard input is a pipe
 * from that process, and its end means that the process is gone. Takes one argument, a JSON `Supervision`. Leads a
 * process group of its own. Prints one line: the program's pid, or the reason why it does not run.
 */
import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';
import { constants } from 'node:os';

/** What to run. Output is appended to `logFile`; `scratch` is removed when the starting process is gone. */
export type Supervision = { command: string; args: string[]; logFile: string; scratch: string | null };

const TERM_GRACE_MS = 5_000;

const supervision = JSON.parse(process.argv[2] ?? '') as Supervision;
const log = openSync(supervision.logFile, 'a');
const child = spawn(supervision.command, supervision.args, { stdio: ['ignore', log, log] });
let abandoned = false;

function end(): void {
  if (abandoned) return;
  abandoned = true;
  // the whole process group, with everything that the program started; this process ignores the signal
  process.kill(-process.pid, 'SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), TERM_GRACE_MS).unref();
}

child.once('spawn', () => process.stdout.write(`${child.pid}\n`));
child.once('error', (error) => {
  process.stdout.write(`${error.message}\n`, () => process.exit(127));
});
child.once('exit', (code, signal) => {
  if (abandoned && supervision.scratch) {
    rmSync(supervision.scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1));
});

// the other end may be gone before a line is written; the end of standard input says the same
process.stdout.on('error', () => undefined);
process.stdin.once('close', end).resume();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
