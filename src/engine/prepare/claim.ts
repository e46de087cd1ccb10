/** Who may write into a target: one run at a time. The claim is a note on the target itself. */
import type { TargetRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { LEDGER } from '../../core/files/files.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import type { Work } from '../work/work.ts';
import { changeNote, holdNote, removeNotes } from './notes.ts';

const CLAIM = 'claim';

/** Who writes into a target. */
interface Claim {
  workflowId: string;
  runId: string;
  since: string;
}

/**
 * Claims the target for this run, so that no other run writes into it. What an ended run has claimed is taken over.
 * @throws RavenError for good when another run is at work on it
 */
export async function claimTarget(work: Work, { target }: { target: TargetRef }): Promise<void> {
  const { workflowId, runId } = work;
  await changeNote<Claim>(work.database(target), CLAIM, async (holder) => {
    if (holder?.runId === runId) return holder;
    // two runs of one id are never open at a time
    if (holder && holder.workflowId !== workflowId && (await work.isRunning(holder.workflowId, holder.runId)))
      throw busy(target.database, holder);
    return { workflowId, runId, since: new Date().toISOString() };
  });
}

/**
 * Releases the target, and forgets what only this run has to know; a target that another run has claimed stays as it is.
 * @throws RavenError
 */
export async function releaseTarget(work: Work, { target }: { target: TargetRef }): Promise<void> {
  const database = work.database(target);
  const held = await holdNote<Claim>(database, CLAIM);
  if (held?.note.runId !== work.runId) return;
  await removeNotes(database, `${LEDGER}/${work.workflowId}/`);
  await held.remove();
}

function busy(database: string, { workflowId, since }: Claim): RavenError {
  return new RavenError(
    `The workflow "${workflowId}" has been writing into target.database "${database}" since ${since}; wait for its ` +
      'end, or abort it.',
    { kind: failures.targetBusy, retryable: false },
  );
}
