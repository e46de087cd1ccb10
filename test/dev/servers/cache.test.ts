import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheDirectory, installOnce } from '../../../dev/servers/cache.ts';

const INSTALL = fileURLToPath(new URL('./processes/install.ts', import.meta.url));

let cache: string;
let started: ChildProcess[];

beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'shardlift-cache-'));
  started = [];
});

afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await rm(cache, { recursive: true, force: true });
});

function install(buildMs: number) {
  const child = spawn(process.execPath, [INSTALL, cache, String(buildMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  return child;
}

/** A process id that belonged to a process of this machine and no longer does. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

async function buildQuickly(directory: string): Promise<string> {
  const result = path.join(directory, 'result');
  await mkdir(result);
  await writeFile(path.join(result, 'file'), 'new');
  return result;
}

describe('cacheDirectory', () => {
  test('SHARDLIFT_CACHE wins over XDG_CACHE_HOME, which wins over the home directory', () => {
    expect(cacheDirectory({ SHARDLIFT_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheDirectory({ SHARDLIFT_CACHE: '', XDG_CACHE_HOME: '/b' })).toBe('/b/shardlift');
    expect(cacheDirectory({})).toBe(path.join(homedir(), '.cache/shardlift'));
  });
});

describe('installOnce', () => {
  test('two processes at once build one entry', async () => {
    const outputs = await Promise.all([install(400), install(400)].map((child) => text(child.stdout)));
    const builders = outputs.filter((output) => output.startsWith('building'));
    expect(builders).toHaveLength(1);
    const whole = outputs.map((output) => output.trim().split('\n').at(-1));
    expect(whole[0]).toMatch(/^whole, by \d+$/);
    expect(whole[1]).toBe(whole[0]);
    expect(await readdir(cache)).toEqual(['thing']);
  });

  test('a process that waits takes over when the builder is killed, and removes what it left', async () => {
    const first = install(60_000);
    await once(first.stdout, 'data');
    const second = install(10);
    first.kill('SIGKILL');
    expect(await text(second.stdout)).toContain(`whole, by ${second.pid}`);
    expect(await readdir(cache)).toEqual(['thing']);
  });

  test('a build that fails leaves nothing, and the next one succeeds', async () => {
    const fail = installOnce('thing', () => Promise.reject(new Error('no network')), { cache });
    await expect(fail).rejects.toThrow('no network');
    expect(await readdir(cache)).toEqual([]);
    const entry = await installOnce('thing', buildQuickly, { cache });
    expect(await readFile(path.join(entry, 'file'), 'utf8')).toBe('new');
  });

  test('an entry that somebody else made in the meantime is used', async () => {
    const entry = await installOnce(
      'thing',
      async (directory) => {
        await mkdir(path.join(cache, 'thing'));
        await writeFile(path.join(cache, 'thing/file'), 'theirs');
        return buildQuickly(directory);
      },
      { cache },
    );
    expect(await readFile(path.join(entry, 'file'), 'utf8')).toBe('theirs');
    expect(await readdir(cache)).toEqual(['thing']);
  });

  test('only what dead processes of this host left is removed', async () => {
    const dead = await deadPid();
    const mine = `other.tmp-${process.pid}@${hostname()}-1`;
    const elsewhere = `other.tmp-${dead}@not-${hostname()}-1`;
    for (const name of [mine, elsewhere, `other.tmp-${dead}@${hostname()}-1`])
      await mkdir(path.join(cache, name));
    await installOnce('thing', buildQuickly, { cache });
    expect(new Set(await readdir(cache))).toEqual(new Set([mine, elsewhere, 'thing']));
  });

  test('a lock from another host counts until it was not touched for a minute', async () => {
    const lock = path.join(cache, 'thing.lock');
    await writeFile(lock, `1@not-${hostname()}`);
    const notes: string[] = [];
    const waiting = installOnce('thing', buildQuickly, {
      cache,
      note: (message) => notes.push(message),
      signal: AbortSignal.timeout(300),
    });
    await expect(waiting).rejects.toThrow('timeout');
    expect(notes).toEqual(['another process is fetching thing; waited 0 s']);
    const longAgo = new Date(Date.now() - 61_000);
    await utimes(lock, longAgo, longAgo);
    await installOnce('thing', buildQuickly, { cache });
    expect(await readdir(cache)).toEqual(['thing']);
  });
});
