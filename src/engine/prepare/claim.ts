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
  firstRunId: string;
  since: string;
}

/** The target, and who claims it. */
export interface ClaimInput {
  target: TargetRef;
  /** The first run of a workflow that goes on in new ones: it stays the same. */
  firstRunId: string;
}

/**
 * Claims the target for this run, so that no other run writes into it. What an ended run has claimed is taken over.
 * @throws RavenError for good when another run is at work on it
 */
export async function claimTarget(work: Work, { target, firstRunId }: ClaimInput): Promise<void> {
  const { workflowId } = work;
  await changeNote<Claim>(work.database(target), CLAIM, async (holder) => {
    if (holder?.firstRunId === firstRunId) return holder;
    // two runs of one id are never open at a time
    const isOthers = holder && holder.workflowId !== workflowId;
    if (isOthers && (await work.isRunning(holder.workflowId, holder.firstRunId)))
      throw busy(target.database, holder);
    return { workflowId, firstRunId, since: new Date().toISOString() };
  });
}

/**
 * Releases the target, and forgets what only this run has to know; a target that another run has claimed stays as it is.
 * @throws RavenError
 */
export async function releaseTarget(work: Work, { target, firstRunId }: ClaimInput): Promise<void> {
  const database = work.database(target);
  const held = await holdNote<Claim>(database, CLAIM);
  if (held?.note.firstRunId !== firstRunId) return;
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
