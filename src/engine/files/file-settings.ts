/**
 * Imports the indexes, settings and subscriptions of a dump. They first go into a temporary database without documents,
 * and are copied from there as from any other source. So one place finds and names what a sharded database refuses.
 */

import { Readable } from 'node:stream';
import type { DatabaseRef, TargetRef } from '../../core/contract/contract.ts';
import type { ChosenItemType } from '../../core/contract/file-contract.ts';
import type { SettingOutcome } from '../../core/settings/settings.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal } from '../../ravendb/connection/errors.ts';
import { DumpScanner } from '../../ravendb/dump/dump-scanner.ts';
import { createDisabledSubscription, type Subscription } from '../../ravendb/requests/database-record.ts';
import { createPlainDatabase, deleteDatabase } from '../../ravendb/requests/databases.ts';
import { type ItemType, importDump } from '../../ravendb/smuggler/smuggler.ts';
import { alignIndexes } from '../database-wide/indexes.ts';
import { copySettings, copySettingsForData } from '../database-wide/settings.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';
import { temporaryDatabase } from '../work/temporary-database.ts';
import { openPair, type Work } from '../work/work.ts';

const INDEXES = 'Indexes';
const SUBSCRIPTIONS = 'Subscriptions';
const RECORD = 'DatabaseRecord';

/** What became of each setting, and what could not be copied. */
export interface ImportedSettings {
  settings: SettingOutcome[];
  notCarried: string[];
}

/** What of a dump belongs to the database as a whole. */
interface SmallDump {
  /** Of `bytes`. */
  types: ItemType[];
  /** A dump of the record and the indexes. */
  bytes: Buffer;
  /** Each by itself: an import of several is one command of the cluster, on which RavenDB 6.2 and others hang for good. */
  subscriptions: Subscription[];
}

/**
 * Copies indexes, settings and subscriptions from a dump to a target.
 * @param options.types the types to copy
 * @param options.own whether all indexes of the target come from imports, so that those not in the dump may be deleted
 * @throws RavenError
 */
export async function importSettings(
  work: Work,
  plain: AsyncIterable<Buffer>,
  target: TargetRef,
  options: { types: readonly ChosenItemType[]; own: boolean },
): Promise<ImportedSettings> {
  const dump = await smallDump(plain, options.types);
  if (dump.types.length + dump.subscriptions.length === 0) return { settings: [], notCarried: [] };
  const source = {
    connection: target.connection,
    database: temporaryDatabase(work.workflowId, 'settings'),
  };
  const database = work.database(source);
  try {
    await deleteDatabase(database);
    await createPlainDatabase(database);
    const refused = await allOrOneByOne(dump.types, (types) =>
      importDump(database, Readable.from([dump.bytes]), { types }),
    );
    const lost = [...refused].map(([type, why]) => `${type} of the file: ${why}`);
    lost.push(...(await createSubscriptions(database, dump.subscriptions)));
    // a type that the server refuses must not count as one that the file does not contain
    const types = options.types.filter((type) => !refused.has(type));
    const carried = await copyFrom(work, source, target, { ...options, types });
    return { ...carried, notCarried: [...lost, ...carried.notCarried] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const what = dump.types.join(', ');
    return { settings: [], notCarried: [`${what} of the file: ${(error as Error).message}`] };
  } finally {
    if (!work.signal.aborted) await deleteDatabase(database).catch(() => undefined);
  }
}

/** @returns a line for each that the server refuses */
async function createSubscriptions(
  database: Database,
  subscriptions: readonly Subscription[],
): Promise<string[]> {
  const refused: string[] = [];
  for (const subscription of subscriptions) {
    try {
      await createDisabledSubscription(database, subscription);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refused.push(`Subscription "${subscription.SubscriptionName}" of the file: ${error.message}`);
    }
  }
  return refused;
}

async function copyFrom(
  work: Work,
  source: DatabaseRef,
  target: TargetRef,
  { types, own }: { types: readonly ChosenItemType[]; own: boolean },
): Promise<ImportedSettings> {
  const input = { source, target: { ...target, allowExistingData: !own } };
  if (types.includes(RECORD)) await copySettingsForData(work, input);
  const indexes = types.includes(INDEXES) ? await alignIndexes(openPair(work, input), own) : undefined;
  const settings =
    types.includes(RECORD) || types.includes(SUBSCRIPTIONS) ? await copySettings(work, input) : [];
  return { settings, notCarried: indexes?.warnings ?? [] };
}

async function smallDump(plain: AsyncIterable<Buffer>, types: readonly ChosenItemType[]): Promise<SmallDump> {
  const indexes: Buffer[] = [];
  const subscriptions: Subscription[] = [];
  let record: Buffer | undefined;
  const scanner = new DumpScanner({
    item: (list, json) => {
      if (list === INDEXES && types.includes(INDEXES)) indexes.push(Buffer.from(json));
      if (list === SUBSCRIPTIONS && types.includes(SUBSCRIPTIONS)) subscriptions.push(JSON.parse(`${json}`));
    },
    blob: () => undefined,
    object: (name, json) => {
      if (name === RECORD && types.includes(RECORD)) record = json;
    },
  });
  for await (const chunk of plain) scanner.push(chunk);
  const parts = [`"BuildVersion":${scanner.buildVersion ?? 0}`];
  if (record) parts.push(`"${RECORD}":${record}`);
  if (indexes.length > 0) parts.push(`"${INDEXES}":[${indexes.join(',')}]`);
  return {
    types: [...(record ? [RECORD as ItemType] : []), ...(indexes.length > 0 ? [INDEXES as ItemType] : [])],
    bytes: Buffer.from(`{${parts.join(',')}}`),
    subscriptions,
  };
}
