/** `shardlift init`: the way from nothing to a configuration that was tried. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigDraft, type NewConnection } from '../../config/draft.ts';
import { connectionProblem } from '../../config/schema.ts';
import { readTuning } from '../../config/tuning.ts';
import { variableOf } from '../../config/variables.ts';
import { DEFAULT_TASK_QUEUE } from '../../core/contract/task-queues.ts';
import type { Check } from '../../core/plan/check.ts';
import { checkConnections } from '../../engine/plan/check-connection.ts';
import { invocation } from '../run/typed-commands.ts';
import { CliError, Interrupted } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { printChecks } from '../view/check-lines.ts';

/** The options of `shardlift init`: one for each question. */
export interface InitOptions {
  connection?: string;
  url?: string[];
  certificate?: string;
  ca?: string;
  taskQueue?: string;
  force?: boolean;
  json?: boolean;
}

/** What was answered, or given by options. */
interface Answers {
  name: string;
  connection: NewConnection;
  /** To try the connection with; never written. */
  password: string | undefined;
  taskQueue: string | undefined;
}

/** Asks for a connection, tries it, and writes it into the configuration file. Without a terminal options take the place of answers. */
export async function init(options: InitOptions): Promise<ExitCode> {
  const { force = false, json = false } = options;
  const asks = !json && process.stdin.isTTY && process.stderr.isTTY;
  const draft = new ConfigDraft();
  const problemOf = (name: string) =>
    draft.has(name) && !force
      ? `${draft.path} has a connection "${name}" already: choose another name, or replace it with --force.`
      : nameProblem(name);
  const answers = asks ? await interruptible(() => ask(options, draft, problemOf)) : given(options);
  const { name, connection, password, taskQueue } = answers;
  const problem = problemOf(name);
  if (problem !== undefined) throw new CliError(problem, undefined, exitCodes.usage);
  draft.setConnection(name, connection);
  if (taskQueue !== undefined) draft.setTaskQueue(taskQueue);
  const checks = await tried(answers);
  const works = checks.every(({ status }) => status !== 'blocker');
  if (!json) printChecks(checks);
  const isWritten = works || force || (asks && (await interruptible(askAnyway)));
  if (isWritten) draft.write();
  if (json) print([JSON.stringify({ path: draft.path, connection: name, isWritten, checks })]);
  else if (isWritten) print(nextLines(draft.path, name, password !== undefined));
  else print(['Nothing was written. Correct what blocks, or write it as it is with --force.']);
  return works ? exitCodes.ok : exitCodes.blocked;
}

async function tried({ name, connection, password }: Answers): Promise<Check[]> {
  const { connection: tuning, cli } = readTuning(process.env);
  const settings = { ...connection, certificatePassword: password };
  return await checkConnections({ [name]: settings }, { ...tuning, silentMs: cli.examineMs });
}

/** The answers that the options give. @throws CliError for one that is missing or cannot be used */
function given({ connection: name, url, certificate, ca, taskQueue }: InitOptions): Answers {
  const example = 'Try: --connection prod --url https://raven.example --certificate client.pfx';
  if (name === undefined || url === undefined) {
    const missing = name === undefined ? '--connection' : '--url';
    throw new CliError(
      `${missing} is missing, and there is no terminal to ask at.`,
      example,
      exitCodes.usage,
    );
  }
  const problem = fileProblem(certificate) ?? fileProblem(ca);
  if (problem !== undefined) throw new CliError(problem, example, exitCodes.usage);
  return {
    name,
    connection: connectionOf(url, certificate, ca),
    password: process.env[passwordVariable(name)] || undefined,
    taskQueue,
  };
}

/** Asks for what no option gives. */
async function ask(
  options: InitOptions,
  { isNew }: ConfigDraft,
  problemOf: (name: string) => string | undefined,
): Promise<Answers> {
  const { input, password: secret } = await import('@inquirer/prompts');
  const at = { output: process.stderr };
  const name =
    options.connection ??
    (await input(
      {
        message: 'Name of the connection, as in --source prod/Shop',
        default: 'prod',
        validate: (text) => problemOf(text) ?? true,
      },
      at,
    ));
  const url = options.url ?? [
    await input(
      {
        message: 'Addresses of RavenDB, one for each node, separated by commas',
        validate: (text) => connectionProblem(connectionOf([text])) ?? true,
      },
      at,
    ),
  ];
  const isSecured = connectionOf(url).urls.some((each) => each.startsWith('https:'));
  const certificate =
    options.certificate ??
    (isSecured
      ? await input(
          {
            message: 'Path of the client certificate (.pfx, or .pem with its key)',
            validate: (text) => fileProblem(text) ?? true,
          },
          at,
        )
      : undefined);
  const known = process.env[passwordVariable(name)] || undefined;
  const typed =
    certificate !== undefined && known === undefined
      ? await secret({ message: 'Its password (empty if it has none; it is not written)', mask: true }, at)
      : known;
  const taskQueue =
    options.taskQueue ??
    (isNew ? await input({ message: 'Task queue of Temporal', default: DEFAULT_TASK_QUEUE }, at) : undefined);
  return {
    name,
    connection: connectionOf(url, certificate, options.ca),
    password: typed || undefined,
    taskQueue,
  };
}

async function askAnyway(): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts');
  return await confirm({ message: 'Write it anyway?', default: false }, { output: process.stderr });
}

/** Ctrl-C at a question ends the command. */
async function interruptible<T>(asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (error) {
    throw (error as Error).name === 'ExitPromptError' ? new Interrupted() : error;
  }
}

/** Paths in the file are relative to its folder, and typed ones to the working directory. */
function connectionOf(url: readonly string[], certificate?: string, ca?: string): NewConnection {
  return {
    urls: url.flatMap((each) => each.split(',')).map((each) => each.trim()),
    ...(certificate !== undefined && { certificate: resolve(certificate) }),
    ...(ca !== undefined && { ca: resolve(ca) }),
  };
}

function nameProblem(name: string): string | undefined {
  return /^[\w.-]+$/.test(name)
    ? undefined
    : 'The name of a connection must be of letters, digits, "-", "_" and ".".';
}

function fileProblem(path: string | undefined): string | undefined {
  return path === undefined || existsSync(path) ? undefined : `The file ${path} does not exist.`;
}

function passwordVariable(name: string): string {
  return `${variableOf('CONNECTION', name)}_CERTIFICATE_PASSWORD`;
}

function nextLines(path: string, name: string, hasPassword: boolean): string[] {
  const shardlift = invocation();
  return [
    `Written: ${path}`,
    ...(hasPassword ? [`The password is not in it: set ${passwordVariable(name)} where a worker runs.`] : []),
    'Next, in this folder:',
    `  ${shardlift} worker`,
    'and beside it:',
    `  ${shardlift} doctor`,
    `  ${shardlift} plan --source ${name}/Shop --target ${name}/ShopSharded --shards 3`,
  ];
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
