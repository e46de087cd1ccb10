/*
 * Fetches a server by the vendor's own downloader and ends: `official-download temporal|ravendb|time-skipping DIRECTORY`.
 * A process of its own, because Temporal's downloader occupies the SDK's one runtime of the process it runs in, and
 * neither downloader can be canceled. Prints nothing but its progress; fails with the reason as last line.
 */
import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { RAVENDB_VERSION, TEMPORAL_CLI_VERSION, TEMPORAL_TEST_SERVER_VERSION } from './versions.ts';

const [server, directory = ''] = process.argv.slice(2);

/** Leaves the executable `DIRECTORY/temporal`. The downloader is part of starting a server, which ends at once. */
async function downloadTemporal(): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: downloaded(TEMPORAL_CLI_VERSION) },
  });
  await environment.teardown();
  await nameExecutable('temporal');
}

/** Leaves the executable `DIRECTORY/temporal-test-server`. */
async function downloadTimeSkipping(): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: downloaded(TEMPORAL_TEST_SERVER_VERSION) },
  });
  await environment.teardown();
  await nameExecutable('temporal-test-server');
}

function downloaded(version: string) {
  return { type: 'cached-download', downloadDir: directory, version: `v${version}` } as const;
}

/** The downloader puts versions into the name of what it leaves. */
async function nameExecutable(name: string): Promise<void> {
  const found = (await readdir(directory)).find((file) => file.startsWith('temporal'));
  if (!found) throw new Error('the download left no executable');
  await rename(path.join(directory, found), path.join(directory, name));
}

/** Leaves the unpacked distribution in `DIRECTORY/ravendb`. */
async function downloadRavenDb(): Promise<void> {
  const { ServerDownloader } = await import('ravendb-embedded');
  const unpacked = await ServerDownloader.downloadServer({
    version: RAVENDB_VERSION,
    cacheDirectory: directory,
  });
  await rename(unpacked, path.join(directory, 'ravendb'));
}

const downloads: Record<string, () => Promise<void>> = {
  temporal: downloadTemporal,
  ravendb: downloadRavenDb,
  'time-skipping': downloadTimeSkipping,
};

try {
  await downloads[server ?? '']?.();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
