/** What the plan says of the source database. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Check } from '../../core/plan/check.ts';
import { sourceChecks } from '../../core/plan/source-checks.ts';
import { outputCollections, unsupportedIndex } from '../../core/settings/indexes.ts';
import { describeSetting, type RecordFields, settingsForecast } from '../../core/settings/settings.ts';
import { formatBytes, formatCount, formatSeconds } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { subscriptions } from '../../ravendb/requests/database-record.ts';
import { type DatabaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { definitionsOf } from '../../ravendb/requests/indexes.ts';
import { databaseCounts, documentsByCollection, storageStats } from '../../ravendb/requests/statistics.ts';
import type { Work } from '../work/work.ts';

/** Whether the source is there as it should. */
export function checkSourceRecord(
  { source }: MigrateDatabaseConfig,
  record: DatabaseRecord | undefined,
): Check {
  const name = 'source database';
  const where = `source.database "${source.database}" on connection "${source.connection}"`;
  if (!record) return { name, status: 'blocker', message: `${where} does not exist.` };
  if (shardNumbers(record).length > 0) {
    return { name, status: 'blocker', message: `${where} is sharded already; there is nothing to migrate.` };
  }
  if (record.Disabled) return { name, status: 'blocker', message: `${where} is disabled; enable it first.` };
  return { name, status: 'ok', message: `${where} is there and is not sharded.` };
}

/**
 * What is in it, what of that a sharded database refuses or changes, and whether it is written to.
 * @throws RavenError
 */
export async function checkSource(
  work: Work,
  source: Database,
  { record, target, license }: { record: DatabaseRecord; target: RecordFields; license: RecordFields },
): Promise<Check[]> {
  const lookedAt = Date.now();
  const [counts, storage, subscribed] = await Promise.all([
    databaseCounts(source),
    storageStats(source),
    subscriptions(source),
  ]);
  const checks: Check[] = [
    {
      name: 'source content',
      status: 'ok',
      message:
        `${formatCount(counts.documents)} documents, ${formatCount(counts.revisions)} revisions, ` +
        `${formatCount(counts.attachments)} attachments, ${formatBytes(storage.sizeOnDiskBytes)} on disk.`,
    },
    {
      name: 'tombstones',
      status: 'ok',
      message:
        `Until the end a disabled index "Shardlift/..." on the source keeps the tombstones of documents. Deleted ` +
        `counters and time-series entries, whose traces it does not keep, are found by comparing.`,
    },
  ];
  const described = { record, indexes: definitionsOf(record), subscriptions: subscribed };
  checks.push(...sourceChecks(described, target, license));
  checks.push(await checkWrites(work, source, { etag: storage.lastEtag, lookedAt }));
  if (counts.conflicts > 0) {
    checks.push({
      name: 'conflicts',
      status: 'blocker',
      message: `${counts.conflicts} documents of the source are in conflict; resolve them first.`,
    });
  }
  return checks;
}

/** Whether the source is written to, by a second look. */
async function checkWrites(
  { signal, tuning }: Work,
  source: Database,
  first: { etag: number; lookedAt: number },
): Promise<Check> {
  const left = tuning.plan.sourceWatchMs - (Date.now() - first.lookedAt);
  if (left > 0) await sleep(left, undefined, { signal });
  const { lastEtag } = await storageStats(source);
  const changes = lastEtag - first.etag;
  const seconds = (Date.now() - first.lookedAt) / 1000;
  const message =
    changes > 0
      ? `${formatCount(changes)} changes in ${formatSeconds(seconds)}, at which pace ${formatCount(Math.round((changes / seconds) * 60))} a minute. Writers need to stand still for the cutover alone.`
      : `Nobody wrote for ${formatSeconds(seconds)}.`;
  return { name: 'writes', status: 'ok', message };
}

/** What will not be on the target, and what to do about it. @throws RavenError */
export async function notCarried(
  source: Database,
  { record, target, license }: { record: DatabaseRecord; target: RecordFields; license: RecordFields },
): Promise<string[]> {
  const refused = definitionsOf(record).flatMap((index) => {
    const why = unsupportedIndex(index);
    return why ? [{ index, why }] : [];
  });
  const outputs = refused.flatMap(({ index }) => outputCollections(index));
  const documents = outputs.length > 0 ? await documentsByCollection(source) : {};
  return [
    ...settingsForecast(record, license, target).map(describeSetting),
    ...refused.map(({ index, why }) => `index "${index.Name}": ${why}`),
    ...outputs.map(({ collection, index }) => {
      const count = `${formatCount(documents[collection] ?? 0)} documents`;
      return (
        `collection "${collection}": its ${count} are written by index "${index}" and are not copied; ` +
        `query an index without output collection instead, or write them by the application`
      );
    }),
  ];
}
