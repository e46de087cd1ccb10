/*
 * Fetches a server by the vendor's own downloader and ends: `official-download temporal|ravendb DIRECTORY`.
 * A process of its own, because Temporal's downloader occupies the SDK's one runtime of the process it runs in, and
 * neither downloader can be canceled. Prints nothing but its progress; fails with the reason as last line.
 */
import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { RAVENDB_VERSION, TEMPORAL_CLI_VERSION } from './versions.ts';

const [server, directory = ''] = process.argv.slice(2);

/** Leaves the executable `DIRECTORY/temporal`. The downloader is part of starting a server, which ends at once. */
async function downloadTemporal(): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = {
    type: 'cached-download',
    downloadDir: directory,
    version: `v${TEMPORAL_CLI_VERSION}`,
  } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
  const downloaded = (await readdir(directory)).find((file) => file.startsWith('temporal'));
  if (!downloaded) throw new Error('the download left no executable');
  await rename(path.join(directory, downloaded), path.join(directory, 'temporal'));
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

try {
  await (server === 'temporal' ? downloadTemporal() : downloadRavenDb());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
