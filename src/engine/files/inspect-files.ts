/** Inspects dump and backup files before any import: whether they are complete, whose they are, what they change. */

import { backupChain } from '../../core/files/backup-files.ts';
import {
  type Gap,
  gapBetween,
  gapFinding,
  gapProblem,
  type Span,
  widen,
} from '../../core/files/etag-spans.ts';
import { type DumpFileRef, type ImportJob, type InspectedFiles, MOST_FILES } from '../../core/files/files.ts';
import { firstChecks, firstLines } from '../../core/files/first-findings.ts';
import { newFiles } from '../../core/files/new-backup-files.ts';
import type { Check } from '../../core/plan/check.ts';
import { isPossible } from '../../core/plan/migration-plan.ts';
import { formatBytes, formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { type DumpInspection, inspectDump, newerThanServer } from '../../ravendb/dump/dump-inspection.ts';
import { changeVectorOf } from '../../ravendb/dump/dump-items.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { serverInfo } from '../../ravendb/requests/server.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { findDump } from '../../stores/find-dump.ts';
import { openStore } from '../../stores/open-store.ts';
import { freeBytes } from '../../stores/worker-disk.ts';
import { checkVersion } from '../plan/check-server.ts';
import { checkTarget } from '../plan/check-target.ts';
import { type Ledger, type PartialImport, readLedger, readPartialImport } from '../prepare/import-ledger.ts';
import { checkFolders } from '../work/check-folders.ts';
import { Meter } from '../work/meter.ts';
import type { Work } from '../work/work.ts';
import { findKey, pathOf, plainBytes } from './dump-file.ts';
import { describeOverwritten } from './overwrite-check.ts';

/** A chosen file that has not been read yet. */
type Chosen = Pick<DumpFileRef, 'name' | 'folder' | 'path' | 'bucket' | 'bytes' | 'incremental'>;

/** Checks the target of an import. Changes nothing. */
export async function planImport(work: Work, { target }: Pick<ImportJob, 'target'>): Promise<Check[]> {
  const database = work.database(target);
  const server = await serverInfo(database.connection);
  // only the files tell whether existing data is a problem
  const anyContent = { target: { ...target, allowExistingData: true } };
  return [
    checkVersion('target', server),
    ...(await checkTarget(anyContent, database, server)),
    ...(await checkFolders(work)),
  ];
}

/** Finds the files of an import and reads each to its end. Changes nothing. */
export async function inspectFiles(work: Work, job: ImportJob): Promise<InspectedFiles> {
  const { findings, checks, ...inspected } = await new Inspection(work, job).inspect();
  return { ...inspected, findings: firstLines(findings), checks: firstChecks(checks) };
}

class Inspection {
  readonly #work: Work;
  readonly #job: ImportJob;
  readonly #target: Database;
  readonly #found: InspectedFiles;

  constructor(work: Work, job: ImportJob) {
    this.#work = work;
    this.#job = job;
    this.#target = work.database(job.target);
    this.#found = {
      checks: [],
      findings: [],
      files: [],
      database: job.database,
      standsAt: null,
      continues: false,
    };
  }

  async inspect(): Promise<InspectedFiles> {
    const { encryptionKey } = this.#job;
    const there = await targetContent(this.#target, this.#job.ledger);
    this.#found.intoEmpty = there.documents === 0;
    findKey(this.#work, encryptionKey);
    const chosen = this.#job.kind === 'dump' ? await this.#dump() : await this.#backups(there.ledger);
    if (this.#blocked) return this.#found;
    await this.#read(chosen, there.ledger);
    if (this.#blocked || this.#found.files.length === 0) return this.#found;
    if (there.documents > 0 && !this.#found.continues && !this.#isPartOf(there.begun))
      await this.#checkOverwritten(there.documents);
    this.#found.findings.push(
      `${this.#found.files.length === 1 ? 'One file' : `${this.#found.files.length} files`} to import, ` +
        `${formatBytes(sum(this.#found.files, ({ bytes }) => bytes))}, ` +
        `${formatCount(sum(this.#found.files, ({ documents }) => documents))} documents.`,
    );
    return this.#found;
  }

  get #blocked(): boolean {
    return !isPossible(this.#found.checks);
  }

  #check(name: string, status: Check['status'], message: string): void {
    this.#found.checks.push({ name, status, message });
  }

  async #dump(): Promise<Chosen[]> {
    const { file, problems, manifest } = await findDump(this.#work.config, this.#job.path, this.#work.signal);
    for (const problem of problems) this.#check('dump', 'blocker', problem);
    if (manifest) {
      const { source, exportedAt, encryptionKey } = manifest;
      this.#found.findings.push(
        `A dump of "${source.database}" from RavenDB ${source.server}, exported at ${exportedAt}.`,
      );
      if (encryptionKey !== null && this.#job.encryptionKey === null) {
        const message = `The dump is encrypted with the key "${encryptionKey}"; name it in encryptionKey.`;
        this.#check('dump', 'blocker', message);
      }
    }
    return file ? [{ ...file, incremental: false, bucket: null }] : [];
  }

  async #backups(ledger: Ledger | undefined): Promise<Chosen[]> {
    const { path, bucket, database, upTo } = this.#job;
    const store = await openStore(this.#work.config, { path, bucket }, this.#work.signal);
    const listing = await store.list().finally(() => store.close());
    const chain = backupChain(listing, { database, upTo, root: store.root });
    const name = 'backup files';
    for (const problem of chain.problems) this.#check(name, 'blocker', problem);
    for (const warning of chain.warnings) this.#check(name, 'warning', warning);
    this.#found.database = chain.database;
    if (chain.problems.length > 0) return [];
    if (ledger && chain.database && ledger.database.toLowerCase() !== chain.database.toLowerCase()) {
      const message =
        `target.database "${this.#job.target.database}" holds backups of "${ledger.database}", not of ` +
        `"${chain.database}"; name another target, or another backup.`;
      this.#check(name, 'blocker', message);
      return [];
    }
    const { files, problems, warnings } = newFiles(chain, { files: ledger?.files ?? [] });
    for (const problem of problems) this.#check(name, 'blocker', problem);
    for (const warning of warnings) this.#check(name, 'warning', warning);
    const last = files[MOST_FILES - 1];
    if (files.length > MOST_FILES)
      this.#check(
        name,
        'blocker',
        `There are ${formatCount(files.length)} files to import, and one import takes ${formatCount(MOST_FILES)}: import those up to ` +
          `${last?.name} first, with \`backup.upTo\`, then the others.`,
      );
    this.#found.continues = ledger !== undefined;
    this.#found.standsAt = ledger?.files.at(-1) ?? null;
    if (ledger && files.length === 0)
      this.#found.findings.push(`There are no new files: the last imported file is ${ledger.files.at(-1)}.`);
    return files.map((file) => ({
      name: file.name,
      folder: path,
      path: file.path,
      bucket,
      bytes: file.bytes,
      incremental: file.kind === 'incremental',
    }));
  }

  /** Reads every file to its end: a fault that is found later would leave a half-filled target. */
  async #read(chosen: readonly Chosen[], ledger: Ledger | undefined): Promise<void> {
    const { version } = await serverInfo(this.#target.connection);
    let previous = ledger && { name: ledger.files.at(-1) ?? '', span: ledger.span };
    let largestAttachments = 0;
    for (const file of chosen) {
      const meter = new Meter(this.#work, `reading ${file.name}`, 0);
      const span: Record<string, { lowest: number; highest: number }> = {};
      let inspection: DumpInspection;
      try {
        const plain = await plainBytes(this.#work, file, this.#job.encryptionKey);
        inspection = await inspectDump(
          plain,
          file.name,
          ({ items }) => meter.report(items),
          (list, json) => {
            // a revision may have an old change vector
            if (this.#job.kind === 'backup' && list !== 'RevisionDocuments')
              widen(span, changeVectorOf(json));
          },
        );
      } catch (error) {
        if (!(error instanceof RavenError) || error.retryable) throw error;
        this.#check('files', 'blocker', error.message);
        continue;
      }
      const newer = newerThanServer(inspection.buildVersion, version);
      if (newer) this.#check('files', 'warning', newer);
      if (this.#job.kind === 'backup') previous = this.#checkOrder(previous, { name: file.name, span });
      largestAttachments = Math.max(largestAttachments, inspection.attachmentBytes);
      this.#keep(file, inspection, span);
    }
    await this.#checkSpace(largestAttachments);
  }

  #keep(file: Chosen, { counts }: DumpInspection, span: Span): void {
    const { documents = 0, revisions = 0, counterGroups = 0, timeSeriesSegments = 0 } = counts;
    const all = sum(Object.values(counts), (count) => count);
    if (all === 0 && !file.incremental)
      this.#check(
        'files',
        'blocker',
        `${file.name} contains no items; export or back up the database again.`,
      );
    if (counts.conflicts) {
      const message =
        `${counts.conflicts} documents of ${file.name} were in conflict and are not imported; ` +
        'resolve them on the source.';
      this.#check('files', 'warning', message);
    }
    this.#found.files.push({
      ...file,
      documents,
      items: documents + revisions + counterGroups + timeSeriesSegments,
      span,
    });
  }

  #checkOrder(
    previous: { name: string; span: Span } | undefined,
    next: { name: string; span: Span },
  ): { name: string; span: Span } {
    if (!previous) return next;
    const gap: Gap = gapBetween(previous.span, next.span);
    const problem = gapProblem(gap, previous.name, next.name);
    if (problem) this.#check('backup files', 'blocker', problem);
    const finding = gapFinding(gap, previous.name, next.name);
    if (finding) this.#found.findings.push(finding);
    return gap.kind === 'empty' && Object.keys(next.span).length === 0 ? previous : next;
  }

  /** Attachments of a file stay on disk during its import, because several shards may need them. */
  async #checkSpace(needed: number): Promise<void> {
    const free = await freeBytes(pathOf(this.#work, '.'));
    if (free > needed) return;
    const message =
      `The worker has ${formatBytes(free)} free for attachments of ${formatBytes(needed)}; ` +
      'free some space, or move dumpDirectory.';
    this.#check('disk space', 'blocker', message);
  }

  /** Whether the target holds a part of exactly the file to import, from an earlier run that did not finish it. */
  #isPartOf(begun: PartialImport | undefined): boolean {
    const [first] = this.#found.files;
    if (!begun || first?.name !== begun.file || first.bytes !== begun.bytes) return false;
    this.#found.findings.push(`The target holds a part of ${first.name}, left by an earlier run.`);
    return true;
  }

  async #checkOverwritten(documents: number): Promise<void> {
    const { target, types, collections, encryptionKey } = this.#job;
    const overwritten = await describeOverwritten(this.#target, {
      files: this.#found.files,
      types,
      collections,
      open: (file) => plainBytes(this.#work, file, encryptionKey),
    });
    const what = `target.database "${target.database}" holds ${formatCount(documents)} documents; ${overwritten}`;
    if (target.allowExistingData) this.#check('existing data', 'warning', `${what}.`);
    else {
      const way = 'allow it with target.allowExistingData, or name an empty or new database';
      this.#check('existing data', 'blocker', `${what}; ${way}.`);
    }
  }
}

async function targetContent(target: Database, ledger: string | null) {
  if (!(await databaseRecord(target))) return { documents: 0, ledger: undefined, begun: undefined };
  const { documents } = await databaseCounts(target);
  const begun = await readPartialImport(target);
  return { documents, ledger: ledger === null ? undefined : await readLedger(target, ledger), begun };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
