/** Declares every command; what each does stands in a file of its own. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CleanupOptions } from './commands/cleanup.ts';
import type { EvidenceOptions } from './commands/evidence.ts';
import type { InitOptions } from './commands/init.ts';
import type { ListOptions } from './commands/list.ts';
import type { CutOverOptions, MigrateOptions } from './commands/migrate.ts';
import type { ReportOptions } from './commands/report.ts';
import { declareCompletion } from './completion.ts';
import { declareJobs, withMigration } from './jobs.ts';
import { json, limit, run, withApproval, withCutover, withHelp, withStart } from './options.ts';
import { declareRequests } from './requests.ts';
import { declareSchedules } from './schedules.ts';
import { describeExitCodes } from './terminal/exit-codes.ts';

/** The whole command line, not yet parsed. */
export function createProgram(): Command {
  const program = new Command('shardlift')
    .description('Moves a RavenDB database into a sharded one: durable, verified and approved, on Temporal.')
    .version(version())
    .helpCommand(false)
    .addHelpText('after', `\n${describeExitCodes()}`)
    .showHelpAfterError('To see what there is, add --help.')
    .exitOverride();
  declareInit(program);
  declareConfig(program);
  declareWorker(program);
  declareDoctor(program);
  declareMigrate(program);
  declareCutOver(program);
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

function declareInit(program: Command): void {
  withHelp(program.command('init'), {
    summary: 'write a configuration, and try it',
    description:
      'Asks for a connection to RavenDB, tries it, and writes it into shardlift.yaml (SHARDLIFT_CONFIG), beside what is there. ' +
      'Each question has an option, so that it works without a terminal. Exit code 7 when the connection cannot be used.',
    examples: ['init', 'init --connection prod --url https://raven.example --certificate client.pfx'],
  })
    .option('--connection <name>', 'name of the connection, as in --source prod/Shop')
    .option('--url <addresses...>', 'one for each node')
    .option('--certificate <file>', 'client certificate: .pfx, or .pem with its key')
    .option(
      '--ca <file>',
      "certificate authority of the server's certificate, if the system does not know it",
    )
    .option('--task-queue <name>', 'task queue of Temporal')
    .option('--force', 'replace a connection of that name; write one that cannot be used')
    .addOption(json())
    .action((options: InitOptions) => run(async () => (await import('./commands/init.ts')).init(options)));
}

function declareConfig(program: Command): void {
  withHelp(program.command('config'), {
    summary: 'show the configuration, and where each value comes from',
    description:
      'Shows what applies here: the values of shardlift.yaml, of the environment and the defaults, and where Temporal is. Of ' +
      'passwords and keys it says only that they are set.',
    examples: ['config', 'config --json'],
  })
    .addOption(json())
    .action((options: { json?: boolean }) =>
      run(async () => (await import('./commands/config.ts')).config(options)),
    );
}

function declareWorker(program: Command): void {
  withHelp(program.command('worker'), {
    summary: 'run a worker',
    description:
      'Runs a worker until it is stopped. TEMPORAL_ADDRESS and the other TEMPORAL_ variables name the Temporal server; ' +
      'shardlift.yaml (SHARDLIFT_CONFIG) or SHARDLIFT_CONNECTION_<NAME>_URLS name the RavenDB servers.',
    examples: ['worker'],
  }).action(() => run(async () => (await import('./commands/worker.ts')).worker()));
}

function declareDoctor(program: Command): void {
  withHelp(program.command('doctor'), {
    summary: 'look at all that a worker needs',
    description:
      'Looks at Temporal, the workers, the RavenDB servers of the configuration, what workflows have left on them, and the folders, from ' +
      'where it is called, and says what to fix. Exit code 7 when something blocks a migration.',
    examples: ['doctor'],
  })
    .addOption(json())
    .action((options: { json?: boolean }) =>
      run(async () => (await import('./commands/doctor.ts')).doctor(options)),
    );
}

function declareMigrate(program: Command): void {
  const command = withHelp(program.command('migrate'), {
    summary: 'start a migration, watch it, approve its cutover',
    description:
      'Starts a migration, watches it, and asks for the approval of its cutover. Ctrl-C leaves it running.',
    examples: [
      'migrate --source prod/Shop --target prod/ShopSharded --shards 3',
      'migrate --input-file shop.json --detach --json',
    ],
  });
  withApproval(withStart(withMigration(command), 'migrate-<source>-to-<target>')).action(
    (options: MigrateOptions) => run(async () => (await import('./commands/migrate.ts')).migrate(options)),
  );
}

function declareCutOver(program: Command): void {
  const command = withHelp(program.command('cut-over'), {
    summary: 'hand over to a target that something else has filled',
    description:
      'Compares a target that a sync, an import or a person has filled, keeps it in step, and asks for the approval of its ' +
      'cutover. Ctrl-C leaves it running.',
    examples: [
      'cut-over --source prod/Shop --target prod/ShopCopy',
      'cut-over --source prod/Shop --target prod/ShopCopy --rehearse --within 10s',
    ],
  })
    .option('--source <place>', 'the database that serves, as <connection>/<database>')
    .option('--target <place>', 'the sharded database that is filled, as <connection>/<database>')
    .addOption(limit())
    .option('--rehearse', 'undo it before the switch, and say how long writes were refused')
    .option('--within <duration>', 'with --rehearse: when the source serves again at the latest (30s)');
  withApproval(
    withStart(withCutover(command), 'cut-over-<source>-to-<target>, or rehearse-<source>-to-<target>'),
  ).action((options: CutOverOptions) =>
    run(async () => (await import('./commands/migrate.ts')).cutOver(options)),
  );
}

function declareCleanup(program: Command): void {
  const command = withHelp(program.command('cleanup'), {
    summary: 'remove what terminated workflows have left',
    description:
      'Lists what workflows that were terminated, or are lost, have left on a source and a target: indexes, tasks, claims, ' +
      'temporary databases. Removes it with --yes. What belongs to a running workflow stays.',
    examples: ['cleanup --source prod/Shop --target prod/ShopSharded'],
  })
    .option('--source <place>', 'a database that was migrated from, as <connection>/<database>')
    .option('--target <place>', 'a database that was migrated into, as <connection>/<database>')
    .option('--yes', 'remove what is found');
  withStart(command, 'cleanup-<source>-and-<target>').action((options: CleanupOptions) =>
    run(async () => (await import('./commands/cleanup.ts')).cleanup(options)),
  );
}

function declareList(program: Command): void {
  withHelp(program.command('list'), {
    summary: 'list what runs',
    description: 'Lists the runs on the task queue, the latest first, with the phase that each is in.',
    examples: ['list', 'list --all --limit 50'],
  })
    .option('--all', 'also those that have ended')
    .option('--limit <n>', 'how many at most', '20')
    .addOption(json())
    .action((options: ListOptions) => run(async () => (await import('./commands/list.ts')).list(options)));
}

function declareWatch(program: Command): void {
  withHelp(program.command('watch'), {
    summary: 'show a run of any kind until it ends',
    description:
      'Shows a migration, plan, comparison, import, export or copy until it ends, or how it ended. Ctrl-C leaves it running.',
    examples: ['watch migrate-Shop-to-ShopSharded'],
  })
    .argument('<workflowId>')
    .addOption(json())
    .action((workflowId: string, options: { json?: boolean }) =>
      run(async () => (await import('./commands/watch.ts')).watch(workflowId, options)),
    );
}

function declareReport(program: Command): void {
  withHelp(program.command('report'), {
    summary: 'open the report of a run',
    description:
      'Writes the report of a run, as it is now, as an HTML page into a file, and prints its path. At a terminal with a screen it ' +
      'opens the page, unless --output names the file.',
    examples: ['report migrate-Shop-to-ShopSharded', 'report migrate-Shop-to-ShopSharded --output shop.html'],
  })
    .argument('<workflowId>')
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
  withHelp(evidence.command('create'), {
    summary: 'write the evidence of a run',
    description: 'Writes the evidence of a run into a folder, and prints the checksum to keep elsewhere.',
    examples: ['evidence create migrate-Shop-to-ShopSharded --output shop'],
  })
    .argument('<workflowId>')
    .option('--output <folder>', 'a new folder (evidence-<workflowId>)')
    .addOption(json())
    .action((workflowId: string, options: EvidenceOptions) =>
      run(async () => (await import('./commands/evidence.ts')).createEvidence(workflowId, options)),
    );
  withHelp(evidence.command('verify'), {
    summary: 'look whether evidence is whole and unchanged',
    description:
      'Looks whether evidence is whole, unchanged and consistent, without any server. Exit code 6 if not.',
    examples: ['evidence verify shop --sha256 3f1c…'],
  })
    .argument('<folder>')
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
