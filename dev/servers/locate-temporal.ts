import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from './cache.ts';
import { firstThatWorks, type LocateOptions, namedBy } from './locate.ts';
import type { Launch } from './supervised.ts';
import { type Fetch, fetchOnce, goInstall, officialDownload } from './tool.ts';
import { TEMPORAL_CLI_VERSION } from './versions.ts';

const ENTRY = `temporal-${TEMPORAL_CLI_VERSION}`;
const GO_PACKAGE = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`;
const CHECK_TIMEOUT_MS = 30_000;

/**
 * Returns how to start the Temporal CLI, and fetches it if necessary; add its arguments to the returned ones. Looks in
 * this order: `SHARDLIFT_TEMPORAL_CLI`, `temporal` on PATH, the cache, Temporal's own download, the Go module proxy.
 * Throws {@link ServerNotFound}.
 */
export function locateTemporal(options: LocateOptions = {}): Promise<Launch> {
  const fetched = async (fetch: Fetch) =>
    checked(path.join(await fetchOnce('temporal', ENTRY, fetch, options), 'temporal'));
  return firstThatWorks(
    'temporal',
    [
      ...namedBy('SHARDLIFT_TEMPORAL_CLI', checked),
      { title: 'temporal on PATH', find: () => checked('temporal') },
      { title: 'the cache', find: () => checked(path.join(cacheDirectory(), ENTRY, 'temporal')) },
      {
        title: "Temporal's download",
        announcement: `downloading the Temporal CLI ${TEMPORAL_CLI_VERSION} from its vendor`,
        find: () => fetched(officialDownload('temporal')),
      },
      {
        title: 'the Go module proxy',
        announcement:
          `compiling the Temporal CLI ${TEMPORAL_CLI_VERSION} with go install, because the download failed; ` +
          'this takes about 4 minutes, once',
        find: () => fetched(goInstall(GO_PACKAGE)),
      },
    ],
    options,
  );
}

/** How to start an executable, after it was run once. */
async function checked(executable: string): Promise<Launch> {
  try {
    await promisify(execFile)(executable, ['--version'], { timeout: CHECK_TIMEOUT_MS });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing ? new Error(`${executable} does not exist`) : error;
  }
  return { command: executable, args: [] };
}
