/** Finding and removing what workflows that no longer run have left on a source and a target. */

import type { RemoveLeftoversConfig } from '../../core/contract/cleanup-contract.ts';
import type { DatabaseRef } from '../../core/contract/contract.ts';
import { OWN_PREFIX } from '../../core/contract/own-names.ts';
import type { Leftover } from '../../core/plan/leftovers.ts';
import {
  type DatabaseRecord,
  databaseNames,
  databaseRecord,
  deleteDatabase,
} from '../../ravendb/requests/databases.ts';
import { holdName, removeTombstoneHold } from '../../ravendb/requests/tombstones.ts';
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
  const record = source && (await databaseRecord(work.database(source)));
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
  const found = await findLeftovers(work, input);
  const handled: Leftover[] = [];
  for (const leftover of found) {
    if (!leftover.inUse) await remove(work, leftover);
    handled.push({ ...leftover, removed: !leftover.inUse });
  }
  return handled;
}

function onSource(database: DatabaseRef, record: DatabaseRecord): Leftover[] {
  const { Indexes = {}, ExternalReplications = [], RavenConnectionStrings = {} } = record as RecordParts;
  const own = (names: readonly string[], what: Leftover['what']) =>
    names.filter((name) => name.startsWith(OWN_PREFIX)).map((name) => found(what, database, name));
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
  const claim = (await databaseRecord(target)) ? await readClaim(target) : undefined;
  const temporary = (await databaseNames(target.connection)).filter(isTemporary);
  return [
    ...(claim ? [found('claim', database, claim.workflowId)] : []),
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
    case 'claim':
      return await removeClaim(database, name);
    case 'temporary database':
      return await deleteDatabase(database);
  }
}
