/** From where a configuration is put together: a file, and over it the environment. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml, type YAMLParseError } from 'yaml';
import { ConfigError } from './config-error.ts';
import { givenKeys, withAbsolutePath } from './encryption-keys.ts';
import { givenSecrets } from './hooks.ts';
import { givenBuckets } from './s3-buckets.ts';
import { type ConnectionSettings, type FileContent, fileSchema, issues } from './schema.ts';
import { type Given, nameOf, overlay } from './variables.ts';

const DEFAULT_FILE = 'shardlift.yaml';
const CONNECTION_VARIABLE =
  /^SHARDLIFT_CONNECTION_(.+?)_(REPLICATION_URLS|URLS|CERTIFICATE|CERTIFICATE_PASSWORD|CA)$/;

const PARTS = {
  URLS: 'urls',
  REPLICATION_URLS: 'replicationUrls',
  CERTIFICATE: 'certificate',
  CERTIFICATE_PASSWORD: 'certificatePassword',
  CA: 'ca',
} as const satisfies Record<string, keyof ConnectionSettings>;

/** Variables that set one key each. */
const SINGLE = {
  SHARDLIFT_TASK_QUEUE: 'taskQueue',
  SHARDLIFT_HOST: 'host',
  SHARDLIFT_DUMP_DIRECTORY: 'dumpDirectory',
  SHARDLIFT_REPORT_DIRECTORY: 'reportDirectory',
} as const;

/** The configuration file: where it is, and whether somebody named it. */
export interface FilePlace {
  path: string;
  isNamed: boolean;
}

/** What file and environment say, before defaults. */
export interface Layers {
  file: FilePlace;
  /** As it stands in the file; undefined when there is none. */
  written: unknown;
  given: Given[];
  /** What the environment gives, laid over the file. */
  merged: FileContent;
}

/** Where the configuration file is, or would be. */
export function placeOfFile(env: NodeJS.ProcessEnv, workingDirectory: string): FilePlace {
  const named = env.SHARDLIFT_CONFIG;
  return { path: resolve(workingDirectory, named || DEFAULT_FILE), isNamed: Boolean(named) };
}

/** Reads the layers. @throws ConfigError for a file that cannot be used */
export function readLayers(environment: NodeJS.ProcessEnv, workingDirectory: string): Layers {
  // an empty variable counts as absent
  const env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const file = placeOfFile(env, workingDirectory);
  const written = readConfigFile(file);
  const content = checkedContent(file.path, written ?? {});
  const given = [
    ...givenConnections(content.connections, env, workingDirectory),
    ...givenBuckets(content.buckets, env),
    ...givenSecrets(content.hooks, env),
    ...givenKeys(content.encryptionKeys, env),
    ...Object.entries(SINGLE).flatMap(([variable, key]) =>
      env[variable] === undefined ? [] : [{ variable, key: [key], value: env[variable] }],
    ),
  ];
  return { file, written, given, merged: overlay(content, given) };
}

function readConfigFile({ path, isNamed }: FilePlace): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (absent && !isNamed) return undefined;
    const reason = absent ? 'does not exist' : (error as Error).message;
    throw new ConfigError(
      `The configuration file ${path}${isNamed ? ' (from SHARDLIFT_CONFIG)' : ''} ${reason}.`,
    );
  }
  try {
    return parseYaml(text) ?? {};
  } catch (error) {
    // the message of the parser quotes the line, which may hold a password
    const { code = 'its structure is wrong', linePos } = error as Partial<YAMLParseError>;
    const line = linePos ? ` at line ${linePos[0].line}` : '';
    throw new ConfigError(`The configuration file ${path} is not YAML: ${code}${line}.`);
  }
}

function checkedContent(path: string, written: unknown): FileContent {
  const parsed = fileSchema.safeParse(written);
  if (!parsed.success) throw new ConfigError(`The configuration file ${path}: ${issues(parsed.error)}.`);
  return withAbsolutePaths(parsed.data, dirname(path));
}

/** Paths in the file are relative to the file's folder. */
function withAbsolutePaths(file: FileContent, folder: string): FileContent {
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

function givenConnections(
  fromFile: FileContent['connections'],
  env: NodeJS.ProcessEnv,
  workingDirectory: string,
): Given[] {
  return Object.entries(env).flatMap(([variable, text = '']) => {
    const [, name, what] = CONNECTION_VARIABLE.exec(variable) ?? [];
    if (!name) return [];
    const part = PARTS[what as keyof typeof PARTS];
    const key = ['connections', nameOf(name, Object.keys(fromFile)), part];
    return [{ variable, key, value: parsed(part, text, workingDirectory) }];
  });
}

function parsed(part: keyof ConnectionSettings, text: string, workingDirectory: string): string | string[] {
  if (part === 'urls' || part === 'replicationUrls') return text.split(',').map((each) => each.trim());
  return part === 'certificatePassword' ? text : resolve(workingDirectory, text);
}
