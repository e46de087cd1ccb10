/**
 * Closing databases by name, and opening their storage under another name. What these requests answer proves nothing: the
 * server may do what it says it has not done, and the other way round (seen on 7.1.5). Who uses them reads the records back.
 */
import type { LockMode } from '../../core/cutover/fence.ts';
import type { RavenConnection } from '../connection/connection.ts';
import type { Database } from '../connection/database.ts';
import { ifFound, RavenError } from '../connection/errors.ts';
import { type DatabaseRecord, databaseRecord } from './databases.ts';

/** What the cluster knows of a database, whether it is open or closed. */
export interface ClosableRecord {
  Disabled?: boolean;
  LockMode?: LockMode;
  /** Rises with indexes, settings, identities and compare exchange; not with cluster-wide transactions. */
  EtagForBackup?: number;
  Settings?: Record<string, string>;
  /** By node: a deletion that the cluster has not carried out yet. */
  DeletionInProgress?: Record<string, unknown>;
}

/** The record by which the cluster knows a database; undefined when there is none. @throws RavenError */
export async function closableRecord({ http, name }: Database): Promise<ClosableRecord | undefined> {
  const query = new URLSearchParams({ name });
  return await ifFound(
    http.json<ClosableRecord>({ doing: 'Reading the database record', path: `/admin/databases?${query}` }),
  );
}

/** The record of a database that may be closed; undefined when there is none. @throws RavenError */
export async function openOrClosedRecord(database: Database): Promise<DatabaseRecord | undefined> {
  try {
    return await databaseRecord(database);
  } catch (error) {
    if (!(error instanceof RavenError) || error.kind !== 'DatabaseDisabledException') throw error;
    return (await closableRecord(database)) as DatabaseRecord | undefined;
  }
}

/** Closes a database: from then on every request to its name is refused, and its storage is free. @throws RavenError */
export async function closeDatabase(database: Database): Promise<void> {
  await toggle(database, 'disable', 'Closing the database');
}

/** Opens a database that was closed. @throws RavenError */
export async function openDatabase(database: Database): Promise<void> {
  await toggle(database, 'enable', 'Opening the database');
}

async function toggle({ http, name }: Database, how: 'enable' | 'disable', doing: string): Promise<void> {
  const json = { DatabaseNames: [name] };
  await http.json({ doing, method: 'POST', path: `/admin/databases/${how}`, json });
}

/** Lets a database be deleted, or not. @throws RavenError */
export async function lockDatabase({ http, name }: Database, mode: LockMode): Promise<void> {
  const json = { DatabaseNames: [name], Mode: mode };
  const doing = 'Locking the database against deletion';
  await http.json({ doing, method: 'POST', path: '/admin/databases/set-lock', json });
}

/**
 * Opens a storage under another name, for reading and writing of documents. No index runs there, no tombstone is cleaned,
 * and nobody can delete it while it is locked: that would delete the files.
 * @param folder of a database that is closed
 * @throws RavenError
 */
export async function openStorage({ http, name }: Database, folder: string): Promise<void> {
  const query = new URLSearchParams({ name, replicationFactor: '1' });
  const json = {
    DatabaseName: name,
    LockMode: 'PreventDeletesError',
    Settings: {
      DataDir: folder,
      'Indexing.RunInMemory': 'true',
      'Indexing.Disable': 'true',
      // a year: no task reads this name, so its cleaner would delete all of them
      'Tombstones.CleanupIntervalInMin': '525600',
      // a year: a name that is unloaded frees the storage for whoever opens the other one by hand
      'Databases.MaxIdleTimeInSec': '31536000',
    },
  };
  const doing = 'Opening the storage under another name';
  await http.json({ doing, method: 'PUT', path: `/admin/databases?${query}`, json });
}

/** Makes the cluster forget a name; the files stay. That also clears a deletion of the files that waits. @throws RavenError */
export async function forgetName({ http, name }: Database): Promise<void> {
  const json = { DatabaseNames: [name], HardDelete: false, TimeToWaitForConfirmation: '00:00:30' };
  await http.json({ doing: 'Closing the other name', method: 'DELETE', path: '/admin/databases', json });
}

/** The folder of a storage, as the server itself names it. @throws RavenError */
export async function storageFolder(storage: Database): Promise<string> {
  const { BasePath } = await storage.json<{ BasePath: string }>({
    doing: 'Reading where the storage is',
    path: 'debug/storage/report',
  });
  return BasePath;
}

/** A command in the cluster's Raft log. */
interface RaftCommand {
  Index: number;
  CommandType: string;
  CreateAt: string;
}

/** The last commands of the cluster; old ones are gone from its log. */
export interface RaftLog {
  /** When the server told so, by its own clock, as the times of the commands are. */
  at: string;
  /** The index of the last command that has taken effect. */
  committed: number;
  commands: RaftCommand[];
}

/** Reads the cluster's Raft log. @throws RavenError */
export async function raftLog({ http }: RavenConnection): Promise<RaftLog> {
  const answer = await http.json<{
    '@metadata': { DateTime: string };
    Log: { CommitIndex: number; Logs: RaftCommand[] };
  }>({ doing: "Reading the cluster's log", path: '/admin/cluster/log?detailed=true' });
  const { CommitIndex: committed, Logs: commands } = answer.Log;
  return { at: answer['@metadata'].DateTime, committed, commands };
}
