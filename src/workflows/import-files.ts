import {
  type ImportBackupConfig,
  type ImportDumpConfig,
  itemTypes,
  parseImportBackup,
  parseImportDump,
} from '../core/contract/file-contract.ts';
import { importPhases } from '../core/contract/phases.ts';
import type { ImportedFiles } from '../core/files/files.ts';
import { type ImportJob, type InspectedFiles, type ItemNumbers, LEDGER } from '../core/files/files.ts';
import { importInOrder, withFiles } from './copy/file-importer.ts';
import { closing, planning, quick } from './run/activity-proxies.ts';
import { assertPossible, valid } from './run/ending.ts';
import { type Job, type JobResult, runJob } from './run/job.ts';

/** What `importDump` and `importBackup` return. */
export type ImportResult = JobResult & {
  /** Names of the files that were imported by this run, in order; none when there was nothing new. */
  files: string[];
  /** The last file that the target holds; null when it holds none. */
  standsAt: string | null;
  items: ItemNumbers;
  documentsCompared: number;
  /** Documents of each shard of the target. */
  shards: Record<string, number>;
};

/** Imports a dump into a sharded database, new or existing. The argument is one `ImportDumpInput`. */
export async function importDump(argument: unknown): Promise<ImportResult> {
  const input = valid(parseImportDump(argument));
  return await importInto(input, input.dump.host, {
    ...input,
    kind: 'dump',
    path: input.dump.path,
    bucket: null,
    database: null,
    upTo: null,
    ledger: null,
  });
}

/**
 * Imports a full backup and its incremental ones, those that the target does not hold yet. The argument is one
 * `ImportBackupInput`. Safe to run under a schedule: without new files it changes nothing.
 */
export async function importBackup(argument: unknown): Promise<ImportResult> {
  const input = valid(parseImportBackup(argument));
  const { host, path, bucket, database, upTo } = input.backup;
  return await importInto(input, host, {
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
  });
}

async function importInto(
  input: ImportDumpConfig | ImportBackupConfig,
  host: string | null,
  job: ImportJob,
): Promise<ImportResult> {
  const { connection, database } = job.target;
  const title = `Import of ${job.kind === 'dump' ? 'dump' : 'backups'} ${job.path} into ${connection}/${database}`;
  const files = new FilesImport(job, host);
  return await runJob(
    input,
    { title, steps: importPhases, maxItemsPerSecond: input.maxItemsPerSecond },
    (run) => files.run(run),
    (error) => files.leave(error),
  );
}

/** The runbook of an import. */
class FilesImport {
  readonly #job: ImportJob;
  readonly #host: string | null;
  #mayHoldTarget = false;
  /** Whether some of the files may be on the target. */
  #begun = false;

  constructor(job: ImportJob, host: string | null) {
    this.#job = job;
    this.#host = host;
  }

  async run(run: Job): Promise<Omit<ImportResult, keyof JobResult>> {
    const { state, control } = run;
    const job = this.#job;
    const checks = await control.step(() => planning.planImport(job));
    state.planned(checks);
    assertPossible(checks);
    const importer = { ...run, job, host: this.#host };
    const inspected = await withFiles(importer, (activities) => activities.inspectFiles(job));
    state.found(inspected);
    state.planned(inspected.checks);
    assertPossible(inspected.checks);
    if (inspected.files.length === 0) return await this.#result(inspected, undefined);

    state.enter('preparing');
    await control.step(() => quick.createTarget(job));
    this.#mayHoldTarget = true;
    await control.step(() => quick.claimTarget(job));

    state.enter('importing');
    this.#begun = true;
    const imported = await importInOrder(importer, inspected, (now) => state.imported(now));
    state.enter('verifying');
    const { files, continues } = inspected;
    const { settings, notCarried } = await withFiles(importer, (activities) =>
      activities.importFileSettings({ ...job, files, continues }),
    );
    state.settled(settings);
    state.leftOut([...imported.notCarried, ...notCarried]);
    return await this.#result(inspected, imported);
  }

  /** Tidies up at any end. @returns what a person should know of the target */
  async leave(error: unknown): Promise<string> {
    const { target, path } = this.#job;
    if (this.#mayHoldTarget) await closing.releaseTarget(this.#job);
    if (error === undefined) return '';
    if (!this.#begun) return `The target "${target.database}" was not touched.`;
    return (
      `The target "${target.database}" holds a part of "${path}": once the reason is gone, run the same import again ` +
      'to complete it.'
    );
  }

  async #result(inspected: InspectedFiles, imported: ImportedFiles | undefined) {
    const files = inspected.files.map(({ name }) => name);
    return {
      files,
      standsAt: files.at(-1) ?? inspected.standsAt,
      items: imported?.items ?? {},
      documentsCompared: imported?.documentsCompared ?? 0,
      shards: await quick.documentsPerShard(this.#job),
    };
  }
}
