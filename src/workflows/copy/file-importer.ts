/** Importing files into a target: what imports and migrations by backup have in common. */
import { ApplicationFailure, CancelledFailure, workflowInfo } from '@temporalio/workflow';
import { MAX_DIFFERENCES } from '../../core/compare/verification.ts';
import { failures } from '../../core/contract/failures.ts';
import { hostTaskQueue } from '../../core/contract/task-queues.ts';
import type { ImportedFiles, ImportJob, InspectedFiles } from '../../core/files/files.ts';
import { addLines } from '../../core/run/not-carried.ts';
import { bulk, onHost } from '../run/activity-proxies.ts';
import { isHostGone } from '../run/failure.ts';
import type { Run } from '../run/run.ts';
import { tuning } from '../run/tuning.ts';

/** Where an import of files stands, as plain data. */
export interface ImportStanding {
  /** What was imported so far, in however many steps. */
  imported?: ImportedFiles;
}

const NOTHING: ImportedFiles = {
  done: false,
  reached: { files: 0, items: 0 },
  items: {},
  notCarried: [],
  documentsCompared: 0,
  mismatches: 0,
  differences: [],
};

/** Imports files on the worker that holds them, or on any worker where no host is named. */
export class FileImporter {
  readonly job: ImportJob;
  readonly #run: Run;
  readonly #host: string | null;

  /** @param host the worker's host that holds the files; null where any worker reaches them */
  constructor(run: Run, job: ImportJob, host: string | null) {
    this.job = job;
    this.#run = run;
    this.#host = host;
  }

  /** Runs a step where the files are; waits while that worker is away. */
  async step<T>(
    work: (activities: ReturnType<typeof onHost>) => Promise<T>,
    options?: { obeysLimit: boolean },
  ): Promise<T> {
    const run = this.#run;
    const host = this.#host;
    if (host === null) return await run.step(() => work(bulk), options);
    const taskQueue = hostTaskQueue(workflowInfo().taskQueue, host);
    for (;;) {
      try {
        const result = await run.step(() => work(onHost(taskQueue)), options);
        run.state.attend('host', null);
        return result;
      } catch (error) {
        if (!isHostGone(error)) throw error;
        run.state.attend(
          'host',
          `No worker runs on host "${host}", which holds the files: start one there, or abort and import the files ` +
            'from another host.',
        );
      }
    }
  }

  /** Checks the files, and finds out which of them to import. */
  async inspect(): Promise<InspectedFiles> {
    return await this.step((activities) => activities.inspectFiles(this.job));
  }

  /**
   * Imports files in order, some at a time, and goes on where it stood after a pause or with a new limit.
   * @param standing where an earlier run has left off; it moves on with the import
   * @param options.onProgress gets what has been imported so far
   * @throws ApplicationFailure when documents on the target differ from those in a file
   */
  async import(
    inspected: InspectedFiles,
    standing: ImportStanding,
    {
      ledger = this.job.ledger,
      onProgress,
    }: { ledger?: string | null; onProgress?: (imported: ImportedFiles) => void } = {},
  ): Promise<ImportedFiles> {
    const { files, database, continues } = inspected;
    const importOn = async (activities: ReturnType<typeof onHost>) => {
      const before = standing.imported ?? NOTHING;
      const { reached } = before;
      // not all of them: each step leaves its list in the history
      const next = files.slice(reached.files, reached.files + tuning.filesPerStep);
      const part = { files: next, first: reached.files, of: files.length };
      const { maxItemsPerSecond, refused = [] } = this.#run.state.progress;
      const order = {
        ...this.job,
        ledger,
        ...part,
        database,
        continues,
        maxItemsPerSecond,
        reached,
        refused: refused.map(({ kind, id }) => ({ kind, id })),
      };
      const now = await activities.importFiles(order);
      const imported = addedUp(before, now);
      standing.imported = imported;
      onProgress?.(imported);
      if (now.done || now.mismatches > 0) return imported;
      throw new CancelledFailure('The import was canceled.');
    };
    for (;;) {
      const { imported } = standing;
      if (imported && imported.reached.files >= files.length) return imported;
      const { mismatches, differences } = await this.step(importOn, { obeysLimit: true });
      const [first] = differences;
      if (mismatches > 0)
        throw ApplicationFailure.nonRetryable(
          `${mismatches} documents on the target differ from those in the files; the first is "${first?.id}", which ${first?.what}.`,
          failures.verificationFailed,
        );
    }
  }
}

function addedUp(before: ImportedFiles, now: ImportedFiles): ImportedFiles {
  const items = { ...before.items };
  for (const [kind, count] of Object.entries(now.items)) items[kind] = (items[kind] ?? 0) + count;
  const notCarried = new Map<string, string>();
  addLines(notCarried, [...before.notCarried, ...now.notCarried]);
  return {
    done: now.done,
    reached: now.reached,
    items,
    notCarried: [...notCarried.values()],
    documentsCompared: before.documentsCompared + now.documentsCompared,
    mismatches: before.mismatches + now.mismatches,
    differences: [...before.differences, ...now.differences].slice(0, MAX_DIFFERENCES),
  };
}
