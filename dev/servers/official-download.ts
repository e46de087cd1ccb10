/*
 * Downloads a server with the vendor's own downloader and exits: `official-download SERVER RESULT [VERSION]`, where RESULT is the
 * directory that becomes the cache entry. It is a process of its own because Temporal's downloader occupies the SDK's
 * only runtime in its process, and because the downloaders cannot be canceled. On failure the last line is the reason.
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import type { ServerName } from './progress.ts';
import { TEMPORAL_CLI_VERSION, TEMPORAL_TEST_SERVER_VERSION } from './versions.ts';

const [server, result = '', version = ''] = process.argv.slice(2);

/** Leaves the executable `RESULT/temporal`. */
async function downloadTemporal(): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = await downloadInto(result, TEMPORAL_CLI_VERSION);
  // the download is a part of starting the server
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
  await nameExecutable('temporal');
}

/** Leaves the executable `RESULT/temporal-test-server`. */
async function downloadTimeSkipping(): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = await downloadInto(result, TEMPORAL_TEST_SERVER_VERSION);
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  await environment.teardown();
  await nameExecutable('temporal-test-server');
}

async function downloadInto(downloadDir: string, version: string) {
  await mkdir(downloadDir);
  return { type: 'cached-download', downloadDir, version: `v${version}` } as const;
}

/** The downloader adds the version to the name of the executable. */
async function nameExecutable(name: string): Promise<void> {
  const found = (await readdir(result)).find((file) => file.startsWith('temporal'));
  if (!found) throw new Error('the download left no executable');
  await rename(path.join(result, found), path.join(result, name));
}

/** Leaves the unpacked distribution as `RESULT`. */
async function downloadRavenDb(): Promise<void> {
  const { ServerDownloader } = await import('ravendb-embedded');
  const cacheDirectory = path.dirname(result);
  await rename(await ServerDownloader.downloadServer({ version, cacheDirectory }), result);
}

const downloads: Record<ServerName, () => Promise<void>> = {
  temporal: downloadTemporal,
  ravendb: downloadRavenDb,
  'time-skipping': downloadTimeSkipping,
};

try {
  await downloads[server as ServerName]();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
