/** Settings of the database record, and subscriptions. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrateDatabaseConfig, Pair } from '../../core/contract/contract.ts';
import type { SettingKind } from '../../core/settings/setting-kinds.ts';
import {
  type RecordFields,
  type SettingOutcome,
  type SettingsToSend,
  settingOutcomes,
  settingsToSend,
  trimmedRecord,
} from '../../core/settings/settings.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { exportRecord, importRecord, putSetting } from '../../ravendb/requests/database-record.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { allOrOneByOne } from '../work/one-by-one.ts';
import { openPair, type Work } from '../work/work.ts';
import { syncIndexes } from './indexes.ts';
import { copySubscriptions } from './subscriptions.ts';

/**
 * Copies index definitions, static and automatic, after the documents so that indexing does not slow the copy.
 * @returns a line for each index that the target does not take
 */
export async function copyIndexes(work: Work, input: MigrateDatabaseConfig): Promise<string[]> {
  return await syncIndexes(openPair(work, input), input.target.allowExistingData);
}

/** Carries the settings that the data and the indexes need. May be repeated. @throws RavenError */
export async function copySettingsForData(
  work: Work,
  input: Pick<MigrateDatabaseConfig, 'source' | 'target'>,
): Promise<void> {
  await carry(work, openPair(work, input), { phase: 'before', keep: input.target.allowExistingData });
}

/**
 * Carries every setting and the subscriptions, also those settings that would have disturbed the copy, and reads
 * them back.
 */
export async function copySettings(
  work: Work,
  input: Pick<MigrateDatabaseConfig, 'source' | 'target'>,
): Promise<SettingOutcome[]> {
  const databases = openPair(work, input);
  const keep = input.target.allowExistingData;
  const reasons = await carry(work, databases, { phase: 'after', keep });
  const [source, target] = await records(databases);
  const outcomes = settingOutcomes(source, target, { keep, reasons });
  return [...outcomes, ...(await copySubscriptions(databases))];
}

/** Which settings are sent. */
interface Sending {
  phase: 'before' | 'after';
  /** Whether what the target has stays. */
  keep: boolean;
}

async function records({ source, target }: Pair<Database>): Promise<[RecordFields, RecordFields]> {
  const both = await Promise.all([databaseRecord(source), databaseRecord(target)]);
  return [both[0] ?? {}, both[1] ?? {}];
}

/** @returns why a field was not taken, by its name, in RavenDB's words */
async function carry(work: Work, databases: Pair<Database>, sending: Sending): Promise<Map<string, string>> {
  const { source, target } = databases;
  const [ours, theirs] = await records(databases);
  const send = settingsToSend(ours, theirs, sending);
  const reasons = new Map<string, string>();
  if (send.size === 0) return reasons;
  const single = [...send.keys()].filter(({ item }) => item === undefined).map(({ field }) => field);
  for (const field of single) {
    const refused = await allOrOneByOne([field], () => putSetting(target, field, ours[field]));
    for (const [, why] of refused) reasons.set(field, why);
  }
  const items = itemsOf(send.keys());
  if (items.length > 0) {
    const dump = await exportRecord(source, items);
    const trimmed = { ...dump, DatabaseRecord: trimmedRecord(dump.DatabaseRecord, send) };
    const refused = await allOrOneByOne(items, async (some) =>
      (await importRecord(target, trimmed, [...some])).join(' '),
    );
    for (const { field, item = '' } of send.keys()) {
      const why = refused.get(item);
      if (why !== undefined) reasons.set(field, why);
    }
  }
  await arrived(work, databases, send, { ...sending, reasons });
  return reasons;
}

/** The record shows a setting a moment after the server has taken it. */
async function arrived(
  work: Work,
  databases: Pair<Database>,
  send: SettingsToSend,
  { reasons, ...sending }: Sending & { reasons: ReadonlyMap<string, string> },
): Promise<void> {
  const deadline = Date.now() + work.tuning.settings.arrivalMs;
  const awaited = [...send.keys()].filter(({ field }) => !reasons.has(field));
  while (Date.now() < deadline) {
    const [ours, theirs] = await records(databases);
    const missing = settingsToSend(ours, theirs, sending);
    if (!awaited.some((kind) => missing.has(kind))) return;
    await sleep(work.tuning.settings.lookMs, undefined, { signal: work.signal });
  }
}

function itemsOf(kinds: Iterable<SettingKind>): string[] {
  return [...new Set([...kinds].flatMap(({ item }) => (item === undefined ? [] : [item])))];
}
