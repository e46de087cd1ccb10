/** The first copy from backup files, which spares the source the export; what changed since comes with the rounds. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { itemTypes } from '../../core/contract/file-contract.ts';
import { type ImportJob, type InspectedFiles, LEDGER } from '../../core/files/files.ts';
import type { Check } from '../../core/plan/check.ts';
import { bulk } from '../run/activity-proxies.ts';
import { Carrier } from './copy-method.ts';
import { type Importer, importInOrder, withFiles } from './file-importer.ts';

/** Imports a full backup and its incremental ones. */
export class BackupCarrier extends Carrier {
  #inspected: InspectedFiles | undefined;

  override async plan(): Promise<readonly Check[]> {
    const importer = this.#importer();
    this.#inspected = await withFiles(importer, (activities) => activities.inspectFiles(importer.job));
    const { checks, findings } = this.#inspected;
    for (const finding of findings) this.state.note(finding);
    return checks;
  }

  override async copy(): Promise<void> {
    const inspected = this.#inspected;
    if (!inspected) throw ApplicationFailure.nonRetryable('The files were not inspected before the copy.');
    const standsAt = this.#standOf(inspected);
    const importer = this.#importer();
    // of this copy alone: it must not count when all has to be copied anew
    const ledger = `${LEDGER}/${workflowInfo().workflowId}/${standsAt.databaseId}`;
    const imported = await importInOrder(
      { ...importer, job: { ...importer.job, ledger } },
      inspected,
      () => undefined,
    );
    this.state.leftOut(imported.notCarried);
    this.state.reached(standsAt);
    // the source may have forgotten by now what was deleted since
    const transfer = { ...this.input, from: standsAt, anew: false };
    this.state.note(await this.control.step(() => bulk.deleteSurplusDocuments(transfer)));
  }

  /** Etags tell where the files stand only on the storage that wrote them. */
  #standOf({ files }: InspectedFiles) {
    const now = this.state.position();
    const etag = lastEtagOf(files, now.databaseId);
    if (etag > 0) return { ...now, etag: Math.min(etag, now.etag), raftIndex: 0 };
    throw ApplicationFailure.nonRetryable(notOfSource(this.input.source.database), failures.planBlocked);
  }

  #importer(): Importer {
    return { control: this.control, state: this.state, ...backupImport(this.input) };
  }
}

/** The last etag of a storage that files tell of; 0 when they are not of it. */
export function lastEtagOf(files: InspectedFiles['files'], databaseId: string): number {
  return Math.max(0, ...files.map(({ span }) => span[databaseId]?.highest ?? 0));
}

/** What to say of files that a migration cannot begin with. */
export function notOfSource(database: string): string {
  return (
    `The backup is not one of source.database "${database}" as it is on the node that answers: it is of another ` +
    'database or node, or the source was restored since. Use method "stream".'
  );
}

/** The files of a migration by backup, as an import knows them. */
export function backupImport({
  backup,
  target,
  encryptionKey,
  source,
}: MigrateDatabaseConfig): Pick<Importer, 'job' | 'host'> {
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
  return { job, host };
}
