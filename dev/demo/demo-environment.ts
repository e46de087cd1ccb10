import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { foreignRemoved } from '../playground/worker.ts';
import type { DemoServers } from './demo-servers.ts';

/** The name of the one connection. */
export const DEMO_CONNECTION = 'demo';

/** Those of the user's settings that the demo's worker gets: how to reach a RavenDB that the user named. */
const KEPT = /^SHARDLIFT_CONNECTION_DEMO_(CERTIFICATE|CERTIFICATE_PASSWORD|CA)$/;

/**
 * The environment of the demo's worker, which leads only to the demo's servers. Variables that the user has for other work
 * are removed, and configuration files of the user are not read.
 */
export async function demoEnvironment(
  servers: DemoServers,
  options: { taskQueue: string; directory: string; env: NodeJS.ProcessEnv },
): Promise<NodeJS.ProcessEnv> {
  const { taskQueue, directory, env } = options;
  const adds: NodeJS.ProcessEnv = {
    SHARDLIFT_CONFIG: await file(directory, 'shardlift.yaml', ''),
    SHARDLIFT_CONNECTION_DEMO_URLS: servers.ravendb.url,
    SHARDLIFT_TASK_QUEUE: taskQueue,
    SHARDLIFT_DUMP_DIRECTORY: join(directory, 'dumps'),
    SHARDLIFT_REPORT_DIRECTORY: resolve(env.SHARDLIFT_REPORT_DIRECTORY ?? 'reports'),
  };
  if (servers.temporal) {
    adds.TEMPORAL_CONFIG_FILE = await file(directory, 'temporal.toml', '[profile.default]\n');
    adds.TEMPORAL_ADDRESS = servers.temporal.address;
  }
  return foreignRemoved(env, { keeps: KEPT, ownTemporal: servers.temporal !== undefined, adds });
}

async function file(directory: string, name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}
