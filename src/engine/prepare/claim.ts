/** Lets only one run at a time write into a target. The claim is a note on the target itself. */
import type { TargetRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { LEDGER } from '../../core/files/files.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import type { Work } from '../work/work.ts';
import { changeNote, holdNote, removeNotes } from './notes.ts';

const CLAIM = 'claim';

/** The run that writes into a target. */
interface Claim {
  workflowId: string;
  firstRunId: string;
  since: string;
}

/** The target, and the run that claims it. */
export interface ClaimInput {
  target: TargetRef;
  /** Id of the workflow's first run: it stays the same when the workflow continues as new. */
  firstRunId: string;
}

/**
 * Claims the target for this run, so that no other run writes into it. Takes over the claim of a run that has ended.
 * @throws RavenError that is not retryable when another run is working on the target
 */
export async function claimTarget(work: Work, { target, firstRunId }: ClaimInput): Promise<void> {
  const { workflowId } = work;
  await changeNote<Claim>(work.database(target), CLAIM, async (holder) => {
    if (holder?.firstRunId === firstRunId) return holder;
    // Temporal never has two open runs of the same workflow id
    const isOthers = holder && holder.workflowId !== workflowId;
    if (isOthers && (await work.isRunning(holder.workflowId, holder.firstRunId)))
      throw busy(target.database, holder);
    return { workflowId, firstRunId, since: new Date().toISOString() };
  });
}

/**
 * Releases the target, and removes the notes that only this run needs. Does nothing if another run has claimed it.
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
    `The workflow "${workflowId}" has been writing into target.database "${database}" since ${since}; wait until ` +
      'it ends, or abort it.',
    { kind: failures.targetBusy, retryable: false },
  );
}
