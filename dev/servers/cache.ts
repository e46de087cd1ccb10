import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Note, REPORT_INTERVAL_MS, secondsSince } from './progress.ts';

/** How often a builder touches its lock, and after how long without a touch others take over. */
const LOCK_TOUCH_MS = 5_000;
const LOCK_STALE_MS = 60_000;
const LOCK_POLL_MS = 250;

const OWNER = `${process.pid}@${hostname()}`;

/** Builds an entry in the empty `directory`, and returns the path below it that becomes the entry. */
export type Build = (directory: string) => Promise<string>;

/**
 * The directory of fetched servers: `$SHARDLIFT_CACHE`, else `$XDG_CACHE_HOME/shardlift`, else `~/.cache/shardlift`. It
 * may not exist yet.
 */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SHARDLIFT_CACHE) return path.resolve(env.SHARDLIFT_CACHE);
  return path.join(env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'shardlift');
}

/** Whether `file` exists. Throws any error other than that it does not. */
export async function exists(file: string): Promise<boolean> {
  return stat(file).then(() => true, ifMissing(false));
}

/**
 * Builds the cache entry `name` unless it exists, and returns its path. An entry appears with one rename, so it is
 * complete or absent, whatever interrupts the build. Processes that need the same entry at the same time wait for the one
 * that builds it; if that one dies, another takes over.
 */
export async function installOnce(
  name: string,
  build: Build,
  options: { cache?: string; note?: Note; signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const cache = options.cache ?? cacheDirectory();
  const entry = path.join(cache, name);
  await mkdir(cache, { recursive: true });
  const unlock = await lock(entry, options.note, options.signal);
  try {
    if (!(await exists(entry))) await buildInto(entry, build);
    return entry;
  } finally {
    await unlock();
  }
}

async function buildInto(entry: string, build: Build): Promise<void> {
  await removeAbandoned(path.dirname(entry));
  const directory = `${entry}.tmp-${OWNER}-${Date.now()}`;
  await mkdir(directory);
  try {
    const result = await build(directory);
    // a builder that was suspended and lost its lock finds the entry of another builder here, which is as good
    await rename(result, entry).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await remove(directory);
  }
}

/** Removes a directory tree, even if a dying process still writes into it. */
export async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Removes what interrupted builds have left. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const found of await readdir(cache)) {
    const owner = /\.tmp-(.+)-\d+$/.exec(found)?.[1];
    if (owner && isDead(owner)) await remove(path.join(cache, found));
  }
}

/**
 * Takes the lock file of `entry`. It only saves work: if two processes ever hold it, because both saw a stale lock at the
 * same moment, both build and the rename decides.
 */
async function lock(entry: string, note?: Note, signal?: AbortSignal): Promise<() => Promise<void>> {
  const file = `${entry}.lock`;
  const started = Date.now();
  let reported = 0;
  while (!(await create(file))) {
    signal?.throwIfAborted();
    if (await isStale(file)) {
      await rm(file, { force: true });
      continue;
    }
    if (Date.now() - reported >= REPORT_INTERVAL_MS) {
      note?.(`another process is fetching ${path.basename(entry)}; waited ${secondsSince(started)} s`);
      reported = Date.now();
    }
    await sleep(LOCK_POLL_MS);
  }
  const touch = setInterval(() => {
    utimes(file, new Date(), new Date()).catch(() => undefined);
  }, LOCK_TOUCH_MS);
  return async () => {
    clearInterval(touch);
    if ((await ownerOf(file)) === OWNER) await rm(file, { force: true });
  };
}

async function create(file: string): Promise<boolean> {
  return writeFile(file, OWNER, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

async function isStale(file: string): Promise<boolean> {
  const touched = await stat(file).then((found) => found.mtimeMs, ifMissing(undefined));
  if (touched === undefined) return false;
  return Date.now() - touched > LOCK_STALE_MS || isDead(await ownerOf(file));
}

/** Empty for a moment while a lock is being created. */
async function ownerOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(ifMissing(''));
}

/** Whether `pid@host` was a process of this host that no longer runs. Other hosts may share the cache. */
function isDead(owner: string): boolean {
  const [pid, ...host] = owner.split('@');
  if (host.join('@') !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
