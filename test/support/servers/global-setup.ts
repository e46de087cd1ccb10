/** Starts the real servers and bundles the workflows, once for all end-to-end tests. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { startServers } from '../../../dev/servers/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    temporalAddress: string;
    ravendbUrl: string;
    workflowBundle: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // a server that lives for one suite gains nothing by measuring its code first
  process.env.DOTNET_TieredPGO ??= '0';
  const directory = await mkdtemp(join(tmpdir(), 'shardlift-e2e-'));
  const workflowBundle = join(directory, 'workflow-bundle.js');
  const [servers, bundle] = await Promise.all([
    startServers({ onProgress: ({ server, message }) => process.stderr.write(`${server}: ${message}\n`) }),
    bundleWorkflowCode({
      logger: new DefaultLogger('WARN'),
      workflowsPath: fileURLToPath(new URL('../../../src/workflows/index.ts', import.meta.url)),
    }),
  ]);
  await writeFile(workflowBundle, bundle.code);
  project.provide('temporalAddress', servers.temporal.address);
  project.provide('ravendbUrl', servers.ravendb.url);
  project.provide('workflowBundle', workflowBundle);
  return async () => {
    await servers.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
