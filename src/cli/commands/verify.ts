import { parseVerifyDatabases, type VerifyDatabasesInput } from '../../core/contract/verify-contract.ts';
import { number, place } from '../run/input.ts';
import { invocation } from '../run/typed-commands.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { startAndWatch } from './watch-run.ts';

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
  const { detach = false, json = false } = options;
  const input = verifyInput(options);
  const { source, target } = input;
  return await startAndWatch(
    {
      type: 'verifyDatabases',
      input,
      summary: `${source.database} = ${target.database}?`,
      workflowId: options.workflowId ?? `verify-${source.database.trim()}-and-${target.database.trim()}`,
    },
    { detach, json },
  );
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
