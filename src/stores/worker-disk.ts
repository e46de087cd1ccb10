/** Files and space on the worker's own disk. */

import { createHash } from 'node:crypto';
import { mkdir, rename, statfs, writeFile } from 'node:fs/promises';

/** Free bytes on the disk of a directory, which is created if it does not exist. */
export async function freeBytes(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
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

/** Writes a file so that its name never stands for a part of it, not even after a crash. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { flush: true });
  await rename(`${path}.part`, path);
}
