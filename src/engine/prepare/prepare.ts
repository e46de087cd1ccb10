import { type Environment, perform, type Run } from '../../activities/perform.ts';
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
import { databaseCounts, readPosition } from '../../ravendb/requests/statistics.ts';
import { holdName, putTombstoneHold, removeTombstoneHold } from '../../ravendb/requests/tombstone-hold.ts';
import { carrySettingsBefore } from '../database-wide/settings.ts';

/** Making both sides ready, and leaving the source as it was. */
export function targetActivities(environment: Environment) {
  return {
    /** Creates the target unless it is there, and carries the settings that the data needs. */
    prepareTarget: (input: MigrateDatabaseConfig): Promise<void> =>
      perform(environment, async (run) => {
        const source = await databaseRecord(run.connection(input.source.connection), input.source.database);
        await createUnlessThere(run, input.target, safeSettings(source ?? {}));
        await carrySettingsBefore(run, input);
      }),

    /** Creates a target that is filled from files, unless it is there. */
    createTarget: ({ target }: { target: TargetRef }): Promise<void> =>
      perform(environment, (run) => createUnlessThere(run, target, {})),

    /** Documents of each shard. */
    documentsPerShard: ({ target }: { target: TargetRef }): Promise<Record<string, number>> =>
      perform(environment, async (run) => {
        const connection = run.connection(target.connection);
        const record = await databaseRecord(connection, target.database);
        const shards = record ? shardNumbers(record) : [];
        const counts = await Promise.all(
          shards.map((shard) => databaseCounts(connection, shardName(target.database, shard))),
        );
        return Object.fromEntries(shards.map((shard, at) => [shard, counts[at]?.documents ?? 0]));
      }),

    /** Keeps the tombstones on the source for this workflow. */
    holdTombstones: (source: SourceRef): Promise<void> =>
      perform(environment, (run) =>
        putTombstoneHold(run.connection(source.connection), source.database, holdName(run.workflowId)),
      ),

    /** Lets RavenDB clean them again. */
    releaseTombstones: (source: SourceRef): Promise<void> =>
      perform(environment, (run) =>
        removeTombstoneHold(run.connection(source.connection), source.database, holdName(run.workflowId)),
      ),

    /** Where the source stands now. */
    readPosition: (source: SourceRef): Promise<Position> =>
      perform(environment, (run) => readPosition(run.connection(source.connection), source.database)),
  };
}

/** @param settings those that a new database gets: set later, they would need a reload */
async function createUnlessThere(
  run: Run,
  { connection, database, shards, replicationFactor }: TargetRef,
  settings: Record<string, string>,
): Promise<void> {
  const target = run.connection(connection);
  if (shards !== undefined && !(await databaseRecord(target, database))) {
    await createShardedDatabase(target, database, { shards, replicationFactor, settings });
  }
  const record = await databaseRecord(target, database);
  if (record && shardNumbers(record).length > 0) return;
  const message = `The target "${database}" on connection "${connection}" is not there as a sharded database.`;
  throw new RavenError(message, { kind: 'TargetMissing', retryable: true });
}
