/** The worker's configuration: named connections to RavenDB, and where files live. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml, type YAMLParseError } from 'yaml';
import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from '../core/contract.ts';

/** How to reach one RavenDB server or cluster. Stays in the worker: workflows know only the connection's name. */
export interface ConnectionSettings {
  /** One address a node; the first that answers is used. */
  urls: string[];
  /** Path of a client certificate: `.pfx`, or `.pem` with certificate and key. */
  certificate?: string | undefined;
  certificatePassword?: string | undefined;
  /** Path of a PEM file with the authority that signed the server's certificate. */
  ca?: string | undefined;
}

/** What a worker needs to know besides where Temporal is. */
export interface Config {
  connections: Record<string, ConnectionSettings>;
  /** Temporal task queue for workflows and most activities. */
  taskQueue: string;
  /** Name of this worker's host; dump files are routed back to it. Keep it stable over restarts. */
  host: string;
  dumpDirectory: string;
  reportDirectory: string;
}

/** A configuration that cannot be used; the message names the file or variable and the way out. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const url = z.url({ protocol: /^https?$/, error: 'must be an address such as https://raven.example:443' });

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
  urls: addresses,
  certificate: z.string().optional(),
  certificatePassword: z.string().optional(),
  ca: z.string().optional(),
});

const fileSchema = z.strictObject({
  connections: z.record(z.string().min(1), connectionSchema).default({}),
  taskQueue: z.string().min(1).optional(),
  host: z.string().min(1).optional(),
  dumpDirectory: z.string().min(1).optional(),
  reportDirectory: z.string().min(1).optional(),
});

const DEFAULT_FILE = 'shardlift.yaml';
const CONNECTION_VARIABLE = /^SHARDLIFT_CONNECTION_(.+)_(URLS|CERTIFICATE|CERTIFICATE_PASSWORD|CA)$/;

/**
 * Reads the configuration file (`SHARDLIFT_CONFIG`, else `shardlift.yaml` in the working directory if there is
 * one) and lays the environment over it. `SHARDLIFT_CONNECTION_<NAME>_URLS` (comma-separated), `_CERTIFICATE`,
 * `_CERTIFICATE_PASSWORD` and `_CA` set the connection `<name>` (lower case, `_` for `-`).
 * @throws ConfigError when a file or a value cannot be used
 */
export function loadConfig(
  environment: NodeJS.ProcessEnv = process.env,
  workingDirectory = process.cwd(),
): Config {
  const env = withoutEmpty(environment);
  const file = readConfigFile(env.SHARDLIFT_CONFIG, workingDirectory);
  const connections = overlayConnections(file.connections, env, workingDirectory);
  for (const [name, settings] of Object.entries(connections)) {
    const checked = connectionSchema.safeParse(settings);
    if (!checked.success) {
      throw new ConfigError(
        `Connection "${name}": ${issues(checked.error)}. It comes from shardlift.yaml or ${variableOf(name)}_URLS ` +
          'and the variables beside it.',
      );
    }
  }
  return {
    connections: connections as Record<string, ConnectionSettings>,
    taskQueue: env.SHARDLIFT_TASK_QUEUE ?? file.taskQueue ?? DEFAULT_TASK_QUEUE,
    host: env.SHARDLIFT_HOST ?? file.host ?? hostname(),
    dumpDirectory: resolve(workingDirectory, env.SHARDLIFT_DUMP_DIRECTORY ?? file.dumpDirectory ?? 'dumps'),
    reportDirectory: resolve(
      workingDirectory,
      env.SHARDLIFT_REPORT_DIRECTORY ?? file.reportDirectory ?? 'reports',
    ),
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

/** Paths in the file are meant from the file's own folder. */
function withAbsolutePaths(file: z.output<typeof fileSchema>, folder: string): z.output<typeof fileSchema> {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  const connections = Object.entries(file.connections).map(([name, settings]) => [
    name,
    { ...settings, certificate: absolute(settings.certificate), ca: absolute(settings.ca) },
  ]);
  return {
    ...file,
    connections: Object.fromEntries(connections),
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
    const wanted = `SHARDLIFT_CONNECTION_${match[1]}`;
    const inFile = Object.keys(fromFile).find((each) => variableOf(each) === wanted);
    const name = inFile ?? match[1].toLowerCase().replaceAll('_', '-');
    connections[name] ??= {};
    const settings = connections[name];
    if (match[2] === 'URLS') settings.urls = value.split(',').map((part) => part.trim());
    if (match[2] === 'CERTIFICATE') settings.certificate = resolve(workingDirectory, value);
    if (match[2] === 'CERTIFICATE_PASSWORD') settings.certificatePassword = value;
    if (match[2] === 'CA') settings.ca = resolve(workingDirectory, value);
  }
  return connections;
}

/** The first part of the variables that set a connection. */
function variableOf(connection: string): string {
  return `SHARDLIFT_CONNECTION_${connection.toUpperCase().replaceAll('-', '_')}`;
}

/** An empty variable counts as absent. */
function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

function issues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
}
