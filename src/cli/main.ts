#!/usr/bin/env node
/** The command line: declares every command; what each does stands in a file of its own. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { commandOf, freezes, methods, type requests } from '../core/contract/contract.ts';
import { depths } from '../core/contract/verify-contract.ts';
import type { CleanupOptions } from './commands/cleanup.ts';
import type { MigrateOptions } from './commands/migrate.ts';
import type { PlanOptions } from './commands/plan.ts';
import type { RequestOptions } from './commands/request.ts';
import type { VerifyOptions } from './commands/verify.ts';
import { parseCommandLine, runCommand } from './terminal/cli-error.ts';
import { describeExitCodes, type ExitCode } from './terminal/exit-codes.ts';

const program = new Command('shardlift')
  .description('Moves a RavenDB database into a sharded one: durable, verified and approved, on Temporal.')
  .version(version())
  .helpCommand(false)
  .addHelpText('after', `\n${describeExitCodes()}`)
  .exitOverride();

const json = () => new Option('--json', 'print JSON on stdout, one object a line');
const by = () => new Option('--by <name>', 'who decides (default: your user name)');
const note = () => new Option('--note <text>', 'a note, kept in the report');

declareWorker();
declareMigrate();
declareVerify();
declarePlan();
declareCleanup();
declareWatch();
declareRequest('approve', 'approve the cutover')
  .option(
    '--accept-differences <digest>',
    'cut over although the target differs, by exactly the differences with this digest',
  )
  .option('--evidence <digest>', 'approve only what has this digest; the progress shows it');
declareRequest('reject', 'reject the cutover and end the migration');
declareRequest('repair', 'copy all that differs again, then compare again').option(
  '--dry-run',
  'only say how much that would be, when it is known; with --signal, watching shows it',
);
declareRequest('skip', 'do without the items that RavenDB refuses');
declareRequest('rehearse', 'try the cutover up to the switch and undo it, to know the outage').option(
  '--within <duration>',
  'break it off when the source is closed for longer (30s)',
);
declareRequest('complete', 'close the way back of a cutover, and end the migration');
declareRequest('rollBack', 'take a cutover back: the old database serves again');
declareRequest('pause', 'stop all work until the run is resumed');
declareRequest('resume', 'go on after a pause');
declareRequest('throttle', 'limit the speed, or remove the limit').requiredOption(
  '--max-items-per-second <n>',
  'a number, or "none" to remove the limit',
);
declareRequest('abort', 'end a run before it is done');
await parseCommandLine(program);

function declareWorker(): void {
  program
    .command('worker')
    .summary('run a worker')
    .description(
      'Runs a worker until it is stopped. TEMPORAL_ADDRESS and the other TEMPORAL_ variables name the Temporal server; ' +
        'shardlift.yaml (SHARDLIFT_CONFIG) or SHARDLIFT_CONNECTION_<NAME>_URLS name the RavenDB servers.',
    )
    .action(() => start(async () => (await import('./commands/worker.ts')).worker()));
}

function declareMigrate(): void {
  declareWithInput('migrate')
    .summary('start a migration, watch it, approve its cutover')
    .description(
      'Starts a migration, watches it, and asks for the approval of its cutover. Ctrl-C leaves it running.',
    )
    .option('--workflow-id <id>', 'default: migrate-<source>-to-<target>')
    .option('--detach', 'start it and return')
    .option('--yes', 'approve the cutover without asking, unless verification found a difference')
    .addOption(by())
    .addOption(note())
    .addOption(json())
    .action((options: MigrateOptions) =>
      start(async () => (await import('./commands/migrate.ts')).migrate(options)),
    );
}

function declarePlan(): void {
  declareWithInput('plan')
    .summary('say what a migration would find and do, and how long it would take')
    .description(
      'Checks everything, forecasts the shards, measures a sample and prints every step, without changing source or ' +
        'target. Takes the options of `migrate`. Ctrl-C leaves it running.',
    )
    .option('--workflow-id <id>', 'default: plan-<source>-to-<target>')
    .option('--detach', 'start it and return')
    .addOption(json())
    .action((options: PlanOptions) => start(async () => (await import('./commands/plan.ts')).plan(options)));
}

/** A command with the options that describe a migration. */
function declareWithInput(command: 'migrate' | 'plan'): Command {
  return program
    .command(command)
    .option('--source <place>', 'the database to move, as <connection>/<database>')
    .option('--target <place>', 'the new database, as <connection>/<database>')
    .option('--shards <n>', 'how many shards a new target gets')
    .option('--replication-factor <n>', 'copies of each shard, on as many nodes')
    .addOption(new Option('--method <method>', 'how documents are copied').choices(methods))
    .option('--max-items-per-second <n>', 'limit the speed of the copy; `throttle` changes it later')
    .option('--allow-existing-data', 'write into a target that holds documents already')
    .option(
      '--resume-earlier-run',
      'go on with what a terminated run of this workflow id has left on the target',
    )
    .addOption(
      new Option('--freeze <how>', 'how writers are kept out in the cutover (the plan chooses)').choices(
        freezes,
      ),
    )
    .option('--observe-for <duration>', 'how long a cutover behind a fence can be rolled back (24h)')
    .option('--quiet-for <duration>', 'without a fence: how long nothing must write to the source (5s)')
    .option('--quiet-within <duration>', 'within what time that must begin (1m)')
    .option(
      '--downtime-budget <duration>',
      'undo the freeze when it takes longer (30s behind a fence, else 10m)',
    )
    .option('--input-file <file>', 'input of the workflow as JSON; options override its fields');
}

function declareVerify(): void {
  program
    .command('verify')
    .summary('compare two databases, sharded or not')
    .description(
      'Compares two databases and says what differs. Nothing is written. Ctrl-C leaves it running. Exit code 6 when ' +
        'there are differences.',
    )
    .requiredOption('--source <place>', 'one database, as <connection>/<database>')
    .requiredOption('--target <place>', 'the other, as <connection>/<database>')
    .addOption(new Option('--depth <depth>', 'how much is compared (full)').choices(depths))
    .option('--sample-size <n>', 'documents of each side in a sample (1000)')
    .option('--allow-extra', 'the target may hold more than the source')
    .option(
      '--repair',
      'if there are differences, wait until `repair` mends all of them or `abort` ends the run',
    )
    .option('--max-items-per-second <n>', 'limit the speed of reading; `throttle` changes it later')
    .option('--workflow-id <id>', 'default: verify-<source>-and-<target>')
    .option('--detach', 'start it and return')
    .addOption(json())
    .action((options: VerifyOptions) =>
      start(async () => (await import('./commands/verify.ts')).verify(options)),
    );
}

function declareCleanup(): void {
  program
    .command('cleanup')
    .summary('remove what terminated workflows have left')
    .description(
      'Lists what workflows that were terminated, or are lost, have left on a source and a target: indexes, tasks, claims, ' +
        'temporary databases. Removes it with --yes. What belongs to a running workflow stays.',
    )
    .option('--source <place>', 'a database that was migrated from, as <connection>/<database>')
    .option('--target <place>', 'a database that was migrated into, as <connection>/<database>')
    .option('--yes', 'remove what is found')
    .option('--workflow-id <id>', 'default: cleanup-<source>-and-<target>')
    .addOption(json())
    .action((options: CleanupOptions) =>
      start(async () => (await import('./commands/cleanup.ts')).cleanup(options)),
    );
}

function declareWatch(): void {
  program
    .command('watch')
    .argument('<workflowId>')
    .summary('show a run of any kind until it ends')
    .description(
      'Shows a migration, plan, comparison, import, export or copy until it ends, or how it ended. Ctrl-C leaves it running.',
    )
    .addOption(json())
    .action((workflowId: string, options: { json?: boolean }) =>
      start(async () => (await import('./commands/watch.ts')).watch(workflowId, options)),
    );
}

function declareRequest(command: keyof typeof requests, description: string): Command {
  return program
    .command(commandOf(command))
    .argument('<workflowId>')
    .description(description)
    .addOption(by())
    .addOption(note())
    .option('--signal', 'send a signal, which is kept until a worker is there, and do not wait for an answer')
    .addOption(json())
    .action((workflowId: string, options: RequestOptions) =>
      start(async () => (await import('./commands/request.ts')).request(command, workflowId, options)),
    );
}

function start(command: () => Promise<ExitCode>): Promise<void> {
  return runCommand(command);
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
