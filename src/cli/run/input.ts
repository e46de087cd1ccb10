/** From the arguments of `shardlift migrate` and `shardlift cut-over` to the inputs of their workflow types. */
import {
  type MigrateDatabaseInput,
  parseCutOver,
  parseMigrateDatabase,
  parseRehearseCutover,
} from '../../core/contract/contract.ts';
import {
  checkedInput,
  type Fields,
  fileFields,
  given,
  number,
  overlay,
  place,
  type TargetOptions,
  targetFields,
} from './fields.ts';

/** Source and target of whatever moves a database. */
export type Sides = Pick<MigrateDatabaseInput, 'source' | 'target'>;

/** The options that describe a cutover. */
interface CutoverOptions {
  source?: string;
  maxItemsPerSecond?: string;
  freeze?: string;
  observeFor?: string;
  quietFor?: string;
  quietWithin?: string;
  downtimeBudget?: string;
  inputFile?: string;
}

/** The options that describe a migration. */
export interface InputOptions extends TargetOptions, CutoverOptions {
  method?: string;
  resumeEarlierRun?: boolean;
}

/** The options that describe a cutover alone, or its rehearsal. */
export interface CutOverInputOptions extends CutoverOptions {
  target?: string;
  within?: string;
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
  const { method, resumeEarlierRun } = options;
  const file = fileFields(options.inputFile);
  const input = {
    ...cutoverFields(file, options),
    ...targetFields(file, options),
    ...given({ method, resumeEarlierRun }),
  };
  const example = `${command} --source prod/Shop --target prod/ShopSharded --shards 3`;
  return checkedInput(input, parseMigrateDatabase(input), example) as MigrateDatabaseInput;
}

const CUT_OVER = 'cut-over --source prod/Shop --target prod/ShopCopy';

/** The input of `cutOver` that the options describe. @throws CliError that names every field at fault */
export function cutOverInput(options: CutOverInputOptions): Sides {
  const input = filledFields(options);
  return checkedInput(input, parseCutOver(input), CUT_OVER) as Sides;
}

/** The input of `rehearseCutover` that the options describe. @throws CliError that names every field at fault */
export function rehearsalInput(options: CutOverInputOptions): Sides {
  const input = filledFields(options);
  return checkedInput(input, parseRehearseCutover(input), `${CUT_OVER} --rehearse`) as Sides;
}

/** The fields of a file, and those of the options for a target that is filled. */
function filledFields(options: CutOverInputOptions): Fields {
  const file = fileFields(options.inputFile);
  return {
    ...cutoverFields(file, options),
    ...overlay('target', file, place('--target', options.target)),
    ...given({ within: options.within }),
  };
}

function cutoverFields(file: Fields, options: CutoverOptions): Fields {
  const { freeze, observeFor, quietFor, quietWithin, downtimeBudget } = options;
  const maxItemsPerSecond = number(options.maxItemsPerSecond);
  return {
    ...file,
    ...overlay('source', file, place('--source', options.source)),
    ...given({ maxItemsPerSecond, freeze, observeFor, quietFor, quietWithin, downtimeBudget }),
  };
}

/** One line for lists of workflows: what goes where. */
export function migrationSummary({ source, target }: Sides): string {
  const { shards } = target;
  const into = shards === undefined ? '' : `, ${shards} ${shards === 1 ? 'shard' : 'shards'}`;
  return `${source.database} -> ${target.database}${into}`;
}

/** The workflow id of a run, unless one is given: what is done to the same two databases has the same one. */
export function defaultWorkflowId(verb: string, { source, target }: Sides): string {
  return `${verb}-${source.database.trim()}-to-${target.database.trim()}`;
}
