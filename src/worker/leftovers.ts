/** Files that a killed worker left behind. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Directories of files that live as long as one try of an activity. */
const PASSING = ['rounds', 'attachments'];
/** A file that is in use is written to or read within this. */
const UNUSED_FOR_MS = 24 * 60 * 60_000;

/**
 * Deletes what lies in the passing directories below `directory` and was not touched for a day. Best effort: another
 * worker may do the same.
 */
export async function removeLeftovers(directory: string, now = Date.now()): Promise<void> {
  for (const passing of PASSING) {
    const parent = join(directory, passing);
    for (const name of await readdir(parent).catch(() => [])) {
      const path = join(parent, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
      if (now - mtimeMs > UNUSED_FOR_MS) await rm(path, { recursive: true, force: true });
    }
  }
}
