/**
 * The note on the target that decides between switching and undoing: a compare-and-set of its cluster, so that whoever comes
 * second does nothing, however late it wakes up.
 */
import { failures } from '../../core/contract/failures.ts';
import type { FenceNote, FenceOrder, FencePlan } from '../../core/cutover/fence.ts';
import type { FlowedStorage } from '../../core/cutover/flow-back.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { changeNote, readNote } from '../prepare/notes.ts';
import type { Work } from '../work/work.ts';

const FENCE = 'fence';

/** What the target knows of a fence; undefined when there never was one. @throws RavenError */
export async function readFenceNote(target: Database): Promise<FenceNote | undefined> {
  return await readNote<FenceNote>(target, FENCE);
}

/**
 * Notes that a fence is about to be raised.
 * @returns the plan that this attempt has noted first
 * @throws RavenError that is not retryable when this attempt is over
 */
export async function noteRaised(work: Work, order: FenceOrder): Promise<FencePlan> {
  let { plan } = order;
  await change(work, order, (note) => {
    if (note && isOf(order, note) && note.state === 'raised') {
      plan = note.plan;
      return note;
    }
    if (note && isOver(order, note)) throw undone();
    return noted(work, order, 'raised');
  });
  return plan;
}

/**
 * Notes that the target serves from now on.
 * @param look called before that: whether it may, and where the target stands
 * @returns where it stood when that was noted first
 * @throws RavenError that is not retryable when the fence was undone
 */
export async function noteSwitched(
  work: Work,
  order: FenceOrder,
  look: () => Promise<readonly FlowedStorage[]>,
): Promise<readonly FlowedStorage[]> {
  let then: readonly FlowedStorage[] = [];
  await change(work, order, async (note) => {
    if (!note || !isOf(order, note) || note.state === 'undone') throw undone();
    if (note.state === 'switched') {
      then = note.storages ?? [];
      return note;
    }
    then = await look();
    return { ...noted(work, order, 'switched'), storages: then };
  });
  return then;
}

/** Notes that the source serves again. @returns false when it is too late, because the target serves */
export async function noteUndone(work: Work, order: FenceOrder): Promise<boolean> {
  let isUndone = true;
  await change(work, order, (note) => {
    isUndone = note?.state !== 'switched' || !isOf(order, note);
    if (!isUndone || (note && isOver(order, note))) return note as FenceNote;
    return noted(work, order, 'undone');
  });
  return isUndone;
}

async function change(
  work: Work,
  { target }: FenceOrder,
  next: (note: FenceNote | undefined) => FenceNote | Promise<FenceNote>,
): Promise<void> {
  await changeNote<FenceNote>(work.database(target), FENCE, next);
}

function noted(
  { workflowId }: Work,
  { firstRunId, attempt, plan, old }: FenceOrder,
  state: FenceNote['state'],
): FenceNote {
  const at = new Date().toISOString();
  return { workflowId, firstRunId, attempt, plan, state, at, ...(old && { old }) };
}

function isOf({ firstRunId, attempt }: FenceOrder, note: FenceNote): boolean {
  return note.firstRunId === firstRunId && note.attempt === attempt;
}

/** Whether a later attempt has begun, or this one has ended. */
function isOver({ attempt }: FenceOrder, note: FenceNote): boolean {
  return note.attempt > attempt || (note.attempt === attempt && note.state !== 'raised');
}

function undone(): RavenError {
  return new RavenError('The fence was undone before: its lease was over, or another attempt has begun.', {
    kind: failures.fenceUndone,
    retryable: false,
  });
}
