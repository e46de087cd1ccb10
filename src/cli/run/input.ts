/** From the arguments of `shardlift migrate` to the input of `migrateDatabase`. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type MigrateDatabaseInput, parseMigrateDatabase } from '../../core/contract/contract.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { invocation } from './typed-commands.ts';

/** The options that describe a migration. */
export interface InputOptions {
  source?: string;
  target?: string;
  shards?: string;
  replicationFactor?: string;
  method?: string;
  allowExistingData?: boolean;
  resumeEarlierRun?: boolean;
  maxItemsPerSecond?: string;
  freeze?: string;
  observeFor?: string;
  quietFor?: string;
  quietWithin?: string;
  downtimeBudget?: string;
  inputFile?: string;
}

type Fields = Record<string, unknown>;

/**
 * The input that the options describe, laid over `--input-file` if there is one, and checked as the workflow
 * checks it.
 * @throws CliError that names every field at fault
 */
export function migrationInput(
  options: InputOptions,
  command: 'migrate' | 'plan' = 'migrate',
): MigrateDatabaseInput {
  const file = options.inputFile === undefined ? {} : readInputFile(options.inputFile);
  const input = {
    ...file,
    ...overlay('source', file, options.source === undefined ? {} : place('--source', options.source)),
    ...overlay('target', file, {
      ...(options.target !== undefined && place('--target', options.target)),
      ...(options.shards !== undefined && { shards: number(options.shards) }),
      ...(options.replicationFactor !== undefined && {
        replicationFactor: number(options.replicationFactor),
      }),
      ...(options.allowExistingData && { allowExistingData: true }),
    }),
    ...(options.method !== undefined && { method: options.method }),
    ...(options.resumeEarlierRun && { resumeEarlierRun: true }),
    ...(options.maxItemsPerSecond !== undefined && { maxItemsPerSecond: number(options.maxItemsPerSecond) }),
    ...(options.freeze !== undefined && { freeze: options.freeze }),
    ...(options.observeFor !== undefined && { observeFor: options.observeFor }),
    ...(options.quietFor !== undefined && { quietFor: options.quietFor }),
    ...(options.quietWithin !== undefined && { quietWithin: options.quietWithin }),
    ...(options.downtimeBudget !== undefined && { downtimeBudget: options.downtimeBudget }),
  };
  const parsed = parseMigrateDatabase(input);
  if (!parsed.ok) {
    const hint = `Try: ${invocation()} ${command} --source prod/Shop --target prod/ShopSharded --shards 3`;
    throw new CliError(parsed.problem, hint, exitCodes.usage);
  }
  return input as MigrateDatabaseInput;
}

/** One line for lists of workflows: what goes where. */
export function migrationSummary({ source, target }: MigrateDatabaseInput): string {
  const { shards } = target;
  const into = shards === undefined ? '' : `, ${shards} ${shards === 1 ? 'shard' : 'shards'}`;
  return `${source.database} -> ${target.database}${into}`;
}

/** The workflow id of a migration, unless one is given: the same two databases have the same one. */
export function defaultWorkflowId({ source, target }: MigrateDatabaseInput): string {
  return `migrate-${source.database.trim()}-to-${target.database.trim()}`;
}

/** The workflow id of a plan, unless one is given. */
export function planWorkflowId({ source, target }: MigrateDatabaseInput): string {
  return `plan-${source.database.trim()}-to-${target.database.trim()}`;
}

/** The user, as the operating system knows them. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // a container may run under a number without a name
    return process.env.USER ?? 'unknown';
  }
}

function readInputFile(path: string): Fields {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === undefined ? `is not JSON: ${message}` : `cannot be read (${code})`;
    throw new CliError(`The file ${path} of --input-file ${reason}.`, undefined, exitCodes.usage);
  }
  if (isFields(content)) return content;
  throw new CliError(`The file ${path} of --input-file must hold a JSON object.`, undefined, exitCodes.usage);
}

/** The fields of `file[name]` and those of the options; nothing when there are neither. */
function overlay(name: 'source' | 'target', file: Fields, fields: Fields): Fields {
  const under = file[name];
  if (Object.keys(fields).length === 0) return {};
  return { [name]: isFields(under) ? { ...under, ...fields } : fields };
}

/** A database as it is typed. @throws CliError when it is not `<connection>/<database>` */
export function place(option: string, value: string): Fields {
  const slash = value.indexOf('/');
  if (slash > 0 && slash < value.length - 1) {
    return { connection: value.slice(0, slash), database: value.slice(slash + 1) };
  }
  const message = `${option} must be <connection>/<database>, not ${JSON.stringify(value)}.`;
  const hint = `A connection is a name in the worker's configuration, such as "prod" in ${option} prod/Shop.`;
  throw new CliError(message, hint, exitCodes.usage);
}

/** What is not a number is left to the check of the input, whose message names the field. */
export function number(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
