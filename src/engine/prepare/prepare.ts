/** Making both sides ready, and leaving the source as it was. */

import type { MigrateDatabaseConfig, SourceRef, TargetRef } from '../../core/contract/contract.ts';
import type { Position } from '../../core/copy/position.ts';
import { safeSettings } from '../../core/settings/settings.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import {
  createShardedDatabase,
  databaseRecord,
  shardName,
  shardNumbers,
} from '../../ravendb/requests/databases.ts';
import { databaseCounts, readPosition as positionOf } from '../../ravendb/requests/statistics.ts';
import { holdName, putTombstoneHold, removeTombstoneHold } from '../../ravendb/requests/tombstones.ts';
import { carrySettingsBefore } from '../database-wide/settings.ts';
import type { Work } from '../work/work.ts';

/** Creates the target unless it is there, and carries the settings that the data needs. */
export async function prepareTarget(work: Work, input: MigrateDatabaseConfig): Promise<void> {
  const source = await databaseRecord(work.connection(input.source.connection), input.source.database);
  await createUnlessThere(work, input.target, safeSettings(source ?? {}));
  await carrySettingsBefore(work, input);
}

/** Creates a target that is filled from files, unless it is there. */
export async function createTarget(work: Work, { target }: { target: TargetRef }): Promise<void> {
  await createUnlessThere(work, target, {});
}

/** Documents of each shard. */
export async function documentsPerShard(
  work: Work,
  { target }: { target: TargetRef },
): Promise<Record<string, number>> {
  const connection = work.connection(target.connection);
  const record = await databaseRecord(connection, target.database);
  const shards = record ? shardNumbers(record) : [];
  const counts = await Promise.all(
    shards.map((shard) => databaseCounts(connection, shardName(target.database, shard))),
  );
  return Object.fromEntries(shards.map((shard, at) => [shard, counts[at]?.documents ?? 0]));
}

/** Keeps the tombstones on the source for this workflow. */
export async function holdTombstones(work: Work, source: SourceRef): Promise<void> {
  await putTombstoneHold(work.connection(source.connection), source.database, holdName(work.workflowId));
}

/** Lets RavenDB clean them again. */
export async function releaseTombstones(work: Work, source: SourceRef): Promise<void> {
  await removeTombstoneHold(work.connection(source.connection), source.database, holdName(work.workflowId));
}

/** Where the source stands now. */
export async function readPosition(work: Work, source: SourceRef): Promise<Position> {
  return await positionOf(work.connection(source.connection), source.database);
}

/** @param settings those that a new database gets: set later, they would need a reload */
async function createUnlessThere(
  work: Work,
  { connection, database, shards, replicationFactor }: TargetRef,
  settings: Record<string, string>,
): Promise<void> {
  const target = work.connection(connection);
  if (shards !== undefined && !(await databaseRecord(target, database))) {
    await createShardedDatabase(target, database, { shards, replicationFactor, settings });
  }
  const record = await databaseRecord(target, database);
  if (record && shardNumbers(record).length > 0) return;
  const message = `The target "${database}" on connection "${connection}" is not there as a sharded database.`;
  throw new RavenError(message, { kind: 'TargetMissing', retryable: true });
}
