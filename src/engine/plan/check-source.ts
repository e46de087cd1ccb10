/** Checks of the source database. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import { sourceChecks } from '../../core/plan/source-checks.ts';
import { outputCollections, unsupportedIndex } from '../../core/settings/indexes.ts';
import { describeSetting, type RecordFields, settingsForecast } from '../../core/settings/settings.ts';
import { formatBytes, formatCount, formatSeconds } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { subscriptions } from '../../ravendb/requests/database-record.ts';
import { type DatabaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { definitionsOf } from '../../ravendb/requests/indexes.ts';
import { databaseCounts, documentsByCollection, storageStats } from '../../ravendb/requests/statistics.ts';
import { leftOnSource } from '../cleanup/leftovers.ts';
import type { Work } from '../work/work.ts';

/** Checks that the source exists, is not sharded and is enabled. */
export function checkSourceRecord(
  { source }: MigrateDatabaseConfig,
  record: DatabaseRecord | undefined,
): Check {
  const name = 'source database';
  const where = `source.database "${source.database}" on connection "${source.connection}"`;
  if (!record) return blocker(name, `${where} does not exist.`);
  if (shardNumbers(record).length > 0) {
    return blocker(name, `${where} is sharded already; there is nothing to migrate.`);
  }
  if (record.Disabled) {
    const message = `${where} is disabled, as a cutover leaves an old database. If it is the one that serves, enable it first.`;
    return blocker(name, message);
  }
  return ok(name, `${where} exists and is not sharded.`);
}

/**
 * Checks the content of the source, what a sharded database refuses or changes of it, and whether it is written to.
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
    ok(
      'source content',
      `${formatCount(counts.documents)} documents, ${formatCount(counts.revisions)} revisions, ` +
        `${formatCount(counts.attachments)} attachments, ${formatBytes(storage.sizeOnDiskBytes)} on disk.`,
    ),
    ok(
      'tombstones',
      `Until the end a disabled index "Shardlift/..." on the source keeps the tombstones of documents. Deleted ` +
        `counters and time-series entries, whose tombstones it does not keep, are found by comparing.`,
    ),
  ];
  const described = { record, indexes: definitionsOf(record), subscriptions: subscribed };
  checks.push(...sourceChecks(described, target, license));
  checks.push(...(await checkLeftovers(work, source, record)));
  checks.push(await checkWrites(work, source, { etag: storage.lastEtag, lookedAt }));
  if (counts.conflicts > 0) {
    checks.push(
      blocker(
        'conflicts',
        `${counts.conflicts} documents of the source are in conflict; resolve them first.`,
      ),
    );
  }
  return checks;
}

/** Names what a workflow that was terminated, or is lost, has left on the source. */
async function checkLeftovers(work: Work, source: Database, record: DatabaseRecord): Promise<Check[]> {
  const ref = { connection: source.connection.name, database: source.name };
  const left = await leftOnSource(work, ref, record);
  return left
    .filter(({ what, inUse }) => what === 'tombstone index' && !inUse)
    .map(({ name }) =>
      warning(
        'leftovers',
        `The index "${name}" on the source keeps tombstones for a workflow that does not run in this namespace of Temporal: ` +
          'if it runs nowhere else, `shardlift cleanup` removes it.',
      ),
    );
}

/** Checks whether the source is written to, by reading its last etag a second time. */
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
      ? `${formatCount(changes)} changes in ${formatSeconds(seconds)}, which is ${formatCount(Math.round((changes / seconds) * 60))} a minute. Writers need to stop only for the cutover.`
      : `No writes for ${formatSeconds(seconds)}.`;
  return ok('writes', message);
}

/** What will be missing on the target, and what to do about it. @throws RavenError */
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
        `query an index without output collection instead, or write them in the application`
      );
    }),
  ];
}
