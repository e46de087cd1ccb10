/** What a workflow that was terminated, or is lost, has left on a server. */
import type { DatabaseRef } from '../contract/contract.ts';

/** Something on a server that belongs to one workflow. */
export interface Leftover {
  what:
    | 'tombstone index'
    | 'replication task'
    | 'connection string'
    | 'claim'
    | 'temporary database'
    | 'fence'
    | 'closed database';
  database: DatabaseRef;
  name: string;
  /** Whether its workflow runs in this namespace of Temporal. */
  inUse: boolean;
  removed: boolean;
  /** Whether its database is closed, so that nothing on it can be removed. */
  closed?: true;
}

/** One line on a leftover. */
export function describeLeftover({ what, database, name, inUse, removed, closed }: Leftover): string {
  if (what === 'closed database')
    return `${what} "${name}" on ${database.connection}: it is as a roll-back leaves a target; delete it by hand, or enable it`;
  const left = closed ? 'left behind; it can be removed once the database is enabled' : 'left behind';
  const state = removed ? 'removed' : inUse ? 'in use by a running workflow' : left;
  return `${what} "${name}" on ${database.connection}/${database.database}: ${state}`;
}
