/** The worker's configuration: named connections to RavenDB, and where files live. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { DEFAULT_TASK_QUEUE } from '../core/contract/task-queues.ts';
import type { Tuning } from '../core/contract/tuning.ts';
import { ConfigError } from './config-error.ts';
import { readEncryptionKeys } from './encryption-keys.ts';
import { type HookSettings, withHiddenSecrets } from './hooks.ts';
import { type Layers, readLayers } from './layers.ts';
import { type BucketSettings, bucketProblem } from './s3-buckets.ts';
import { type ConnectionSettings, connectionProblem } from './schema.ts';
import { readTuning } from './tuning.ts';
import { variableOf } from './variables.ts';

export type { ConnectionSettings } from './schema.ts';
export { ConfigError };

/** Everything that a worker must know, except where Temporal is. */
export interface Config {
  connections: Record<string, ConnectionSettings>;
  /** Where backups and dumps may lie besides the worker's own disk. */
  buckets: Record<string, BucketSettings>;
  /** What may be called at a cutover. */
  hooks: Record<string, HookSettings>;
  /** Temporal task queue for workflows and most activities. */
  taskQueue: string;
  /** Name of this worker's host; work on its files comes back to it. Keep it the same over restarts. */
  host: string;
  dumpDirectory: string;
  reportDirectory: string;
  tuning: Tuning;
  /** Keys of encrypted dumps and backups in base64, by name. Not enumerable, so that no log or copy contains them. */
  encryptionKeys: Record<string, string>;
}

/** The configuration without keys, so that their files need not be read. */
export type Settings = Omit<Config, 'encryptionKeys'>;

/**
 * Reads the configuration file (`SHARDLIFT_CONFIG`, else `shardlift.yaml` in the working directory if there is
 * one); the environment overrides it. `SHARDLIFT_CONNECTION_<NAME>_URLS` (comma-separated), `_CERTIFICATE`,
 * `_CERTIFICATE_PASSWORD`, `_CA` and `_REPLICATION_URLS` set the connection `<name>` (lower case, `_` for `-`), and
 * `SHARDLIFT_ENCRYPTION_KEY_<NAME>` the key `<name>`.
 * @throws ConfigError when a file or a value cannot be used
 */
export function loadConfig(
  environment: NodeJS.ProcessEnv = process.env,
  workingDirectory = process.cwd(),
): Config {
  const layers = readLayers(environment, workingDirectory);
  const encryptionKeys = readEncryptionKeys(layers.merged.encryptionKeys);
  return { ...settingsOf(layers, environment, workingDirectory), encryptionKeys };
}

/**
 * The same without the keys, for commands: the files of keys may be readable by the worker alone.
 * @throws ConfigError
 */
export function loadSettings(
  environment: NodeJS.ProcessEnv = process.env,
  workingDirectory = process.cwd(),
): Settings {
  return settingsOf(readLayers(environment, workingDirectory), environment, workingDirectory);
}

/** The settings of layers, checked, with the defaults below them. @throws ConfigError */
export function settingsOf({ merged }: Layers, env: NodeJS.ProcessEnv, workingDirectory: string): Settings {
  const { connections, buckets, hooks, taskQueue, host, dumpDirectory, reportDirectory } = merged;
  for (const [name, settings] of Object.entries(connections)) {
    const problem = connectionProblem(settings);
    if (problem === undefined) continue;
    throw new ConfigError(
      `Connection "${name}": ${problem}. It comes from shardlift.yaml or ` +
        `${variableOf('CONNECTION', name)}_URLS and the variables like it.`,
    );
  }
  const problem = bucketProblem(buckets);
  if (problem) throw new ConfigError(problem);
  return {
    connections,
    buckets: buckets as Record<string, BucketSettings>,
    hooks: withHiddenSecrets(hooks),
    taskQueue: taskQueue ?? DEFAULT_TASK_QUEUE,
    host: host ?? hostname(),
    dumpDirectory: resolve(workingDirectory, dumpDirectory ?? 'dumps'),
    reportDirectory: resolve(workingDirectory, reportDirectory ?? 'reports'),
    tuning: readTuning(env),
  };
}
