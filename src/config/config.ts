/** The worker's configuration: named connections to RavenDB, and where files live. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml, type YAMLParseError } from 'yaml';
import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from '../core/contract/task-queues.ts';
import type { Tuning } from '../core/contract/tuning.ts';
import { ConfigError } from './config-error.ts';
import { encryptionKeysSchema, readEncryptionKeys, withAbsolutePath } from './encryption-keys.ts';

export { ConfigError };

import { type HookSettings, hooksSchema, readHooks } from './hooks.ts';
import { type BucketSettings, bucketProblem, bucketsSchema, overlayBuckets } from './s3-buckets.ts';
import { readTuning } from './tuning.ts';
import { nameOf, variableOf } from './variables.ts';

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

const url = z.url({
  protocol: /^https?$/,
  error: 'must be an address such as https://raven.example:443',
  abort: true,
});

const addresses = z
  .array(
    url.refine((text) => new URL(text).pathname === '/', 'must have no path: RavenDB listens at the root'),
  )
  .min(1)
  .refine(
    (urls) => new Set(urls.map((text) => new URL(text).protocol)).size <= 1,
    'must all be http or all https',
  );

const connectionSchema = z.strictObject({
  urls: addresses.meta({
    description: 'One address for each node; the first that answers is used. In the variable with commas.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_URLS',
  }),
  certificate: z.string().optional().meta({
    description: 'Path of a client certificate: `.pfx`, or `.pem` with certificate and key.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_CERTIFICATE',
  }),
  certificatePassword: z.string().optional().meta({
    description: 'The password of a `.pfx`; better in the variable than in the file.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_CERTIFICATE_PASSWORD',
  }),
  ca: z.string().optional().meta({
    description: "Path of a PEM file with the authority that signed the server's certificate.",
    variable: 'SHARDLIFT_CONNECTION_<NAME>_CA',
  }),
  replicationUrls: addresses.optional().meta({
    description: 'Addresses at which other RavenDB servers reach this one, if they cannot use `urls`.',
    variable: 'SHARDLIFT_CONNECTION_<NAME>_REPLICATION_URLS',
  }),
});

/** How to reach one RavenDB server or cluster. Stays in the worker: workflows know only the connection's name. */
export type ConnectionSettings = z.output<typeof connectionSchema>;

/** The configuration file. The variable of an entry overrides it; docs/reference.md is written from both. */
export const fileSchema = z.strictObject({
  connections: z.record(z.string().min(1), connectionSchema).default({}),
  buckets: bucketsSchema,
  hooks: hooksSchema,
  taskQueue: z.string().min(1).optional().meta({
    description: "Temporal's task queue. Workers and commands must use the same.",
    variable: 'SHARDLIFT_TASK_QUEUE',
  }),
  host: z.string().min(1).optional().meta({
    description:
      "The name of the worker's host; it must survive restarts, and no two hosts may have the same.",
    variable: 'SHARDLIFT_HOST',
  }),
  dumpDirectory: z.string().min(1).optional().meta({
    description: 'Where dumps are written, and what a copy keeps on the disk for a while.',
    variable: 'SHARDLIFT_DUMP_DIRECTORY',
  }),
  reportDirectory: z.string().min(1).optional().meta({
    description: 'Where reports are written.',
    variable: 'SHARDLIFT_REPORT_DIRECTORY',
  }),
  encryptionKeys: encryptionKeysSchema.default({}),
});

const DEFAULT_FILE = 'shardlift.yaml';
const CONNECTION_VARIABLE =
  /^SHARDLIFT_CONNECTION_(.+?)_(REPLICATION_URLS|URLS|CERTIFICATE|CERTIFICATE_PASSWORD|CA)$/;

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
  const env = withoutEmpty(environment);
  const file = readConfigFile(env.SHARDLIFT_CONFIG, workingDirectory);
  const encryptionKeys = readEncryptionKeys(file.encryptionKeys, env);
  return { ...settingsOf(file, env, workingDirectory), encryptionKeys };
}

/**
 * The same without the keys, for commands: the files of keys may be readable by the worker alone.
 * @throws ConfigError
 */
export function loadSettings(
  environment: NodeJS.ProcessEnv = process.env,
  workingDirectory = process.cwd(),
): Settings {
  const env = withoutEmpty(environment);
  return settingsOf(readConfigFile(env.SHARDLIFT_CONFIG, workingDirectory), env, workingDirectory);
}

function settingsOf(
  file: z.output<typeof fileSchema>,
  env: NodeJS.ProcessEnv,
  workingDirectory: string,
): Settings {
  const connections = overlayConnections(file.connections, env, workingDirectory);
  for (const [name, settings] of Object.entries(connections)) {
    const checked = connectionSchema.safeParse(settings);
    if (!checked.success) {
      throw new ConfigError(
        `Connection "${name}": ${issues(checked.error)}. It comes from shardlift.yaml or ` +
          `${variableOf('CONNECTION', name)}_URLS and the variables like it.`,
      );
    }
  }
  const buckets = overlayBuckets(file.buckets, env);
  const problem = bucketProblem(buckets);
  if (problem) throw new ConfigError(problem);
  return {
    connections: connections as Record<string, ConnectionSettings>,
    buckets: buckets as Record<string, BucketSettings>,
    hooks: readHooks(file.hooks, env),
    taskQueue: env.SHARDLIFT_TASK_QUEUE ?? file.taskQueue ?? DEFAULT_TASK_QUEUE,
    host: env.SHARDLIFT_HOST ?? file.host ?? hostname(),
    dumpDirectory: resolve(workingDirectory, env.SHARDLIFT_DUMP_DIRECTORY ?? file.dumpDirectory ?? 'dumps'),
    reportDirectory: resolve(
      workingDirectory,
      env.SHARDLIFT_REPORT_DIRECTORY ?? file.reportDirectory ?? 'reports',
    ),
    tuning: readTuning(env),
  };
}

function readConfigFile(named: string | undefined, workingDirectory: string): z.output<typeof fileSchema> {
  const path = resolve(workingDirectory, named ?? DEFAULT_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (absent && named === undefined) return fileSchema.parse({});
    const reason = absent ? 'does not exist' : (error as Error).message;
    const from = named === undefined ? '' : ' (from SHARDLIFT_CONFIG)';
    throw new ConfigError(`The configuration file ${path}${from} ${reason}.`);
  }
  let content: unknown;
  try {
    content = parseYaml(text) ?? {};
  } catch (error) {
    // the message of the parser quotes the line, which may hold a password
    const { code = 'its structure is wrong', linePos } = error as Partial<YAMLParseError>;
    const line = linePos ? ` at line ${linePos[0].line}` : '';
    throw new ConfigError(`The configuration file ${path} is not YAML: ${code}${line}.`);
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) throw new ConfigError(`The configuration file ${path}: ${issues(parsed.error)}.`);
  return withAbsolutePaths(parsed.data, dirname(path));
}

/** Paths in the file are relative to the file's folder. */
function withAbsolutePaths(file: z.output<typeof fileSchema>, folder: string): z.output<typeof fileSchema> {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  const connections = Object.entries(file.connections).map(([name, settings]) => [
    name,
    { ...settings, certificate: absolute(settings.certificate), ca: absolute(settings.ca) },
  ]);
  return {
    ...file,
    connections: Object.fromEntries(connections),
    encryptionKeys: Object.fromEntries(
      Object.entries(file.encryptionKeys).map(([name, key]) => [name, withAbsolutePath(key, folder)]),
    ),
    dumpDirectory: absolute(file.dumpDirectory),
    reportDirectory: absolute(file.reportDirectory),
  };
}

function overlayConnections(
  fromFile: Record<string, ConnectionSettings>,
  env: NodeJS.ProcessEnv,
  workingDirectory: string,
): Record<string, Partial<ConnectionSettings>> {
  const connections: Record<string, Partial<ConnectionSettings>> = structuredClone(fromFile);
  for (const [variable, value] of Object.entries(env)) {
    const match = CONNECTION_VARIABLE.exec(variable);
    if (!match?.[1] || !value) continue;
    const name = nameOf(match[1], Object.keys(fromFile));
    connections[name] ??= {};
    const settings = connections[name];
    if (match[2] === 'URLS') settings.urls = list(value);
    if (match[2] === 'REPLICATION_URLS') settings.replicationUrls = list(value);
    if (match[2] === 'CERTIFICATE') settings.certificate = resolve(workingDirectory, value);
    if (match[2] === 'CERTIFICATE_PASSWORD') settings.certificatePassword = value;
    if (match[2] === 'CA') settings.ca = resolve(workingDirectory, value);
  }
  return connections;
}

function list(value: string): string[] {
  return value.split(',').map((part) => part.trim());
}

/** An empty variable counts as absent. */
function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function issues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
}
