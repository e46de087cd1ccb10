/** The first copy from backup files, which spares the source the export; what changed since comes with the rounds. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { itemTypes } from '../../core/contract/file-contract.ts';
import type { Position } from '../../core/copy/position.ts';
import { type ImportJob, type InspectedFiles, ledgersOf } from '../../core/files/files.ts';
import type { Check } from '../../core/plan/check.ts';
import { bulk } from '../run/activity-proxies.ts';
import type { Run } from '../run/run.ts';
import { CopyMethod } from './copy-method.ts';
import { FileImporter, type ImportStanding } from './file-importer.ts';

interface Standing {
  inspected: InspectedFiles;
  importing: ImportStanding;
}

/** Imports a full backup and its incremental ones. */
export class CopyByBackup extends CopyMethod<Standing> {
  readonly #importer = backupImporter(this.run, this.input);

  override async plan(): Promise<readonly Check[]> {
    const inspected = await this.#importer.inspect();
    this.standing.inspected = inspected;
    const { checks, findings } = inspected;
    for (const finding of findings) this.run.state.note(finding);
    return checks;
  }

  override async copy(): Promise<void> {
    const { run, standing } = this;
    const { inspected } = standing;
    if (!inspected) throw ApplicationFailure.nonRetryable('The files were not inspected before the copy.');
    const standsAt = this.#positionOf(inspected);
    // of this copy alone: it must not count when everything has to be copied again
    const ledger = `${ledgersOf(workflowInfo().workflowId)}${standsAt.databaseId}`;
    standing.importing ??= {};
    const { notCarried } = await this.#importer.import(inspected, standing.importing, { ledger });
    run.state.leftOut(notCarried);
    run.state.reached(standsAt);
    // the source may have forgotten by now what was deleted since
    const transfer = { ...this.input, from: standsAt, anew: false };
    run.state.note(await run.step(() => bulk.deleteSurplusDocuments(transfer)));
    standing.importing = undefined;
  }

  override startOver(): void {
    this.standing.importing = undefined;
  }

  /** Etags tell where the files stand only on the storage that wrote them. */
  #positionOf({ files }: InspectedFiles): Position {
    const now = this.run.state.position();
    const etag = lastEtagOf(files, now.databaseId);
    if (etag > 0) return { ...now, etag: Math.min(etag, now.etag), raftIndex: 0 };
    throw ApplicationFailure.nonRetryable(notOfSource(this.input.source.database), failures.planBlocked);
  }
}

/** The last etag of a storage that files tell of; 0 when they are not of it. */
export function lastEtagOf(files: InspectedFiles['files'], databaseId: string): number {
  return Math.max(0, ...files.map(({ span }) => span[databaseId]?.highest ?? 0));
}

/** What to say of files that a migration cannot begin with. */
export function notOfSource(database: string): string {
  return (
    `The backup does not match source.database "${database}" as it is on the node that answers: it is of another ` +
    'database or node, or the source was restored since. Use method "stream".'
  );
}

/** The importer for the files of a migration by backup. */
export function backupImporter(run: Run, input: MigrateDatabaseConfig): FileImporter {
  const { backup, target, encryptionKey, source } = input;
  if (!backup) throw ApplicationFailure.nonRetryable('backup is missing.', failures.invalidInput);
  const { host, path, bucket, upTo } = backup;
  const job: ImportJob = {
    kind: 'backup',
    path,
    bucket,
    database: backup.database ?? source.database,
    upTo,
    target,
    types: itemTypes,
    collections: null,
    transformScript: null,
    encryptionKey,
    ledger: null,
  };
  return new FileImporter(run, job, host);
}
