import {
  type ImportBackupConfig,
  type ImportDumpConfig,
  itemTypes,
  parseImportBackup,
  parseImportDump,
} from '../core/contract/file-contract.ts';
import { type ImportJob, LEDGER } from '../core/files/files.ts';
import type { ImportResult } from '../core/run/results.ts';
import { FileImporter } from './copy/file-importer.ts';
import { closing, planning, quick } from './run/activity-proxies.ts';
import { rootCause } from './run/failure.ts';
import { claimOn, Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';

/** Imports a dump into a sharded database, new or existing. The argument is one `ImportDumpInput`. */
export async function importDump(argument: unknown): Promise<ImportResult> {
  const input = valid(parseImportDump(argument));
  return await importFiles(input, input.dump.host, {
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
  return await importFiles(input, host, {
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

async function importFiles(
  input: ImportDumpConfig | ImportBackupConfig,
  host: string | null,
  job: ImportJob,
): Promise<ImportResult> {
  const { maxItemsPerSecond } = input;
  const { kind, path, target } = job;
  const run = new Run(
    new RunState({
      workflowType: kind === 'dump' ? 'importDump' : 'importBackup',
      title: `Import of ${kind === 'dump' ? 'dump' : 'backups'} ${path} into ${target.connection}/${target.database}`,
      input,
      target: { connection: target.connection, database: target.database },
      maxItemsPerSecond,
    }),
  );
  const { state } = run;
  const importer = new FileImporter(run, job, host);

  return await run.toTheEnd(async () => {
    run.leaves = `The target "${target.database}" was not touched.`;
    run.planned(await run.step(() => planning.planImport(job)));
    const inspected = await importer.inspect();
    const { files, continues } = inspected;
    state.found(inspected.findings);
    run.planned(inspected.checks);
    const standsAt = files.at(-1)?.name ?? inspected.standsAt;
    const result = { files: files.map(({ name }) => name), standsAt, items: {}, documentsCompared: 0 };
    if (files.length === 0) return { ...result, shards: await documentsPerShard(run, job) };

    state.enter('preparing');
    const mustBeEmpty = Boolean(inspected.intoEmpty) && !target.allowExistingData;
    await run.step(() => quick.createTarget(job));
    run.atEnd('The target is still claimed by this run', () => closing.releaseTarget(claimOn(target)));
    await run.step(() => quick.claimTarget({ ...claimOn(target), mustBeEmpty }));

    state.enter('importing');
    run.leaves = `The target "${target.database}" holds a part of "${path}": once the reason is gone, run the same import again to complete it.`;
    const imported = await importer.import(inspected, {
      onProgress: ({ items, mismatches, differences }) => state.settled({ items, mismatches, differences }),
    });
    const { items, documentsCompared } = imported;

    state.enter('verifying');
    run.leaves = `The documents of "${path}" are on the target "${target.database}", but its indexes and settings may not be: once the reason is gone, run the same import again to complete it.`;
    const { settings, notCarried } = await importer.step((activities) =>
      activities.importFileSettings({ ...job, files, continues }),
    );
    state.settled({ settings });
    state.leftOut([...imported.notCarried, ...notCarried]);
    return { ...result, items, documentsCompared, shards: await documentsPerShard(run, job) };
  });
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
