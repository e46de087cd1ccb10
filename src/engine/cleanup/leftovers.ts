/** Finding and removing what workflows that no longer run have left on a source and a target. */

import type { RemoveLeftoversConfig } from '../../core/contract/cleanup-contract.ts';
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { OWN_PREFIX } from '../../core/contract/own-names.ts';
import type { FenceNote } from '../../core/cutover/fence.ts';
import type { Leftover } from '../../core/plan/leftovers.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { type DatabaseRecord, databaseNames, deleteDatabase } from '../../ravendb/requests/databases.ts';
import { closableRecord, openOrClosedRecord } from '../../ravendb/requests/fencing.ts';
import { holdName, removeTombstoneHold } from '../../ravendb/requests/tombstones.ts';
import { undoFence } from '../cutover/cut-over.ts';
import { aliased, closeBehindFence } from '../cutover/fence.ts';
import { readFenceNote } from '../cutover/fence-note.ts';
import { carrierOf } from '../cutover/roll-back.ts';
import { type Claim, readClaim, removeClaim } from '../prepare/claim.ts';
import { removeReplicationNamed, replicationName } from '../replication/replication-task.ts';
import { isTemporary, temporaryDatabases } from '../work/temporary-database.ts';
import type { Work } from '../work/work.ts';

/** The part of a database record that can hold leftovers. */
interface RecordParts {
  Indexes?: Record<string, unknown>;
  ExternalReplications?: { Name: string }[];
  RavenConnectionStrings?: Record<string, unknown>;
}

/** Lists what belongs to workflows, and whether these run. Changes nothing. @throws RavenError */
export async function findLeftovers(
  work: Work,
  { source, target }: RemoveLeftoversConfig,
): Promise<Leftover[]> {
  const record = source && (await openOrClosedRecord(work.database(source)));
  const carriers = source ? await onCarrier(work, source) : [];
  const ofTarget = target ? await onTarget(work, target) : [];
  return await withUse(work, [
    ...carriers,
    ...(source && record ? onSource(source, record) : []),
    // while it is being rolled back it is closed for a moment
    ...ofTarget.filter(({ what }) => what !== 'closed database' || carriers.length === 0),
  ]);
}

/** The same on a source whose record was read. @throws RavenError when Temporal does not answer */
export async function leftOnSource(
  work: Work,
  source: DatabaseRef,
  record: DatabaseRecord,
): Promise<Leftover[]> {
  return await withUse(work, onSource(source, record));
}

async function withUse(work: Work, found: readonly Leftover[]): Promise<Leftover[]> {
  if (found.length === 0) return [];
  // asked last: whatever is there by now belongs to a workflow that had begun before
  return markInUse(found, [work.workflowId, ...(await work.openWorkflows())]);
}

/** Says of each whether one of these workflows needs it. */
export function markInUse(found: readonly Leftover[], open: readonly string[]): Leftover[] {
  const needed = new Set(
    open.flatMap((id) => [id, holdName(id), replicationName(id), ...temporaryDatabases(id)]),
  );
  return found.map((each) => ({ ...each, inUse: needed.has(each.name) }));
}

/** Removes those that are not in use any more, and says which. May be repeated. @throws RavenError */
export async function removeLeftovers(work: Work, input: RemoveLeftoversConfig): Promise<Leftover[]> {
  const fences: Leftover[] = [];
  // what else is on a source can be removed only once it is open, and behind one fence there may be another
  for (let looks = 0; ; looks++) {
    const found = await findLeftovers(work, input);
    const fenced = found.filter(({ what, inUse }) => what === 'fence' && !inUse);
    if (fenced.length === 0 || looks === MOST_FENCES) return [...fences, ...(await removeAll(work, found))];
    fences.push(...(await removeAll(work, fenced)));
  }
}

/** Around a source, and around a target that is being rolled back. */
const MOST_FENCES = 2;

async function removeAll(work: Work, found: readonly Leftover[]): Promise<Leftover[]> {
  const handled: Leftover[] = [];
  for (const leftover of found) {
    const removed = !leftover.inUse && !leftover.closed;
    if (removed) await remove(work, leftover);
    handled.push({ ...leftover, removed });
  }
  return handled;
}

/** What the record of a source shows. */
export function onSource(database: DatabaseRef, record: Pick<DatabaseRecord, 'Disabled'>): Leftover[] {
  const { Indexes = {}, ExternalReplications = [], RavenConnectionStrings = {} } = record as RecordParts;
  const own = (names: readonly string[], what: Leftover['what']) =>
    names
      .filter((name) => name.startsWith(OWN_PREFIX))
      .map((name) => ({ ...found(what, database, name), ...(record.Disabled && { closed: true as const }) }));
  return [
    ...own(Object.keys(Indexes), 'tombstone index'),
    ...own(
      ExternalReplications.map(({ Name }) => Name),
      'replication task',
    ),
    ...own(Object.keys(RavenConnectionStrings), 'connection string'),
  ];
}

async function onTarget(work: Work, database: DatabaseRef): Promise<Leftover[]> {
  const target = work.database(database);
  const { connection } = database;
  const record = await openOrClosedRecord(target);
  const isOpen = record !== undefined && !record.Disabled;
  const claim = isOpen ? await readClaim(target) : undefined;
  const fence = isOpen ? await readFenceNote(target) : undefined;
  const temporary = (await databaseNames(target.connection)).filter(isTemporary);
  return [
    ...(record?.Disabled
      ? [{ ...found('closed database', database, database.database), closed: true as const }]
      : []),
    ...(claim ? [found('claim', database, claim.workflowId)] : []),
    ...(fence && (await isLeft(work, fence, claim)) ? [found('fence', database, fence.workflowId)] : []),
    ...temporary.map((name) => found('temporary database', { connection, database: name }, name)),
  ];
}

/** That a lease has not undone a fence means that no worker was there to do so. */
async function isLeft(work: Work, fence: FenceNote, claim: Claim | undefined): Promise<boolean> {
  const { state, plan, workflowId } = fence;
  if (state !== 'switched') return state === 'raised';
  // the target serves, but nothing flows back any more
  const [storage] = plan.storages;
  if (storage && (await closableRecord(aliased(work, plan, storage)))) return true;
  // it came to its end but for the last step; later somebody else may have locked it
  if (claim?.workflowId !== workflowId) return false;
  const closed = await closableRecord(work.database(plan));
  return closed?.Disabled === true && closed.LockMode !== plan.lockMode;
}

/** A roll-back that did not come to its end. */
async function onCarrier(work: Work, source: DatabaseRef): Promise<Leftover[]> {
  const carrier = carrierOf(source);
  if (!(await closableRecord(work.database(carrier)))) return [];
  const note = await readFenceNote(work.database(carrier));
  return [found('fence', carrier, note?.workflowId ?? '')];
}

/** Something that was found, of which nothing else is known yet. */
export function found(what: Leftover['what'], database: DatabaseRef, name: string): Leftover {
  return { what, database, name, inUse: false, removed: false };
}

async function remove(work: Work, { what, database: ref, name }: Leftover): Promise<void> {
  const database = work.database(ref);
  switch (what) {
    case 'tombstone index':
      return await removeTombstoneHold(database, name);
    case 'replication task':
    case 'connection string':
      return await removeReplicationNamed(database, name);
    case 'fence':
      return await endFenceOf(work, database);
    case 'claim':
      return await removeClaim(database, name);
    case 'temporary database':
      return await deleteDatabase(database);
    case 'closed database':
      throw new Error('It may hold what somebody needs.');
  }
}

/** Does to its end what a workflow has begun with a fence, or undoes it. */
async function endFenceOf(work: Work, database: Database): Promise<void> {
  const note = await readFenceNote(database);
  const { connection, name } = database;
  const order = note && { ...note, target: { connection: connection.name, database: name } };
  // of two sides one serves then
  if (order && (order.state === 'raised' || order.old)) await undoFence(work, order);
  if (order?.state === 'switched') await closeBehindFence(work, order.plan);
  if (!order || order.old) await deleteDatabase(database);
}
