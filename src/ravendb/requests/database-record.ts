/** Settings of a database record on their way: by export and import, or by a request of their own. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { RecordFields } from '../../core/settings/settings.ts';
import type { RavenConnection } from '../connection/connection.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { importDump, startExport } from '../smuggler/smuggler.ts';
import { databasePath } from './databases.ts';

/** The dump of a database record. */
export interface RecordDump {
  BuildVersion: number;
  DatabaseRecord: RecordFields;
}

/**
 * Exports a database record.
 * @param items names of `DatabaseRecordItemType` that the source's server knows: at any other it drops the connection
 * @throws RavenError
 */
export async function exportRecord(
  { http }: RavenConnection,
  database: string,
  items: readonly string[],
): Promise<RecordDump> {
  const types = ['DatabaseRecord'] as const;
  const running = await startExport(http, database, { types, recordTypes: items });
  const exported = await buffer(decompressed(running.body));
  await running.finished();
  return JSON.parse(exported.toString()) as RecordDump;
}

/**
 * Imports items of a database record. All or none when the license does not allow one of them.
 * @returns what the server says of items that it did not take
 * @throws RavenError
 */
export async function importRecord(
  { http }: RavenConnection,
  database: string,
  dump: RecordDump,
  items: readonly string[],
): Promise<string[]> {
  const source = Readable.from([Buffer.from(JSON.stringify(dump))]);
  const options = { types: ['DatabaseRecord'], recordTypes: items } as const;
  const { warnings } = await importDump(http, database, source, options);
  return warnings;
}

/** Requests for what no export holds, by the field of the record. The body is the field's value. */
const REQUESTS: Record<string, { method: string; path: string }> = {
  RevisionsBin: { method: 'POST', path: 'admin/revisions/bin-cleaner/config' },
  Studio: { method: 'PUT', path: 'admin/configuration/studio' },
};

/** Sets a field of the record by a request of its own. @throws RavenError */
export async function putSetting(
  { http }: RavenConnection,
  database: string,
  field: string,
  json: unknown,
): Promise<void> {
  const request = REQUESTS[field];
  if (!request) throw new Error(`There is no request for the setting ${field}.`);
  const { method, path } = request;
  const doing = `Setting ${field}`;
  await http.json({ doing, database, method, path: databasePath(database, path), json });
}

/** A subscription, as far as it can be created anew. */
export interface Subscription {
  SubscriptionName: string;
  Query: string;
  Disabled: boolean;
  ArchivedDataProcessingBehavior?: string | null;
  /** Workers that are connected, and that were. */
  Connections?: { Strategy?: string | null }[] | null;
  RecentConnections?: { Strategy?: string | null }[] | null;
}

/** The subscriptions of a database. @throws RavenError */
export async function subscriptions({ http }: RavenConnection, database: string): Promise<Subscription[]> {
  const { Results } = await http.json<{ Results: Subscription[] }>({
    doing: 'Reading the subscriptions',
    database,
    path: databasePath(database, 'subscriptions?start=0&pageSize=100000'),
  });
  return Results;
}

/** Creates a subscription that nobody can work on before it is enabled. @throws RavenError */
export async function createDisabledSubscription(
  { http }: RavenConnection,
  database: string,
  { SubscriptionName: Name, Query, ArchivedDataProcessingBehavior }: Subscription,
): Promise<void> {
  const behavior = ArchivedDataProcessingBehavior ? { ArchivedDataProcessingBehavior } : {};
  await http.json({
    doing: 'Creating a subscription',
    database,
    method: 'PUT',
    path: databasePath(database, 'subscriptions'),
    json: { Name, Query, Disabled: true, ...behavior },
  });
}
