import path from 'node:path';
import { type Note, REPORT_INTERVAL_MS, type ServerName, secondsSince } from './progress.ts';
import { type Launch, siblingScript, supervise } from './supervised.ts';

/** A program that is run to its end; `title` is what messages call it, by default the command's name. */
export type Tool = Launch & { title?: string };

/** Runs a program to its end; throws with its last lines when it fails. */
export type RunTool = (tool: Tool) => Promise<void>;

/**
 * A {@link RunTool} that keeps the tools' output in `directory`, tells every 10 s how long they have been running,
 * and ends them when `signal` is aborted or this process dies.
 */
export function toolRunner(directory: string, note: Note, signal?: AbortSignal): RunTool {
  return (tool) => run(tool, directory, note, signal);
}

/** The script that fetches a server by its vendor's own downloader and leaves it in `directory`. */
export function officialDownload(server: ServerName, directory: string): Tool {
  const args = [siblingScript('official-download'), server, directory];
  return { command: process.execPath, args, title: 'the download' };
}

async function run(tool: Tool, directory: string, note: Note, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const name = path.basename(tool.command);
  const title = tool.title ?? name;
  const started = Date.now();
  const running = await supervise(tool, path.join(directory, `${name}.log`));
  const report = setInterval(async () => {
    const last = (await running.lastLines()).split('\n').at(-1)?.trim();
    note(`${title} has been running for ${secondsSince(started)} s${last ? `: ${last}` : ''}`);
  }, REPORT_INTERVAL_MS);
  const cancel = () => void running.stop();
  signal?.addEventListener('abort', cancel);
  // it may have been aborted while the tool was being started
  if (signal?.aborted) cancel();
  try {
    const code = await running.exited;
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`${title} ended with code ${code}: ${await running.lastLines()}`);
  } finally {
    clearInterval(report);
    signal?.removeEventListener('abort', cancel);
  }
}
