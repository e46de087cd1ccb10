/** Prepares both sides, and leaves the source as it was. */

import type { DatabaseRef, MigrateDatabaseConfig, TargetRef } from '../../core/contract/contract.ts';
import type { Position } from '../../core/copy/position.ts';
import { safeSettings } from '../../core/settings/settings.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { createShardedDatabase, databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { documentsByShard, readPosition as positionOf } from '../../ravendb/requests/statistics.ts';
import { holdName, putTombstoneHold, removeTombstoneHold } from '../../ravendb/requests/tombstones.ts';
import { copySettingsForData } from '../database-wide/settings.ts';
import type { Work } from '../work/work.ts';

/** Creates the target unless it exists. @param input.source absent when the target is filled from files */
export async function createTarget(
  work: Work,
  { source, target }: { source?: DatabaseRef; target: TargetRef },
): Promise<void> {
  const record = source && (await databaseRecord(work.database(source)));
  await createUnlessThere(work, target, safeSettings(record ?? {}));
}

/** Copies the settings that the data needs to the target, which must exist. */
export async function prepareTarget(work: Work, input: MigrateDatabaseConfig): Promise<void> {
  await copySettingsForData(work, input);
}

/** Counts the documents of each shard. */
export async function documentsPerShard(
  work: Work,
  { target }: { target: TargetRef },
): Promise<Record<string, number>> {
  return await documentsByShard(work.database(target));
}

/** Makes the source keep its tombstones for this workflow. */
export async function holdTombstones(work: Work, source: DatabaseRef): Promise<void> {
  await putTombstoneHold(work.database(source), holdName(work.workflowId));
}

/** Lets RavenDB clean the tombstones again. */
export async function releaseTombstones(work: Work, source: DatabaseRef): Promise<void> {
  await removeTombstoneHold(work.database(source), holdName(work.workflowId));
}

/** Reads the current position of the source. */
export async function readPosition(work: Work, source: DatabaseRef): Promise<Position> {
  return await positionOf(work.database(source));
}

/** @param settings of a new database: setting them later would need a reload */
async function createUnlessThere(
  work: Work,
  ref: TargetRef,
  settings: Record<string, string>,
): Promise<void> {
  const { shards, replicationFactor } = ref;
  const target = work.database(ref);
  if (shards !== undefined && !(await databaseRecord(target))) {
    await createShardedDatabase(target, { shards, replicationFactor, settings });
  }
  const record = await databaseRecord(target);
  if (record && shardNumbers(record).length > 0) return;
  const where = `"${ref.database}" on connection "${ref.connection}"`;
  const message = `The target ${where} does not exist as a sharded database.`;
  throw new RavenError(message, { kind: 'TargetMissing', retryable: true });
}
