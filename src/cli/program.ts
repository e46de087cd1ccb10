/** Declares every command; what each does stands in a file of its own. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CleanupOptions } from './commands/cleanup.ts';
import type { EvidenceOptions } from './commands/evidence.ts';
import type { ListOptions } from './commands/list.ts';
import type { MigrateOptions } from './commands/migrate.ts';
import type { ReportOptions } from './commands/report.ts';
import { declareCompletion } from './completion.ts';
import { declareJobs, withMigration } from './jobs.ts';
import { by, json, note, run, withStart } from './options.ts';
import { declareRequests } from './requests.ts';
import { declareSchedules } from './schedules.ts';
import { describeExitCodes } from './terminal/exit-codes.ts';

/** The command line with all its commands. */
export function createProgram(): Command {
  const program = new Command('shardlift')
    .description('Moves a RavenDB database into a sharded one: durable, verified and approved, on Temporal.')
    .version(version())
    .helpCommand(false)
    .addHelpText('after', `\n${describeExitCodes()}`)
    .exitOverride();
  declareWorker(program);
  declareDoctor(program);
  declareMigrate(program);
  declareJobs(program);
  declareCleanup(program);
  declareList(program);
  declareWatch(program);
  declareReport(program);
  declareEvidence(program);
  declareRequests(program);
  declareSchedules(program);
  declareCompletion(program);
  return program;
}

function declareWorker(program: Command): void {
  program
    .command('worker')
    .summary('run a worker')
    .description(
      'Runs a worker until it is stopped. TEMPORAL_ADDRESS and the other TEMPORAL_ variables name the Temporal server; ' +
        'shardlift.yaml (SHARDLIFT_CONFIG) or SHARDLIFT_CONNECTION_<NAME>_URLS name the RavenDB servers.',
    )
    .action(() => run(async () => (await import('./commands/worker.ts')).worker()));
}

function declareDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('look at all that a worker needs')
    .description(
      'Looks at Temporal, the workers, the RavenDB servers of the configuration and the folders, from where it is called, and says ' +
        'what to fix. Exit code 7 when something blocks a migration.',
    )
    .addOption(json())
    .action((options: { json?: boolean }) =>
      run(async () => (await import('./commands/doctor.ts')).doctor(options)),
    );
}

function declareMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .summary('start a migration, watch it, approve its cutover')
    .description(
      'Starts a migration, watches it, and asks for the approval of its cutover. Ctrl-C leaves it running.',
    );
  withStart(withMigration(command), 'migrate-<source>-to-<target>')
    .option('--yes', 'approve the cutover without asking, unless verification found a difference')
    .addOption(by())
    .addOption(note())
    .action((options: MigrateOptions) =>
      run(async () => (await import('./commands/migrate.ts')).migrate(options)),
    );
}

function declareCleanup(program: Command): void {
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
      run(async () => (await import('./commands/cleanup.ts')).cleanup(options)),
    );
}

function declareList(program: Command): void {
  program
    .command('list')
    .summary('list what runs')
    .description('Lists the runs on the task queue, the latest first, with the phase that each is in.')
    .option('--all', 'also those that have ended')
    .option('--limit <n>', 'how many at most', '20')
    .addOption(json())
    .action((options: ListOptions) => run(async () => (await import('./commands/list.ts')).list(options)));
}

function declareWatch(program: Command): void {
  program
    .command('watch')
    .argument('<workflowId>')
    .summary('show a run of any kind until it ends')
    .description(
      'Shows a migration, plan, comparison, import, export or copy until it ends, or how it ended. Ctrl-C leaves it running.',
    )
    .addOption(json())
    .action((workflowId: string, options: { json?: boolean }) =>
      run(async () => (await import('./commands/watch.ts')).watch(workflowId, options)),
    );
}

function declareReport(program: Command): void {
  program
    .command('report')
    .argument('<workflowId>')
    .summary('write the report of a run as an HTML page')
    .description(
      'Writes the report of a run, as it is now, as an HTML page into a file, and prints its path.',
    )
    .option('--output <file>', 'the file (<workflowId>.html)')
    .addOption(json())
    .action((workflowId: string, options: ReportOptions) =>
      run(async () => (await import('./commands/report.ts')).report(workflowId, options)),
    );
}

function declareEvidence(program: Command): void {
  const evidence = program
    .command('evidence')
    .helpCommand(false)
    .summary('keep all that proves what a run did')
    .description('Input, report and history of a run, with checksums.');
  evidence
    .command('create')
    .argument('<workflowId>')
    .description('write the evidence of a run into a folder, and print the checksum to keep elsewhere')
    .option('--output <folder>', 'a new folder (evidence-<workflowId>)')
    .addOption(json())
    .action((workflowId: string, options: EvidenceOptions) =>
      run(async () => (await import('./commands/evidence.ts')).createEvidence(workflowId, options)),
    );
  evidence
    .command('verify')
    .argument('<folder>')
    .description(
      'look whether evidence is whole, unchanged and consistent, without any server (exit code 6 if not)',
    )
    .option('--sha256 <checksum>', 'the checksum that was kept')
    .addOption(json())
    .action((folder: string, options: { sha256?: string; json?: boolean }) =>
      run(async () => (await import('./commands/evidence.ts')).verifyEvidence(folder, options)),
    );
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
