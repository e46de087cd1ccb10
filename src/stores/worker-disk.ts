/** Files and space on the worker's own disk. */

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, statfs, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Free bytes on the disk of a directory, which is created if it does not exist. */
export async function freeBytes(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Larger than what a file system keeps with the name of a file. */
const PROBE_BYTES = 64 * 1024;

/** Why a file cannot be written to a directory, which is created if it does not exist; undefined when it can. */
export async function writingFails(directory: string): Promise<string | undefined> {
  const probe = join(directory, `.probe-${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(probe, Buffer.alloc(PROBE_BYTES), { flush: true });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

const LONGEST = 200;

/**
 * A workflow id or database name as the name of one file or folder: without separators or dots that lead upwards, and
 * no longer than file systems allow. Different texts give different names.
 */
export function fileName(text: string): string {
  const name = encodeURIComponent(text)
    .replaceAll('%20', ' ')
    .replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
  if (name.length <= LONGEST) return name;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${name.slice(0, LONGEST)}-${hash}`;
}

/**
 * Has a file written under another name, and gives it its own when it is whole: the name never stands for a part of the
 * file, not even after a crash.
 * @param write writes to the path that it is given; what it returns is passed on
 */
export async function writeWhole<T>(path: string, write: (unfinished: string) => Promise<T>): Promise<T> {
  const unfinished = `${path}.${randomUUID()}.part`;
  try {
    const result = await write(unfinished);
    await rename(unfinished, path);
    return result;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** The same for a text. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeWhole(path, (unfinished) => writeFile(unfinished, text, { flush: true }));
}

/**
 * Keeps a file or folder from being taken for what a killed worker has left: reading it alone does not change its time.
 * @param leftoverMs after which an untouched one counts as left
 * @returns what ends it
 */
export function keepFresh(path: string, leftoverMs: number): () => void {
  const touch = () => {
    const now = new Date();
    // it may not be there yet, or no longer
    void utimes(path, now, now).catch(() => undefined);
  };
  const timer = setInterval(touch, leftoverMs / 4);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Gives a name for a file that is needed for a while. It stays as long as it is used, and is deleted then.
 * @param options.directory of such files; it is created if it does not exist
 * @param options.leftoverMs after which an untouched file in it counts as left by a killed worker
 */
export async function withPassingFile<T>(
  { directory, leftoverMs }: { directory: string; leftoverMs: number },
  use: (file: string) => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, randomUUID());
  const endsFreshness = keepFresh(file, leftoverMs);
  try {
    return await use(file);
  } finally {
    endsFreshness();
    await rm(file, { force: true });
  }
}
