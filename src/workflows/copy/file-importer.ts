/** Importing files into a target: what imports and migrations by backup have in common. */
import { ApplicationFailure, CancelledFailure, workflowInfo } from '@temporalio/workflow';
import { failures } from '../../core/contract/failures.ts';
import { hostTaskQueue } from '../../core/contract/task-queues.ts';
import type { ImportedFiles, ImportJob, InspectedFiles } from '../../core/files/files.ts';
import { bulk, onHost } from '../run/activity-proxies.ts';
import { isHostGone } from '../run/failure.ts';
import type { Run } from '../run/run.ts';

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
   * Imports files in order, and goes on where it stood after a pause or with a new limit.
   * @param options.reached where an earlier run has left off
   * @param options.onProgress gets what has been imported, also when it goes on
   * @throws ApplicationFailure when documents on the target differ from those in a file
   */
  async import(
    { files, database, continues }: InspectedFiles,
    {
      ledger = this.job.ledger,
      reached = { files: 0, items: 0 },
      onProgress,
    }: {
      ledger?: string | null;
      reached?: ImportedFiles['reached'] | undefined;
      onProgress?: (imported: ImportedFiles) => void;
    } = {},
  ): Promise<ImportedFiles> {
    const importOn = async (activities: ReturnType<typeof onHost>) => {
      const { maxItemsPerSecond } = this.#run.state.progress;
      const order = { ...this.job, ledger, files, database, continues, maxItemsPerSecond, reached };
      const now = await activities.importFiles(order);
      onProgress?.(now);
      if (now.done || now.mismatches > 0) return now;
      ({ reached } = now);
      throw new CancelledFailure('The import was canceled.');
    };
    const imported = await this.step(importOn, { obeysLimit: true });
    const [first] = imported.differences;
    if (imported.mismatches === 0) return imported;
    throw ApplicationFailure.nonRetryable(
      `${imported.mismatches} documents on the target differ from those in the files; the first is "${first?.id}", which ${first?.what}.`,
      failures.verificationFailed,
    );
  }
}
