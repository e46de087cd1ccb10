/** From what is typed to the fields of an input. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Parsed } from '../../core/contract/contract.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { invocation } from './typed-commands.ts';

/** Fields of an input, unchecked. */
export type Fields = Record<string, unknown>;

/** The fields of the file of `--input-file`; none without one. @throws CliError when it is no JSON object */
export function fileFields(path: string | undefined): Fields {
  return path === undefined ? {} : readInputFile(path);
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

/** The fields that have a value. */
export function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The fields of `file[name]` and those of the options; nothing when there are neither. */
export function overlay(name: string, file: Fields, fields: Fields): Fields {
  const under = file[name];
  if (Object.keys(fields).length === 0) return {};
  return { [name]: isFields(under) ? { ...under, ...fields } : fields };
}

/** A database as it is typed; nothing where it is not. @throws CliError when it is not `<connection>/<database>` */
export function place(option: string, value: string | undefined): Fields {
  if (value === undefined) return {};
  const slash = value.indexOf('/');
  if (slash > 0 && slash < value.length - 1) {
    return { connection: value.slice(0, slash), database: value.slice(slash + 1) };
  }
  const message = `${option} must be <connection>/<database>, not ${JSON.stringify(value)}.`;
  const hint = `A connection is a name in the worker's configuration, such as "prod" in ${option} prod/Shop.`;
  throw new CliError(message, hint, exitCodes.usage);
}

/** What is not a number is left to the check of the input, whose message names the field. */
export function number(text: string | undefined): number | string | undefined {
  if (text === undefined) return undefined;
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

/** The options that describe a sharded target. */
export interface TargetOptions {
  target?: string;
  shards?: string;
  replicationFactor?: string;
  allowExistingData?: boolean;
}

/** The target that the options describe, laid over that of a file. @throws CliError */
export function targetFields(file: Fields, options: TargetOptions): Fields {
  const { target, shards, replicationFactor, allowExistingData } = options;
  return overlay('target', file, {
    ...place('--target', target),
    ...given({ shards: number(shards), replicationFactor: number(replicationFactor), allowExistingData }),
  });
}

/**
 * An input as it was typed, after the check that the workflow makes.
 * @param example what could be typed instead, without the name of the program
 * @throws CliError that names every field at fault
 */
export function checkedInput(input: Fields, parsed: Parsed<unknown>, example: string): Fields {
  if (parsed.ok) return input;
  throw new CliError(parsed.problem, `Try: ${invocation()} ${example}`, exitCodes.usage);
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

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
