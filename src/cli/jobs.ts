/** The commands that start a run of one input and watch it; `schedule create` has the same ones. */
import { type Command, Option } from 'commander';
import { methods } from '../core/contract/contract.ts';
import { depths } from '../core/contract/verify-contract.ts';
import type { JobCommand, JobOptions } from './commands/start-job.ts';
import { type Help, limit, run, withCutover, withHelp, withStart, withTarget } from './options.ts';

/** What is said of a command, and which options describe what it starts. */
interface Declared extends Help {
  usualId: string;
  options: (command: Command) => Command;
}

/** The options that describe a migration. */
export function withMigration(command: Command): Command {
  const copied = withTarget(
    command.option('--source <place>', 'the database to move, as <connection>/<database>'),
  )
    .addOption(new Option('--method <method>', 'how documents are copied').choices(methods))
    .addOption(limit())
    .option(
      '--resume-earlier-run',
      'go on with what a terminated run of this workflow id has left on the target',
    );
  return withCutover(copied);
}

const declared: Record<JobCommand, Declared> = {
  plan: {
    summary: 'say what a migration would find and do, and how long it would take',
    description:
      'Checks everything, forecasts the shards, measures a sample and prints every step, without changing source or ' +
      'target. Takes the options of `migrate`.',
    examples: ['plan --source prod/Shop --target prod/ShopSharded --shards 3'],
    usualId: 'plan-<source>-to-<target>',
    options: withMigration,
  },
  verify: {
    summary: 'compare two databases, sharded or not',
    description:
      'Compares two databases and says what differs. Nothing is written. Exit code 6 when there are differences.',
    examples: [
      'verify --source prod/Shop --target prod/ShopSharded',
      'verify --source prod/Shop --target prod/ShopSharded --depth sample --sample-size 5000',
    ],
    usualId: 'verify-<source>-and-<target>',
    options: (command) =>
      command
        .option('--source <place>', 'one database, as <connection>/<database>')
        .option('--target <place>', 'the other, as <connection>/<database>')
        .addOption(new Option('--depth <depth>', 'how much is compared (full)').choices(depths))
        .option('--sample-size <n>', 'documents of each side in a sample (1000)')
        .option('--allow-extra', 'the target may hold more than the source')
        .option(
          '--repair',
          'if there are differences, wait until `repair` mends all of them or `abort` ends the run',
        )
        .addOption(limit()),
  },
  sync: {
    summary: 'copy a live database, and later what has changed since',
    description:
      'Copies a database into a sharded one without a cutover. A later run copies what has changed since the last one.',
    examples: ['sync --source prod/Shop --target prod/ShopCopy --shards 3'],
    usualId: 'sync-<source>-to-<target>',
    options: (command) =>
      withTarget(
        command.option('--source <place>', 'the database to copy, as <connection>/<database>'),
      ).addOption(limit()),
  },
  export: {
    summary: "write a dump of a database on a worker's disk",
    description:
      "Writes a database, sharded or not, into a dump in RavenDB's own format, with a manifest beside it.",
    examples: ['export --source prod/Shop --directory exports'],
    usualId: 'export-<source>',
    options: (command) =>
      command
        .option('--source <place>', 'the database, as <connection>/<database>')
        .option('--directory <path>', 'where the dump goes, on the worker (its dump directory)')
        .option('--types <kinds>', 'kinds of items, separated by commas (all)')
        .option('--collections <names>', 'collections, separated by commas (all)')
        .option('--compression <how>', 'zstd or gzip (zstd)')
        .option('--encryption-key <name>', "the name of a key in the worker's configuration"),
  },
  import: {
    summary: 'import a dump, or backups, into a sharded database',
    description:
      'Imports a dump or backups of RavenDB, and compares each document with its file. Of backups it imports only what the ' +
      'target does not have yet.',
    examples: [
      'import --dump exports/Shop --target prod/ShopSharded --shards 3',
      'import --backup /backups/Shop --host migration-1 --target prod/ShopSharded --shards 3',
    ],
    usualId: 'import-into-<target>',
    options: (command) =>
      withTarget(
        command
          .option('--dump <path>', 'a dump, or the folder of an export, on a worker')
          .option('--backup <path>', 'the folder of a backup, or one that holds several')
          .option('--host <name>', 'the worker that has the files (any worker)')
          .option('--bucket <name>', "the bucket of the worker's configuration that holds the backups")
          .option('--database <name>', 'the database, if the folder holds backups of several')
          .option('--up-to <time>', 'leave out backups that are later'),
      )
        .option('--types <kinds>', 'of a dump: kinds of items, separated by commas (all)')
        .option('--collections <names>', 'of a dump: collections, separated by commas (all)')
        .option('--encryption-key <name>', "the name of a key in the worker's configuration")
        .addOption(limit()),
  },
};

/** Declares the commands. */
export function declareJobs(program: Command): void {
  for (const [name, { usualId, options, ...help }] of entries()) {
    const description = `${help.description} Ctrl-C leaves it running.`;
    const command = withHelp(program.command(name), { ...help, description });
    withStart(options(command), usualId).action((given: JobOptions) =>
      run(async () => (await import('./commands/start-job.ts')).startJob(name, given)),
    );
  }
}

/** Declares, for each of them, a command with its options. @param helpOf from its own help to that of the command */
export function declareEach(
  parent: Command,
  helpOf: (help: Help) => Help,
  declare: (command: Command, name: JobCommand) => void,
): void {
  for (const [name, { options, ...help }] of entries())
    declare(options(withHelp(parent.command(name), helpOf(help))), name);
}

function entries(): [JobCommand, Declared][] {
  return Object.entries(declared) as [JobCommand, Declared][];
}
