/** Finding and removing what workflows that no longer run have left on a source and a target. */

import type { RemoveLeftoversConfig } from '../../core/contract/cleanup-contract.ts';
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { OWN_PREFIX } from '../../core/contract/own-names.ts';
import type { Leftover } from '../../core/plan/leftovers.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import {
  type DatabaseRecord,
  databaseNames,
  databaseRecord,
  deleteDatabase,
} from '../../ravendb/requests/databases.ts';
import { closableRecord } from '../../ravendb/requests/fencing.ts';
import { holdName, removeTombstoneHold } from '../../ravendb/requests/tombstones.ts';
import { undoFence } from '../cutover/cut-over.ts';
import { readFenceNote } from '../cutover/fence-note.ts';
import { readClaim, removeClaim } from '../prepare/claim.ts';
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
  const record = source && (await recordOf(work.database(source)));
  return await withUse(work, [
    ...(source && record ? onSource(source, record) : []),
    ...(target ? await onTarget(work, target) : []),
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
  const open = [work.workflowId, ...(await work.openWorkflows())];
  const needed = new Set(
    open.flatMap((id) => [id, holdName(id), replicationName(id), ...temporaryDatabases(id)]),
  );
  return found.map((each) => ({ ...each, inUse: needed.has(each.name) }));
}

/** Removes those that are not in use any more, and says which. May be repeated. @throws RavenError */
export async function removeLeftovers(work: Work, input: RemoveLeftoversConfig): Promise<Leftover[]> {
  const isFence = ({ what }: Leftover) => what === 'fence';
  const found = await findLeftovers(work, input);
  const fences = await removeAll(work, found.filter(isFence));
  // what else is on a source can be removed only once it is open
  const now = fences.length > 0 ? await findLeftovers(work, input) : found;
  return [
    ...fences,
    ...(await removeAll(
      work,
      now.filter((each) => !isFence(each)),
    )),
  ];
}

async function removeAll(work: Work, found: readonly Leftover[]): Promise<Leftover[]> {
  const handled: Leftover[] = [];
  for (const leftover of found) {
    const removed = !leftover.inUse && !leftover.closed;
    if (removed) await remove(work, leftover);
    handled.push({ ...leftover, removed });
  }
  return handled;
}

/** The record of a database that may be closed. */
async function recordOf(database: Database): Promise<DatabaseRecord | undefined> {
  try {
    return await databaseRecord(database);
  } catch (error) {
    if (!(error instanceof RavenError) || error.kind !== 'DatabaseDisabledException') throw error;
    return (await closableRecord(database)) as DatabaseRecord | undefined;
  }
}

function onSource(database: DatabaseRef, record: DatabaseRecord): Leftover[] {
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
  const exists = (await databaseRecord(target)) !== undefined;
  const claim = exists ? await readClaim(target) : undefined;
  const fence = exists ? await readFenceNote(target) : undefined;
  const temporary = (await databaseNames(target.connection)).filter(isTemporary);
  return [
    ...(claim ? [found('claim', database, claim.workflowId)] : []),
    // that its lease has not undone it means that no worker was there to do so
    ...(fence?.state === 'raised' ? [found('fence', database, fence.workflowId)] : []),
    ...temporary.map((name) => found('temporary database', { connection, database: name }, name)),
  ];
}

function found(what: Leftover['what'], database: DatabaseRef, name: string): Leftover {
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
      return await undoFenceOf(work, database);
    case 'claim':
      return await removeClaim(database, name);
    case 'temporary database':
      return await deleteDatabase(database);
  }
}

/** Opens a source again that a workflow has fenced and left. */
async function undoFenceOf(work: Work, target: Database): Promise<void> {
  const note = await readFenceNote(target);
  if (note?.state !== 'raised') return;
  const { connection, name } = target;
  await undoFence(work, { ...note, target: { connection: connection.name, database: name } });
}
