import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, installOnce } from './cache.ts';
import { firstThatWorks, type LocateOptions, type Step } from './locate.ts';
import { noteFor } from './progress.ts';
import type { Launch } from './supervised.ts';
import { officialDownload, type RunTool, toolRunner } from './tool.ts';
import { TEMPORAL_CLI_VERSION } from './versions.ts';

const ENTRY = `temporal-${TEMPORAL_CLI_VERSION}`;
const CHECK_TIMEOUT_MS = 30_000;

/**
 * Finds out how to start the Temporal CLI, fetching it where needed; add its arguments to the returned ones. In this
 * order: `SHARDLIFT_TEMPORAL_CLI`, `temporal` on PATH, the cache, Temporal's own download, the Go module proxy.
 * Throws {@link ServerNotFound}.
 */
export function locateTemporal(options: LocateOptions = {}): Promise<Launch> {
  const named = process.env.SHARDLIFT_TEMPORAL_CLI;
  const steps: Step[] = [
    { title: 'temporal on PATH', find: () => checked('temporal') },
    { title: 'the cache', find: () => checked(path.join(cacheDirectory(), ENTRY, 'temporal')) },
    {
      title: "Temporal's download",
      announcement: `fetching the Temporal CLI ${TEMPORAL_CLI_VERSION} from its vendor, as this machine has none`,
      find: () => fetched(downloadOfficial, options),
    },
    {
      title: 'the Go module proxy',
      announcement:
        `compiling the Temporal CLI ${TEMPORAL_CLI_VERSION} with go install, as its download cannot be reached; ` +
        'this is done once and takes about 4 minutes',
      find: () => fetched(goInstall, options),
    },
  ];
  if (named) {
    steps.unshift({
      title: 'SHARDLIFT_TEMPORAL_CLI',
      find: () => checked(path.resolve(named)),
      decides: true,
    });
  }
  return firstThatWorks('temporal', steps, options);
}

/** The launch of an executable that was seen to run. */
async function checked(executable: string): Promise<Launch> {
  try {
    await promisify(execFile)(executable, ['--version'], { timeout: CHECK_TIMEOUT_MS });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw missing ? new Error(`there is no ${executable}`) : error;
  }
  return { command: executable, args: [] };
}

type Fetch = (run: RunTool, directory: string) => Promise<void>;

/** Makes the cache entry with what `fetch` leaves in its directory. */
async function fetched(fetch: Fetch, { onProgress, signal }: LocateOptions): Promise<Launch> {
  const note = noteFor('temporal', onProgress);
  const build = async (directory: string) => {
    const result = path.join(directory, 'result');
    await mkdir(result);
    await fetch(toolRunner(directory, note, signal), result);
    return result;
  };
  return checked(path.join(await installOnce(ENTRY, build, { note, signal }), 'temporal'));
}

async function downloadOfficial(run: RunTool, directory: string): Promise<void> {
  await run(officialDownload('temporal', directory));
}

/** Go's caches grow by almost 5 GB: they lie beside the result, where they are removed with everything else. */
async function goInstall(run: RunTool, directory: string): Promise<void> {
  const beside = path.dirname(directory);
  const source = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`;
  await run({
    command: 'go',
    args: ['install', '-v', '-trimpath', '-modcacherw', '-ldflags=-s -w', source],
    env: {
      GOBIN: directory,
      GOMODCACHE: path.join(beside, 'modules'),
      GOCACHE: path.join(beside, 'build'),
      CGO_ENABLED: '0',
      // GOBIN takes only executables for this machine.
      GOOS: undefined,
      GOARCH: undefined,
    },
  });
}
