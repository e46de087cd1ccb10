import { mkdir, statfs } from 'node:fs/promises';

/** Bytes that are free where a directory is, which is made if it is not there. */
export async function freeBytes(directory: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
