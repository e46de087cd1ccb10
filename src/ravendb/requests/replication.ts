/**
 * RavenDB's own external replication: a connection string and a task in the record of the source, which the source's
 * cluster works on by itself. Both have the same name.
 */
import {
  innermostMessage,
  type ReplicationProgress,
  type ReplicationTaskInfo,
  type Sent,
  sentBy,
} from '../../core/replication/replication.ts';
import type { RavenConnection } from '../connection/connection.ts';
import { RavenError, withoutAddresses } from '../connection/errors.ts';
import { databasePath, databaseRecord } from './databases.ts';

/** Where a task sends to. */
export interface Destination {
  database: string;
  urls: readonly string[];
}

/** What is there of a replication. */
export interface FoundReplication {
  /** Where it sends to; undefined without a connection string. */
  destination: Destination | undefined;
  task: { id: number; disabled: boolean } | undefined;
}

interface RecordParts {
  RavenConnectionStrings?: Record<string, { Database: string; TopologyDiscoveryUrls: string[] }>;
  ExternalReplications?: { TaskId: number; Name: string; Disabled?: boolean }[];
}

/** What the record of the source has under a name; nothing when there is no such database. @throws RavenError */
export async function findReplication(
  connection: RavenConnection,
  database: string,
  name: string,
): Promise<FoundReplication> {
  const record = ((await databaseRecord(connection, database)) ?? {}) as RecordParts;
  const string = record.RavenConnectionStrings?.[name];
  const task = record.ExternalReplications?.find(({ Name }) => Name === name);
  return {
    destination: string && { database: string.Database, urls: string.TopologyDiscoveryUrls },
    task: task && { id: task.TaskId, disabled: task.Disabled ?? false },
  };
}

/** Puts the connection string, over one that is there. RavenDB does not look whether it leads anywhere. @throws RavenError */
export async function putConnectionString(
  { http }: RavenConnection,
  database: string,
  name: string,
  { database: Database, urls: TopologyDiscoveryUrls }: Destination,
): Promise<void> {
  await http.json({
    doing: 'Creating the connection string',
    database,
    method: 'PUT',
    path: databasePath(database, 'admin/connection-strings'),
    json: { Type: 'Raven', Name: name, Database, TopologyDiscoveryUrls },
  });
}

/** Deletes the connection string; one that is not there is fine. @throws RavenError */
export async function deleteConnectionString(
  { http }: RavenConnection,
  database: string,
  name: string,
): Promise<void> {
  const query = new URLSearchParams({ connectionString: name, type: 'Raven' });
  await http.json({
    doing: 'Deleting the connection string',
    database,
    method: 'DELETE',
    path: databasePath(database, `admin/connection-strings?${query}`),
  });
}

/**
 * Creates the task, which begins to send at once. A second one of the same name is refused by the server.
 * @param options.node tag of the node that shall work on it, as long as it is up
 * @returns its id
 * @throws RavenError, of kind `LicenseLimitException` where the license does not allow it
 */
export async function createReplicationTask(
  { http }: RavenConnection,
  database: string,
  name: string,
  { destination, node }: { destination: string; node: string },
): Promise<number> {
  const { TaskId } = await http.json<{ TaskId: number }>({
    doing: 'Creating the replication task',
    database,
    method: 'POST',
    path: databasePath(database, 'admin/tasks/external-replication'),
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

/** Lets the task rest, or go on. One that is not there is fine. @throws RavenError */
export async function disableReplicationTask(
  { http }: RavenConnection,
  database: string,
  id: number,
  disable: boolean,
): Promise<void> {
  await http.json({
    doing: disable ? 'Disabling the replication task' : 'Enabling the replication task',
    database,
    method: 'POST',
    path: databasePath(database, `admin/tasks/state?key=${id}&type=Replication&disable=${disable}`),
  });
}

/** Deletes the task; one that is not there is fine. @throws RavenError */
export async function deleteReplicationTask(
  { http }: RavenConnection,
  database: string,
  id: number,
): Promise<void> {
  await http.json({
    doing: 'Deleting the replication task',
    database,
    method: 'DELETE',
    path: databasePath(database, `admin/tasks?id=${id}&type=Replication`),
  });
}

/** How the task is; undefined when there is none. @throws RavenError */
export async function replicationTask(
  { http }: RavenConnection,
  database: string,
  id: number,
): Promise<ReplicationTaskInfo | undefined> {
  const path = databasePath(database, `task?key=${id}&type=Replication`);
  try {
    return await http.json<ReplicationTaskInfo>({ doing: 'Reading the replication task', database, path });
  } catch (error) {
    if (error instanceof RavenError && error.status === 404) return undefined;
    throw error;
  }
}

/** What the task has sent, by the node that works on it; undefined while it is not connected. @throws RavenError */
export async function sentByTask(
  { http }: RavenConnection,
  database: string,
  name: string,
  node: string,
): Promise<Sent | undefined> {
  const query = new URLSearchParams({ name, nodeTag: node });
  const { Results } = await http.json<{ Results: ReplicationProgress[] }>({
    doing: 'Reading the progress of the replication',
    database,
    path: databasePath(database, `replication/progress?${query}`),
  });
  return sentBy(Results, name);
}

interface OutgoingFailures {
  Stats: { Key?: { Name?: string | null }; Value?: { Errors?: string[] } }[];
}

/** Why the task failed last, without addresses; undefined when it did not. @throws RavenError */
export async function lastReplicationError(
  { http }: RavenConnection,
  database: string,
  name: string,
  node: string,
): Promise<string | undefined> {
  const { Stats } = await http.json<OutgoingFailures>({
    doing: 'Reading the errors of the replication',
    database,
    path: databasePath(
      database,
      `replication/debug/outgoing-failures?${new URLSearchParams({ nodeTag: node })}`,
    ),
  });
  const error = Stats.find(({ Key }) => Key?.Name === name)?.Value?.Errors?.at(-1);
  return error === undefined ? undefined : withoutAddresses(innermostMessage(error));
}

/**
 * Lets the source's server try whether it reaches another server at an address, by HTTP and by TCP, and whether it is
 * let in there.
 * @param database one that is there, or undefined to try the server alone
 * @returns why not, without addresses; undefined when it does
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
