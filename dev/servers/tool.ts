import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { installOnce } from './cache.ts';
import type { LocateOptions } from './locate.ts';
import { type Note, noteFor, REPORT_INTERVAL_MS, type ServerName, secondsSince } from './progress.ts';
import { type Launch, siblingScript, supervise } from './supervised.ts';

/** A program that is run to its end; `title` is what messages call it, by default the command's name. */
export type Tool = Launch & { title?: string };

/** Runs a program to its end; throws with the last lines of its output when it fails. */
export type RunTool = (tool: Tool) => Promise<void>;

/** Fetches a server with tools into `directory`, and returns the path below it that becomes the cache entry. */
export type Fetch = (run: RunTool, directory: string) => Promise<string>;

/** Fetches the cache entry unless it exists, and returns its path. */
export function fetchOnce(
  server: ServerName,
  entry: string,
  fetch: Fetch,
  { onProgress, signal }: LocateOptions,
): Promise<string> {
  const note = noteFor(server, onProgress);
  const build = (directory: string) => fetch(toolRunner(directory, note, signal), directory);
  return installOnce(entry, build, { note, signal });
}

/** Fetches a server with the vendor's own downloader. @param version where it is not always the same */
export function officialDownload(server: ServerName, version = ''): Fetch {
  return async (run, directory) => {
    const result = path.join(directory, 'result');
    const args = [siblingScript('official-download'), server, result, version];
    await run({ command: process.execPath, args, title: 'the download' });
    return result;
  };
}

/** Compiles the Go program at `source`, a package with a version, from the module proxy. */
export function goInstall(source: string): Fetch {
  return async (run, directory) => {
    const result = path.join(directory, 'result');
    await mkdir(result);
    await run({
      command: 'go',
      args: ['install', '-v', '-trimpath', '-modcacherw', '-ldflags=-s -w', source],
      env: {
        GOBIN: result,
        // they grow by gigabytes: beside the result they are deleted with everything else
        GOMODCACHE: path.join(directory, 'modules'),
        GOCACHE: path.join(directory, 'build'),
        CGO_ENABLED: '0',
        // GOBIN accepts only executables for this machine
        GOOS: undefined,
        GOARCH: undefined,
      },
    });
    return result;
  };
}

/**
 * A {@link RunTool} that keeps the tools' output in `directory`, reports every 10 s how long they have been running,
 * and stops them when `signal` is aborted or this process dies.
 */
export function toolRunner(directory: string, note: Note, signal?: AbortSignal): RunTool {
  return (tool) => run(tool, directory, note, signal);
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
  // the signal may have been aborted while the tool was starting
  if (signal?.aborted) cancel();
  try {
    const code = await running.exited;
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`${title} exited with code ${code}: ${await running.lastLines()}`);
  } finally {
    clearInterval(report);
    signal?.removeEventListener('abort', cancel);
  }
}
