/** Finding the dump that a person names: a file, or the directory of an export with its manifest. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../config/config.ts';
import { DUMP_SUFFIX, MANIFEST_SUFFIX, type Manifest, manifestSchema } from '../core/files/files.ts';

/** A dump that was found, or why it cannot be used. */
export interface FoundDump {
  file?: { name: string; folder: string; path: string; bytes: number };
  manifest?: Manifest;
  /** One sentence each, with the way out. */
  problems: string[];
}

/**
 * Finds a dump on this worker, and checks it against its manifest when it has one.
 * @param named a file or a directory: absolute, or from `dumpDirectory` on
 */
export async function findDump(
  { dumpDirectory, host }: Pick<Config, 'dumpDirectory' | 'host'>,
  named: string,
  signal: AbortSignal,
): Promise<FoundDump> {
  const path = resolve(dumpDirectory, named);
  const what = await stat(path).catch(() => undefined);
  if (!what) {
    const problem = `dump.path "${named}" does not exist on worker "${host}": check the path, or set dump.host to the worker that holds it.`;
    return { problems: [problem] };
  }
  const file = what.isDirectory() ? await dumpIn(path) : path;
  if (typeof file !== 'string') return { problems: file.problems };
  const { size } = await stat(file);
  const name = basename(file);
  const found: FoundDump = { file: { name, folder: dirname(file), path: name, bytes: size }, problems: [] };
  const manifest = await manifestOf(file);
  if (manifest === undefined) return found;
  if (manifest === 'damaged') {
    found.problems.push(`The manifest of ${name} cannot be read: delete it to import the dump without it.`);
    return found;
  }
  found.manifest = manifest;
  if (size !== manifest.bytes) {
    const problem = `${name} has ${size} bytes, but its manifest says ${manifest.bytes}: it is not the file that was exported; copy it again, or export again.`;
    found.problems.push(problem);
  } else if ((await sha256Of(file, signal)) !== manifest.sha256) {
    const problem = `${name} is not the file that was exported: its SHA-256 differs from its manifest; copy it again, or export again.`;
    found.problems.push(problem);
  }
  return found;
}

/** The only dump of a directory. */
async function dumpIn(directory: string): Promise<string | { problems: string[] }> {
  const names = await readdir(directory);
  const dumps = names.filter((name) => name.endsWith(DUMP_SUFFIX));
  const [dump] = dumps;
  if (dumps.length === 1 && dump !== undefined) return join(directory, dump);
  const unfinished = names.some((name) => name.endsWith('.part'));
  const problem =
    dumps.length > 1
      ? `${directory} holds ${dumps.length} dumps; name one of them in dump.path.`
      : `${directory} holds no dump (*${DUMP_SUFFIX})${unfinished ? ', only one that was not finished: export again' : '; name the file itself in dump.path'}.`;
  return { problems: [problem] };
}

async function manifestOf(file: string): Promise<Manifest | 'damaged' | undefined> {
  const name = basename(file);
  const stem = name.endsWith(DUMP_SUFFIX) ? name.slice(0, -DUMP_SUFFIX.length) : name;
  let text: string;
  try {
    text = await readFile(join(dirname(file), `${stem}${MANIFEST_SUFFIX}`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const manifest = manifestSchema.parse(JSON.parse(text));
    return manifest.file === name ? manifest : undefined;
  } catch {
    return 'damaged';
  }
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest('hex');
}
