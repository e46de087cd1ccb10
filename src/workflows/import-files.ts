import { condition } from '@temporalio/workflow';
import {
  type ImportBackupConfig,
  type ImportDumpConfig,
  itemTypes,
  parseImportBackup,
  parseImportDump,
} from '../core/contract/file-contract.ts';
import { type ImportJob, type InspectedFiles, LEDGER } from '../core/files/files.ts';
import type { ImportResult, RunResult } from '../core/run/results.ts';
import { FileImporter, type ImportStanding } from './copy/file-importer.ts';
import { closing, planning, quick } from './run/activity-proxies.ts';
import { rootCause } from './run/failure.ts';
import { type Continued, claimOn, Run, releaseOf, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';
import type { Beginning } from './run/saved-state.ts';

/** Imports a dump into a sharded database, new or existing. The argument is one `ImportDumpInput`. */
export async function importDump(argument: unknown, continued?: Continued<Standing>): Promise<ImportResult> {
  const input = valid(parseImportDump(argument));
  const { host, path } = input.dump;
  const job: ImportJob = {
    ...input,
    kind: 'dump',
    path,
    bucket: null,
    database: null,
    upTo: null,
    ledger: null,
  };
  const run = runOf(input, job, continued);
  return await run.toTheEnd(() => new Import(run, job, host, continued?.runbook).run(argument));
}

/**
 * Imports a full backup and its incremental ones, those that the target does not hold yet. The argument is one
 * `ImportBackupInput`. Safe to run under a schedule: without new files it changes nothing.
 */
export async function importBackup(
  argument: unknown,
  continued?: Continued<Standing>,
): Promise<ImportResult> {
  const input = valid(parseImportBackup(argument));
  const { host, path, bucket, database, upTo } = input.backup;
  const job: ImportJob = {
    ...input,
    kind: 'backup',
    path,
    bucket,
    database,
    upTo,
    types: itemTypes,
    collections: null,
    transformScript: null,
    ledger: LEDGER,
  };
  const run = runOf(input, job, continued);
  return await run.toTheEnd(() => new Import(run, job, host, continued?.runbook).run(argument));
}

function runOf(
  input: ImportDumpConfig | ImportBackupConfig,
  { kind, path, target }: ImportJob,
  continued: Continued | undefined,
): Run {
  const beginning: Beginning = {
    workflowType: kind === 'dump' ? 'importDump' : 'importBackup',
    title: `Import of ${kind === 'dump' ? 'dump' : 'backups'} ${path} into ${target.connection}/${target.database}`,
    input,
    target: { connection: target.connection, database: target.database },
    maxItemsPerSecond: input.maxItemsPerSecond,
  };
  return new Run(new RunState(beginning, continued?.state), continued);
}

/** Where the runbook stands. */
interface Standing {
  /** The part of the runbook to go on with. */
  at: 'plan' | 'inspection' | 'preparation' | 'import' | 'settings' | 'decision';
  inspected: InspectedFiles | null;
  importing: ImportStanding;
}

/** The runbook. */
class Import {
  readonly #run: Run;
  readonly #job: ImportJob;
  readonly #importer: FileImporter;
  readonly #standing: Standing;

  constructor(run: Run, job: ImportJob, host: string | null, standing?: Standing) {
    this.#run = run;
    this.#job = job;
    this.#importer = new FileImporter(run, job, host);
    this.#standing = standing ?? { at: 'plan', inspected: null, importing: {} };
    run.canUndo('claim', releaseOf(job.target));
  }

  async run(argument: unknown): Promise<Omit<ImportResult, keyof RunResult>> {
    const standing = this.#standing;
    this.#run.mayContinue(argument, () => standing);
    if (standing.at === 'plan') await this.#plan();
    standing.inspected ??= await this.#inspect();
    const { files, standsAt } = standing.inspected;
    if (files.length > 0) {
      if (standing.at === 'preparation') await this.#prepare(standing.inspected);
      if (standing.at === 'import') await this.#import(standing.inspected);
      if (standing.at === 'settings') await this.#importSettings(standing.inspected);
      await this.#untilNothingIsUndecided();
    }
    const { items = {}, documentsCompared = 0 } = standing.importing.imported ?? {};
    return {
      files: files.map(({ name }) => name),
      standsAt: files.at(-1)?.name ?? standsAt,
      items,
      documentsCompared,
      shards: await documentsPerShard(this.#run, this.#job),
    };
  }

  async #plan(): Promise<void> {
    this.#run.leaves = `The target "${this.#job.target.database}" was not touched.`;
    this.#run.planned(await this.#run.step(() => planning.planImport(this.#job)));
    this.#standing.at = 'inspection';
  }

  async #inspect(): Promise<InspectedFiles> {
    const inspected = await this.#importer.inspect();
    this.#run.state.found(inspected.findings);
    this.#run.planned(inspected.checks);
    this.#standing.at = 'preparation';
    return inspected;
  }

  async #prepare({ intoEmpty }: InspectedFiles): Promise<void> {
    const { target } = this.#job;
    const mustBeEmpty = Boolean(intoEmpty) && !target.allowExistingData;
    this.#run.state.enter('preparing');
    await this.#run.step(() => quick.createTarget(this.#job));
    this.#run.undoAtEnd('claim');
    await this.#run.step(() => quick.claimTarget({ ...claimOn(target), mustBeEmpty }));
    this.#standing.at = 'import';
  }

  async #import(inspected: InspectedFiles): Promise<void> {
    const { state } = this.#run;
    const { path, target } = this.#job;
    state.enter('importing');
    this.#run.leaves = `The target "${target.database}" holds a part of "${path}": once the reason is gone, run the same import again to complete it.`;
    const { notCarried } = await this.#importer.import(inspected, this.#standing.importing, {
      onProgress: ({ items, mismatches, differences }) => state.settled({ items, mismatches, differences }),
    });
    state.leftOut(notCarried);
    this.#standing.at = 'settings';
  }

  async #importSettings({ files, continues }: InspectedFiles): Promise<void> {
    const { state } = this.#run;
    const { path, target } = this.#job;
    state.enter('verifying');
    this.#run.leaves = `The documents of "${path}" are on the target "${target.database}", but its indexes and settings may not be: once the reason is gone, run the same import again to complete it.`;
    const { settings, notCarried } = await this.#importer.step((activities) =>
      activities.importFileSettings({ ...this.#job, files: files.slice(-1), continues }),
    );
    state.settled({ settings });
    state.leftOut(notCarried);
    this.#standing.at = 'decision';
  }

  /** Somebody has to know what the target lacks before it is said to be complete. */
  async #untilNothingIsUndecided(): Promise<void> {
    const { state } = this.#run;
    if (state.undecided === 0) return;
    const { path, target } = this.#job;
    this.#run.leaves = `Everything else of "${path}" is on the target "${target.database}".`;
    await this.#run.step(() => condition(() => state.undecided === 0));
  }
}

/** What was imported stays so, also when its documents cannot be counted. */
async function documentsPerShard(run: Run, job: ImportJob): Promise<Record<string, number>> {
  try {
    const shards = await closing.documentsPerShard(job);
    run.state.settled({ shards });
    return shards;
  } catch (error) {
    run.state.note(`The documents of each shard could not be counted: ${rootCause(error)}`);
    return {};
  }
}
