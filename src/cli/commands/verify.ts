import { loadSettings } from '../../config/config.ts';
import { workflowTypes } from '../../core/contract/contract.ts';
import { parseVerifyDatabases, type VerifyDatabasesInput } from '../../core/contract/verify-contract.ts';
import { number, place } from '../run/input.ts';
import { printStarted, startRun } from '../run/start.ts';
import { connectTemporal } from '../run/temporal.ts';
import { invocation, TypedCommands } from '../run/typed-commands.ts';
import { CliError, Interrupted } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { untilInterrupted } from '../terminal/interrupt.ts';
import { openView, printEnding, sayThatItGoesOn, watchToTheEnd } from './watch-run.ts';

/** The options of `shardlift verify`. */
export interface VerifyOptions {
  source: string;
  target: string;
  depth?: string;
  sampleSize?: string;
  allowExtra?: boolean;
  repair?: boolean;
  maxItemsPerSecond?: string;
  workflowId?: string;
  detach?: boolean;
  json?: boolean;
}

/** `shardlift verify`: starts a comparison and watches it; the exit code says whether the databases are equal. */
export async function verify(options: VerifyOptions): Promise<ExitCode> {
  const { json = false, detach = false } = options;
  const input = verifyInput(options);
  const { taskQueue } = loadSettings();
  const { source, target } = input;
  const workflowId = options.workflowId ?? `verify-${source.database.trim()}-and-${target.database.trim()}`;
  const commands = new TypedCommands();
  const temporal = await connectTemporal();
  try {
    const handle = await startRun(temporal, {
      type: workflowTypes.verifyDatabases,
      what: 'comparison',
      input,
      summary: `${source.database} = ${target.database}?`,
      workflowId,
      taskQueue,
      commands,
    });
    if (detach) {
      printStarted(handle, commands, json);
      return exitCodes.ok;
    }
    const view = await openView({ commands, json, approves: false });
    const ending = await untilInterrupted((controller) =>
      watchToTheEnd({ temporal, handle, taskQueue, commands, view, controller }),
    );
    printEnding(ending, json);
    return ending.exitCode;
  } catch (error) {
    if (error instanceof Interrupted) sayThatItGoesOn(commands, workflowId, 'comparison');
    throw error;
  } finally {
    await temporal.close();
  }
}

/** The input that the options describe, checked as the workflow checks it. @throws CliError that names every field at fault */
export function verifyInput(options: VerifyOptions): VerifyDatabasesInput {
  const { source, target, depth, sampleSize, allowExtra, repair, maxItemsPerSecond } = options;
  const input = {
    source: place('--source', source),
    target: place('--target', target),
    ...(depth !== undefined && { depth }),
    ...(sampleSize !== undefined && { sampleSize: number(sampleSize) }),
    ...(allowExtra && { allowExtra }),
    ...(repair && { repair: 'ask' }),
    ...(maxItemsPerSecond !== undefined && { maxItemsPerSecond: number(maxItemsPerSecond) }),
  };
  const parsed = parseVerifyDatabases(input);
  if (!parsed.ok) {
    const hint = `Try: ${invocation()} verify --source prod/Shop --target prod/ShopSharded`;
    throw new CliError(parsed.problem, hint, exitCodes.usage);
  }
  return input as VerifyDatabasesInput;
}
