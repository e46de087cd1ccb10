/** The worker of the demo: a process of its own, as in production, with a task queue of its own. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Supervised, supervise } from '../servers/supervised.ts';
import type { DemoServers } from './demo-servers.ts';

/** The name of the one connection. */
export const DEMO_CONNECTION = 'demo';

/** Those of the user's settings that the demo's worker gets: how to reach a RavenDB that the user named. */
const KEPT = /^SHARDLIFT_(CONNECTION_DEMO_(CERTIFICATE|CERTIFICATE_PASSWORD|CA)|WORKFLOW_BUNDLE)$/;

/**
 * The environment of the demo's worker, which leads only to the demo's servers. Variables that the user has for other work
 * are removed, and configuration files of the user are not read.
 */
export async function demoEnvironment(
  servers: DemoServers,
  options: { taskQueue: string; directory: string; env: NodeJS.ProcessEnv },
): Promise<NodeJS.ProcessEnv> {
  const { taskQueue, directory, env } = options;
  const own: NodeJS.ProcessEnv = {
    SHARDLIFT_CONFIG: await file(directory, 'shardlift.yaml', ''),
    SHARDLIFT_CONNECTION_DEMO_URLS: servers.ravendb.url,
    SHARDLIFT_TASK_QUEUE: taskQueue,
    SHARDLIFT_DUMP_DIRECTORY: join(directory, 'dumps'),
    SHARDLIFT_REPORT_DIRECTORY: resolve(env.SHARDLIFT_REPORT_DIRECTORY ?? 'reports'),
  };
  if (servers.temporal) {
    own.TEMPORAL_CONFIG_FILE = await file(directory, 'temporal.toml', '[profile.default]\n');
    own.TEMPORAL_ADDRESS = servers.temporal.address;
  }
  const isForeign = (name: string) =>
    (name.startsWith('SHARDLIFT_') && !KEPT.test(name)) ||
    (servers.temporal !== undefined && name.startsWith('TEMPORAL_'));
  const foreign = Object.keys(env).filter(isForeign);
  return { ...env, ...Object.fromEntries(foreign.map((name) => [name, undefined])), ...own };
}

/** Starts the worker, which stops with this process, however that ends. */
export async function startDemoWorker(env: NodeJS.ProcessEnv, logFile: string): Promise<Supervised> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  return await supervise({ command: process.execPath, args: [main, 'worker'], env }, logFile);
}

async function file(directory: string, name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}
