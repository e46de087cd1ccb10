/** Files and space on the worker's own disk. */

import { createHash } from 'node:crypto';
import { mkdir, rename, statfs, writeFile } from 'node:fs/promises';

/** Bytes that are free where a directory is, which is made if it is not there. */
export async function freeBytes(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

const LONGEST = 200;

/**
 * A workflow id or database name as the name of one file or folder: no separators, nothing that climbs, no longer
 * than file systems take. Different texts give different names.
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
