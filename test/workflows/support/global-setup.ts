/** Bundles the workflows once for all tests of their logic, and fetches the server where the machine has none. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { locateTimeSkipping } from '../../../dev/servers/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    logicBundle: string;
  }
}

const TUNING = fileURLToPath(new URL('../../../src/workflows/run/tuning.ts', import.meta.url));
const TEST_TUNING = fileURLToPath(new URL('./tuning.ts', import.meta.url));
/** Which the soak tests have in its place, since they are long enough, and the tests of requests, which must fit one run. */
const SOAK_TUNING = fileURLToPath(new URL('./soak-tuning.ts', import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await locateTimeSkipping({ onProgress: ({ message }) => process.stderr.write(`${message}\n`) });
  const tuning = /^(?:soak|workflow-requests)/.test(project.name) ? SOAK_TUNING : TEST_TUNING;
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: fileURLToPath(new URL('../../../src/workflows/index.ts', import.meta.url)),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, alias: { ...config.resolve?.alias, [TUNING]: tuning } },
    }),
  });
  if (!code.includes(`workflows/support/${basename(tuning)}`))
    throw new Error('The workflows have not the tuning of tests.');
  const directory = await mkdtemp(join(tmpdir(), 'shardlift-logic-'));
  const logicBundle = join(directory, 'workflow-bundle.js');
  await writeFile(logicBundle, code);
  project.provide('logicBundle', logicBundle);
  return () => rm(directory, { recursive: true, force: true });
}
