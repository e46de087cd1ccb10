/** What commands have in common: options, examples, and how one is run. */
import { type Command, Option } from 'commander';
import { freezes } from '../core/contract/cutover-contract.ts';
import { invocation } from './run/typed-commands.ts';
import { runCommand } from './terminal/cli-error.ts';
import type { ExitCode } from './terminal/exit-codes.ts';

export const json = () => new Option('--json', 'print JSON on stdout, one object a line');
export const by = () => new Option('--by <name>', 'who decides (default: your user name)');
export const note = () => new Option('--note <text>', 'a note, kept in the report');
export const limit = () =>
  new Option('--max-items-per-second <n>', 'limit the speed; `throttle` changes it later');
const inputFile = () =>
  new Option('--input-file <file>', 'input of the workflow as JSON; options override its fields');

/** What a command imports only when it runs, so that `--help` is there at once. */
export function run(command: () => Promise<ExitCode>): Promise<void> {
  return runCommand(command);
}

/** What the help of a command says. */
export interface Help {
  /** A few words for lists of commands. */
  summary: string;
  /** Sentences for its own help. */
  description: string;
  /** What can be typed, without the name of the program. */
  examples: readonly string[];
}

/** Gives a command its help. */
export function withHelp(command: Command, { summary, description, examples }: Help): Command {
  const lines = examples.map((example) => `  ${invocation()} ${example}`);
  return command
    .summary(summary)
    .description(description)
    .addHelpText('after', ['', examples.length > 1 ? 'Examples:' : 'Example:', ...lines].join('\n'));
}

/** Adds the options of a sharded target. */
export function withTarget(command: Command): Command {
  return command
    .option('--target <place>', 'the sharded database, as <connection>/<database>')
    .option('--shards <n>', 'how many shards a new target gets')
    .option('--replication-factor <n>', 'copies of each shard, on as many nodes')
    .option('--allow-existing-data', 'write into a target that holds documents already');
}

/** Adds the options of a cutover. */
export function withCutover(command: Command): Command {
  const how = 'how writers are kept out in the cutover (the plan chooses)';
  return command
    .addOption(new Option('--freeze <how>', how).choices(freezes))
    .option('--observe-for <duration>', 'how long a cutover behind a fence can be rolled back (24h)')
    .option('--quiet-for <duration>', 'without a fence: how long nothing must write to the source (5s)')
    .option('--quiet-within <duration>', 'within what time that must begin (1m)')
    .option(
      '--downtime-budget <duration>',
      'undo the freeze when it takes longer (30s behind a fence, else 10m)',
    );
}

/** Adds the options of whoever starts a run that ends in a cutover. */
export function withApproval(command: Command): Command {
  return command
    .option('--yes', 'approve the cutover without asking, unless verification found a difference')
    .addOption(by())
    .addOption(note());
}

/** Adds the options of whatever is started with an input and watched. */
export function withStart(command: Command, usualId: string): Command {
  return command
    .addOption(inputFile())
    .option('--workflow-id <id>', `default: ${usualId}`)
    .option('--detach', 'start it and return')
    .addOption(json());
}

/** Adds the option of an input alone. */
export function withInput(command: Command): Command {
  return command.addOption(inputFile());
}
