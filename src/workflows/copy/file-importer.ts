/** Files on their way into a target: what imports and migrations by backup have in common. */

import { ApplicationFailure, CancelledFailure, workflowInfo } from '@temporalio/workflow';
import { failures } from '../../core/contract/failures.ts';
import { hostTaskQueue } from '../../core/contract/task-queues.ts';
import type { ImportedFiles, ImportJob, InspectedFiles } from '../../core/files/files.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import { bulk, onHost } from '../run/activity-proxies.ts';
import type { Control } from '../run/control.ts';
import { isHostGone } from '../run/failure.ts';
import type { RunState } from '../run/run-state.ts';

/** Who imports. */
export interface Importer {
  control: Control;
  state: RunState<string, RunProgress>;
  job: ImportJob;
  /** The worker's host that holds the files; null where any worker reaches them. */
  host: string | null;
}

/** Does something on the worker that holds the files, which may be away for a while, or on any where none is named. */
export async function withFiles<T>(
  { control, state, host }: Importer,
  work: (activities: ReturnType<typeof onHost>) => Promise<T>,
): Promise<T> {
  if (host === null) return await control.step(() => work(bulk));
  const taskQueue = hostTaskQueue(workflowInfo().taskQueue, host);
  for (;;) {
    try {
      const result = await control.step(() => work(onHost(taskQueue)));
      state.attend(null);
      return result;
    } catch (error) {
      if (!isHostGone(error)) throw error;
      state.attend(
        `No worker of host "${host}", which holds the files, takes the work: start one, or abort and import the ` +
          'files from another host.',
      );
    }
  }
}

/**
 * Imports files in order, and goes on where it stood after a pause or with a new limit.
 * @param onProgress told what has been imported, also when it goes on
 * @throws ApplicationFailure when documents are not on the target as in a file
 */
export async function importInOrder(
  importer: Importer,
  inspected: InspectedFiles,
  onProgress: (imported: ImportedFiles) => void,
): Promise<ImportedFiles> {
  const { state, job } = importer;
  const { files, database, continues } = inspected;
  let reached = { files: 0, items: 0 };
  const imported = await withFiles(importer, async (activities) => {
    const { maxItemsPerSecond } = state.progress;
    const now = await activities.importFiles({
      ...job,
      files,
      database,
      continues,
      maxItemsPerSecond,
      reached,
    });
    onProgress(now);
    if (now.done || now.mismatches > 0) return now;
    reached = now.reached;
    throw new CancelledFailure('The import was canceled.');
  });
  if (imported.mismatches === 0) return imported;
  const [first] = imported.differences;
  throw ApplicationFailure.nonRetryable(
    `${imported.mismatches} documents are on the target not as in the files, the first "${first?.id}", which ${first?.what}.`,
    failures.verificationFailed,
  );
}
