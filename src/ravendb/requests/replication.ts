/**
 * RavenDB's external replication: a connection string and a task in the record of the source. The cluster of the
 * source runs the task. Both have the same name.
 */
import {
  innermostMessage,
  type ReplicationProgress,
  type ReplicationTaskInfo,
  type Sent,
  sentBy,
} from '../../core/replication/replication.ts';
import type { RavenConnection } from '../connection/connection.ts';
import type { Database } from '../connection/database.ts';
import { ifFound, withoutAddresses } from '../connection/errors.ts';
import { databaseRecord } from './databases.ts';

/** The database that a task sends to. */
export interface Destination {
  database: string;
  urls: readonly string[];
}

/** What exists of a replication. */
export interface FoundReplication {
  /** Undefined without a connection string. */
  destination: Destination | undefined;
  task: { id: number; disabled: boolean } | undefined;
}

interface RecordParts {
  RavenConnectionStrings?: Record<string, { Database: string; TopologyDiscoveryUrls: string[] }>;
  ExternalReplications?: { TaskId: number; Name: string; Disabled?: boolean }[];
}

/** What the record of the source has under a name; nothing when there is no such database. @throws RavenError */
export async function findReplication(database: Database, name: string): Promise<FoundReplication> {
  const record = ((await databaseRecord(database)) ?? {}) as RecordParts;
  const string = record.RavenConnectionStrings?.[name];
  const task = record.ExternalReplications?.find(({ Name }) => Name === name);
  return {
    destination: string && { database: string.Database, urls: string.TopologyDiscoveryUrls },
    task: task && { id: task.TaskId, disabled: task.Disabled ?? false },
  };
}

/** Names of the databases that replicate into this one now, itself on other nodes aside. @throws RavenError */
export async function incomingReplication(database: Database): Promise<string[]> {
  const { IncomingConnections } = await database.json<{
    IncomingConnections: { SourceDatabaseName: string }[];
  }>({ doing: 'Reading the incoming replication', path: 'replication/active-connections' });
  const names = IncomingConnections.map(({ SourceDatabaseName }) => SourceDatabaseName);
  return [...new Set(names)].filter((name) => name.toLowerCase() !== database.name.toLowerCase());
}

/** Creates or replaces the connection string. RavenDB does not check that it leads anywhere. @throws RavenError */
export async function putConnectionString(
  database: Database,
  name: string,
  { database: Database, urls: TopologyDiscoveryUrls }: Destination,
): Promise<void> {
  await database.json({
    doing: 'Creating the connection string',
    method: 'PUT',
    path: 'admin/connection-strings',
    json: { Type: 'Raven', Name: name, Database, TopologyDiscoveryUrls },
  });
}

/** Deletes the connection string; one that is not there is fine. @throws RavenError */
export async function deleteConnectionString(database: Database, name: string): Promise<void> {
  const query = new URLSearchParams({ connectionString: name, type: 'Raven' });
  await database.json({
    doing: 'Deleting the connection string',
    method: 'DELETE',
    path: `admin/connection-strings?${query}`,
  });
}

/**
 * Creates the task, which begins to send at once. The server refuses a second one of the same name.
 * @param options.node tag of the node that runs it, as long as that is up
 * @returns its id
 * @throws RavenError, of kind `LicenseLimitException` where the license does not allow it
 */
export async function createReplicationTask(
  database: Database,
  name: string,
  { destination, node }: { destination: string; node: string },
): Promise<number> {
  const { TaskId } = await database.json<{ TaskId: number }>({
    doing: 'Creating the replication task',
    method: 'POST',
    path: 'admin/tasks/external-replication',
    json: {
      Watcher: {
        TaskId: 0,
        Name: name,
        ConnectionStringName: name,
        Database: destination,
        MentorNode: node,
        DelayReplicationFor: '00:00:00',
        Disabled: false,
      },
    },
  });
  return TaskId;
}

/** Disables or enables the task. One that is not there is fine. @throws RavenError */
export async function disableReplicationTask(
  database: Database,
  id: number,
  disable: boolean,
): Promise<void> {
  await database.json({
    doing: disable ? 'Disabling the replication task' : 'Enabling the replication task',
    method: 'POST',
    path: `admin/tasks/state?key=${id}&type=Replication&disable=${disable}`,
  });
}

/** Deletes the task; one that is not there is fine. @throws RavenError */
export async function deleteReplicationTask(database: Database, id: number): Promise<void> {
  await database.json({
    doing: 'Deleting the replication task',
    method: 'DELETE',
    path: `admin/tasks?id=${id}&type=Replication`,
  });
}

/** The state of the task; undefined when there is none. @throws RavenError */
export async function replicationTask(
  database: Database,
  id: number,
): Promise<ReplicationTaskInfo | undefined> {
  return await ifFound(
    database.json<ReplicationTaskInfo>({
      doing: 'Reading the replication task',
      path: `task?key=${id}&type=Replication`,
    }),
  );
}

/** What the task has sent, as the node that runs it says; undefined while it is not connected. @throws RavenError */
export async function sentByTask(database: Database, name: string, node: string): Promise<Sent | undefined> {
  const query = new URLSearchParams({ name, nodeTag: node });
  const { Results } = await database.json<{ Results: ReplicationProgress[] }>({
    doing: 'Reading the progress of the replication',
    path: `replication/progress?${query}`,
  });
  return sentBy(Results, name);
}

interface OutgoingFailures {
  Stats: { Key?: { Name?: string | null }; Value?: { Errors?: string[] } }[];
}

/** Why the task failed last, without addresses; undefined when it did not. @throws RavenError */
export async function lastReplicationError(
  database: Database,
  name: string,
  node: string,
): Promise<string | undefined> {
  const { Stats } = await database.json<OutgoingFailures>({
    doing: 'Reading the errors of the replication',
    path: `replication/debug/outgoing-failures?${new URLSearchParams({ nodeTag: node })}`,
  });
  const error = Stats.find(({ Key }) => Key?.Name === name)?.Value?.Errors?.at(-1);
  return error === undefined ? undefined : withoutAddresses(innermostMessage(error));
}

/**
 * Has the server of a connection try to reach another server at an address, by HTTP and by TCP, and to log in there.
 * @param database one that exists there, or undefined to try the server alone
 * @returns why that fails, without addresses; undefined when it works
 * @throws RavenError, also when the connection's certificate may not ask for this
 */
export async function whyUnreachable(
  { http }: RavenConnection,
  url: string,
  database?: string,
): Promise<string | undefined> {
  const query = new URLSearchParams({ url, bidirectional: 'false', ...(database && { database }) });
  const { Success, Error: reason } = await http.json<{ Success: boolean; Error: string | null }>({
    doing: 'Testing the connection between the servers',
    method: 'POST',
    path: `/admin/test-connection?${query}`,
  });
  if (Success) return undefined;
  return withoutAddresses(innermostMessage(reason ?? '')) || 'no reason given';
}
