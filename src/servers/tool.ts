import path from 'node:path';
import type { Note } from './progress.ts';
import { type Launch, supervise } from './supervised.ts';

const REPORT_MS = 10_000;

/** Runs a program to its end; throws with its last lines when it fails. */
export type RunTool = (command: string, args: string[], env?: NodeJS.ProcessEnv) => Promise<void>;

/**
 * A {@link RunTool} that keeps the tools' output in `directory`, tells every 10 s how long they have been running,
 * and ends them when `signal` is aborted or this process dies.
 */
export function toolRunner(directory: string, note: Note, signal?: AbortSignal): RunTool {
  return (command, args, env = {}) => run({ command, args, env }, directory, note, signal);
}

async function run(launch: Launch, directory: string, note: Note, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const name = path.basename(launch.command);
  const started = Date.now();
  const tool = await supervise(launch, path.join(directory, `${name}.log`));
  const report = setInterval(async () => {
    const last = (await tool.lastLines()).split('\n').at(-1)?.trim();
    note(`${name} has been running for ${secondsSince(started)} s${last ? `: ${last}` : ''}`);
  }, REPORT_MS);
  const cancel = () => void tool.stop();
  signal?.addEventListener('abort', cancel);
  try {
    const code = await tool.exited;
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`${name} ended with code ${code}: ${await tool.lastLines()}`);
  } finally {
    clearInterval(report);
    signal?.removeEventListener('abort', cancel);
  }
}

function secondsSince(time: number): number {
  return Math.round((Date.now() - time) / 1000);
}
