/** Options that several commands have, and how a command is run. */
import { type Command, Option } from 'commander';
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

/** Adds the options of a sharded target. */
export function withTarget(command: Command): Command {
  return command
    .option('--target <place>', 'the sharded database, as <connection>/<database>')
    .option('--shards <n>', 'how many shards a new target gets')
    .option('--replication-factor <n>', 'copies of each shard, on as many nodes')
    .option('--allow-existing-data', 'write into a target that holds documents already');
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
