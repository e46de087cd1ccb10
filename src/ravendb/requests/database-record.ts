/** Reading and writing settings of a database record: by export and import, or by a request of their own. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { RecordFields } from '../../core/settings/settings.ts';
import type { Database } from '../connection/database.ts';
import { decompressed } from '../dump/dump-bytes.ts';
import { importDump, startExport } from '../smuggler/smuggler.ts';

/** The dump of a database record. */
export interface RecordDump {
  BuildVersion: number;
  DatabaseRecord: RecordFields;
}

/**
 * Exports a database record.
 * @param items names of `DatabaseRecordItemType` that the server knows: for any other it drops the connection
 * @throws RavenError
 */
export async function exportRecord(database: Database, items: readonly string[]): Promise<RecordDump> {
  const types = ['DatabaseRecord'] as const;
  const running = await startExport(database, { types, recordTypes: items });
  const exported = await buffer(decompressed(running.body));
  await running.finished();
  return JSON.parse(exported.toString()) as RecordDump;
}

/**
 * Imports items of a database record; none of them when the license does not allow one.
 * @returns what the server says about items that it refused
 * @throws RavenError
 */
export async function importRecord(
  database: Database,
  dump: RecordDump,
  items: readonly string[],
): Promise<string[]> {
  const source = Readable.from([Buffer.from(JSON.stringify(dump))]);
  const options = { types: ['DatabaseRecord'], recordTypes: items } as const;
  const { warnings } = await importDump(database, source, options);
  return warnings;
}

/** Requests for settings that no export holds, by the field of the record. The body is the field's value. */
const REQUESTS: Record<string, { method: string; path: string }> = {
  RevisionsBin: { method: 'POST', path: 'admin/revisions/bin-cleaner/config' },
  Studio: { method: 'PUT', path: 'admin/configuration/studio' },
};

/** Sets a field of the record by a request of its own. @throws RavenError */
export async function putSetting(database: Database, field: string, json: unknown): Promise<void> {
  const request = REQUESTS[field];
  if (!request) throw new Error(`There is no request for the setting ${field}.`);
  await database.json({ doing: `Setting ${field}`, ...request, json });
}

/** What of a subscription can be created on another database. */
export interface Subscription {
  SubscriptionName: string;
  Query: string;
  Disabled: boolean;
  ArchivedDataProcessingBehavior?: string | null;
  /** Workers that are connected now. */
  Connections?: { Strategy?: string | null }[] | null;
  /** Workers that were connected. */
  RecentConnections?: { Strategy?: string | null }[] | null;
}

const PAGE = 1024;

/** The subscriptions of a database. @throws RavenError */
export async function subscriptions(database: Database): Promise<Subscription[]> {
  const found: Subscription[] = [];
  for (;;) {
    const { Results } = await database.json<{ Results: Subscription[] }>({
      doing: 'Reading the subscriptions',
      path: `subscriptions?start=${found.length}&pageSize=${PAGE}`,
    });
    found.push(...Results);
    if (Results.length < PAGE) return found;
  }
}

/** Creates a subscription, disabled: no worker can use it before it is enabled. @throws RavenError */
export async function createDisabledSubscription(
  database: Database,
  { SubscriptionName: Name, Query, ArchivedDataProcessingBehavior }: Subscription,
): Promise<void> {
  const behavior = ArchivedDataProcessingBehavior ? { ArchivedDataProcessingBehavior } : {};
  await database.json({
    doing: 'Creating a subscription',
    method: 'PUT',
    path: 'subscriptions',
    json: { Name, Query, Disabled: true, ...behavior },
  });
}
