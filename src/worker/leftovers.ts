/** Files that a killed worker left behind. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tuning } from '../core/contract/tuning.ts';

/** Directories of files that live as long as one try of an activity. */
const PASSING = ['rounds', 'attachments'];

/**
 * Deletes what lies in the passing directories below `directory` and was not touched for `leftoverMs`. Best effort:
 * another worker may do the same.
 */
export async function removeLeftovers(
  directory: string,
  { leftoverMs }: Tuning['worker'],
  now = Date.now(),
): Promise<void> {
  for (const passing of PASSING) {
    const parent = join(directory, passing);
    for (const name of await readdir(parent).catch(() => [])) {
      const path = join(parent, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
      if (now - mtimeMs > leftoverMs) await rm(path, { recursive: true, force: true });
    }
  }
}
