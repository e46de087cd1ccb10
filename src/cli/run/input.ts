/** From the arguments of `shardlift migrate` to the input of `migrateDatabase`. */
import { type MigrateDatabaseInput, parseMigrateDatabase } from '../../core/contract/contract.ts';
import {
  checkedInput,
  fileFields,
  given,
  number,
  overlay,
  place,
  type TargetOptions,
  targetFields,
} from './fields.ts';

/** The options that describe a migration. */
export interface InputOptions extends TargetOptions {
  source?: string;
  method?: string;
  resumeEarlierRun?: boolean;
  maxItemsPerSecond?: string;
  freeze?: string;
  observeFor?: string;
  quietFor?: string;
  quietWithin?: string;
  downtimeBudget?: string;
  inputFile?: string;
}

/**
 * The input that the options describe, laid over `--input-file` if there is one, and checked as the workflow
 * checks it.
 * @throws CliError that names every field at fault
 */
export function migrationInput(
  options: InputOptions,
  command: 'migrate' | 'plan' = 'migrate',
): MigrateDatabaseInput {
  const { method, resumeEarlierRun, freeze, observeFor, quietFor, quietWithin, downtimeBudget } = options;
  const maxItemsPerSecond = number(options.maxItemsPerSecond);
  const file = fileFields(options.inputFile);
  const input = {
    ...file,
    ...overlay('source', file, place('--source', options.source)),
    ...targetFields(file, options),
    ...given({ method, resumeEarlierRun, maxItemsPerSecond }),
    ...given({ freeze, observeFor, quietFor, quietWithin, downtimeBudget }),
  };
  const example = `${command} --source prod/Shop --target prod/ShopSharded --shards 3`;
  return checkedInput(input, parseMigrateDatabase(input), example) as MigrateDatabaseInput;
}

/** One line for lists of workflows: what goes where. */
export function migrationSummary({
  source,
  target,
}: Pick<MigrateDatabaseInput, 'source' | 'target'>): string {
  const { shards } = target;
  const into = shards === undefined ? '' : `, ${shards} ${shards === 1 ? 'shard' : 'shards'}`;
  return `${source.database} -> ${target.database}${into}`;
}

/** The workflow id of a migration, unless one is given: the same two databases have the same one. */
export function defaultWorkflowId({ source, target }: MigrateDatabaseInput): string {
  return `migrate-${source.database.trim()}-to-${target.database.trim()}`;
}
