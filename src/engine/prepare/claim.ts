/** Lets only one run at a time write into a target. The claim is a note on the target itself. */
import type { DatabaseRef, TargetRef } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import { ledgersOf } from '../../core/files/files.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import type { Work } from '../work/work.ts';
import { changeNote, holdNote, readNote, removeNotes } from './notes.ts';
import { markServing } from './sync-note.ts';

const CLAIM = 'claim';

/** The run that writes into a target. */
export interface Claim {
  workflowId: string;
  firstRunId: string;
  since: string;
  /** The source, as `connection/database`; absent for an import. */
  source?: string | undefined;
  /** Whether the target may contain other documents. */
  shared?: boolean;
  /** Time of the cutover: from then on the target serves. */
  cutOverAt?: string;
}

/** The target, and the run that claims it. */
export interface ClaimInput {
  target: TargetRef;
  source?: DatabaseRef | undefined;
  /** Id of the workflow's first run: it stays the same when the workflow continues as new. */
  firstRunId: string;
  /** Whether the plan found no documents that this run may write beside. */
  mustBeEmpty?: boolean;
}

/**
 * Claims the target for this run, so that no other run writes into it. Takes over the claim of a run that has ended.
 * @throws RavenError that is not retryable when another run is working on the target, or has filled it since the plan
 */
export async function claimTarget(work: Work, input: ClaimInput): Promise<void> {
  const { source, target, firstRunId, mustBeEmpty } = input;
  const { workflowId } = work;
  const database = work.database(target);
  await changeNote<Claim>(database, CLAIM, async (holder) => {
    if (holder?.firstRunId === firstRunId) return holder;
    // Temporal never has two open runs of the same workflow id
    const isOthers = holder && holder.workflowId !== workflowId;
    if (isOthers && (await work.isRunning(holder.workflowId, holder.firstRunId)))
      throw busy(target.database, holder);
    // whoever fills it has to change the note, and then this is done again
    if (mustBeEmpty) await assertEmpty(database);
    return {
      workflowId,
      firstRunId,
      since: new Date().toISOString(),
      source: source && nameOf(source),
      shared: target.allowExistingData,
    };
  });
}

/** The claim of the run that writes into a target, or of one that was terminated. @throws RavenError */
export async function readClaim(target: Database): Promise<Claim | undefined> {
  return await readNote<Claim>(target, CLAIM);
}

/** Removes the claim of a workflow that no longer runs. @throws RavenError */
export async function removeClaim(target: Database, workflowId: string): Promise<void> {
  const held = await holdNote<Claim>(target, CLAIM);
  if (held?.note.workflowId === workflowId) await held.remove();
}

/** Whether everything on the target comes from this source. */
export function isCopyOf({ source, shared }: Claim, wanted: DatabaseRef): boolean {
  return source === nameOf(wanted) && shared === false;
}

/** Records on the target that it serves from now on: on the claim, and for later runs of `syncDatabase`. @throws RavenError */
export async function markCutOver(
  work: Work,
  { target, firstRunId }: { target: DatabaseRef; firstRunId: string },
): Promise<void> {
  const held = await readClaim(work.database(target));
  if (held?.firstRunId !== firstRunId) return;
  await markServing(work, target);
  const cutOverAt = new Date().toISOString();
  await changeNote<Claim>(work.database(target), CLAIM, (claim) => ({ ...(claim ?? held), cutOverAt }));
}

function nameOf({ connection, database }: DatabaseRef): string {
  return `${connection}/${database.toLowerCase()}`;
}

/**
 * Releases the target, and removes the notes that only this run needs. Does nothing if another run has claimed it.
 * @throws RavenError
 */
export async function releaseTarget(work: Work, { target, firstRunId }: ClaimInput): Promise<void> {
  const database = work.database(target);
  const held = await holdNote<Claim>(database, CLAIM);
  if (held?.note.firstRunId !== firstRunId) return;
  await removeNotes(database, ledgersOf(work.workflowId));
  await held.remove();
}

async function assertEmpty(target: Database): Promise<void> {
  const { documents } = await databaseCounts(target);
  if (documents === 0) return;
  throw new RavenError(
    `target.database "${target.name}" was empty when this run looked at it, and holds ${formatCount(documents)} documents ` +
      'now: others have written to it meanwhile. Plan again, and name another target or allow it with target.allowExistingData.',
    { kind: failures.targetNotEmpty, retryable: false },
  );
}

function busy(database: string, { workflowId, since }: Claim): RavenError {
  return new RavenError(
    `The workflow "${workflowId}" has been writing into target.database "${database}" since ${since}; wait until ` +
      'it ends, or abort it.',
    { kind: failures.targetBusy, retryable: false },
  );
}
