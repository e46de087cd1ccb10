/** Starts the real servers and bundles the workflows, once a run for all end-to-end tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { type EmbeddedServers, startServers } from '../../../dev/servers/index.ts';
import { onePerRun } from './one-per-run.ts';
import { startWorkerProcess, type WorkerProcess, workerEnvironment } from './worker-process.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    temporalAddress: string;
    ravendbUrl: string;
    /** Where RavenDB keeps its databases. */
    ravendbDirectory: string;
    workflowBundle: string;
    /** The worker of all files that want no other, and where it writes. */
    sharedWorker: { taskQueue: string; directory: string };
    /** For what the files of a run share; deleted with its servers. */
    directory: string;
  }
}

const WORKFLOW_TUNING = fileURLToPath(new URL('./workflow-tuning.ts', import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { value, done } = await onePerRun('servers', start, end);
  project.provide('temporalAddress', value.servers.temporal.address);
  project.provide('ravendbUrl', value.servers.ravendb.url);
  project.provide('ravendbDirectory', join(value.servers.ravendb.dataDirectory, 'Databases'));
  project.provide('workflowBundle', value.workflowBundle);
  project.provide('directory', value.directory);
  project.provide('sharedWorker', value.sharedWorker);
  return done;
}

interface Shared {
  servers: EmbeddedServers;
  directory: string;
  workflowBundle: string;
  sharedWorker: { taskQueue: string; directory: string };
  worker: WorkerProcess;
}

async function start(): Promise<Shared> {
  // a server that lives for one suite gains nothing by measuring its code first, nor by guarding what it compiles
  process.env.DOTNET_EnableWriteXorExecute ??= '0';
  process.env.DOTNET_TieredPGO ??= '0';
  process.env.DOTNET_TC_CallCountThreshold ??= '300';
  // on few cores threads that wait for work would spin instead of leaving the cores to others
  process.env.DOTNET_ThreadPool_UnfairSemaphoreSpinLimit ??= '0';
  const directory = await mkdtemp(join(tmpdir(), 'shardlift-e2e-'));
  // a worker is started a hundred times, and mostly killed before it keeps what it has compiled
  process.env.NODE_COMPILE_CACHE = join(directory, 'compile-cache');
  const workflowBundle = join(directory, 'workflow-bundle.js');
  const [servers, bundle] = await Promise.all([
    startServers({ onProgress: ({ server, message }) => process.stderr.write(`${server}: ${message}\n`) }),
    bundleWorkflowCode({
      logger: new DefaultLogger('WARN'),
      workflowsPath: sourceFile('workflows/index.ts'),
      webpackConfigHook: (config) => {
        const alias = { [sourceFile('workflows/run/tuning.ts')]: WORKFLOW_TUNING };
        return { ...config, resolve: { ...config.resolve, alias: { ...config.resolve?.alias, ...alias } } };
      },
    }),
    fillCompileCache(),
  ]);
  if (!bundle.code.includes('workflow-tuning'))
    throw new Error('The workflows have not the tuning of tests.');
  await writeFile(workflowBundle, bundle.code);
  const sharedWorker = { taskQueue: 'shared', directory };
  const worker = await startWorkerProcess(
    workerEnvironment({
      temporalAddress: servers.temporal.address,
      ravendbUrl: servers.ravendb.url,
      workflowBundle,
      ...sharedWorker,
    }),
    directory,
  );
  return { servers, directory, workflowBundle, sharedWorker, worker };
}

/** A process that exits by itself may wait for V8 for ever (Node 24.21), so this one is killed when it has kept all. */
async function fillCompileCache(): Promise<void> {
  const program = `
    await import(process.argv[1]);
    (await import('node:module')).flushCompileCache();
    process.kill(process.pid, 'SIGKILL');
  `;
  const args = ['--input-type=module', '--eval', program, sourceFile('worker/run-worker.ts')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(child, 'exit');
  if (child.signalCode !== 'SIGKILL') throw new Error('The code of the worker could not be compiled.');
}

async function end({ servers, directory, worker }: Shared): Promise<void> {
  await worker.kill();
  await servers.stop();
  await rm(directory, { recursive: true, force: true });
}

function sourceFile(name: string): string {
  return fileURLToPath(new URL(`../../../src/${name}`, import.meta.url));
}
