import type { MigrateDatabaseConfig, SourceRef } from '../core/contract.ts';
import type { Position } from '../core/progress.ts';
import { safeSettings } from '../core/settings.ts';
import { createShardedDatabase, databaseRecord, shardNumbers } from '../ravendb/database.ts';
import { RavenError } from '../ravendb/errors.ts';
import { readPosition } from '../ravendb/statistics.ts';
import { holdName, putTombstoneHold, removeTombstoneHold } from '../ravendb/tombstone-hold.ts';
import { type Environment, perform } from './environment.ts';
import { carrySettingsBefore } from './settings.ts';

/** Making both sides ready, and leaving the source as it was. */
export function targetActivities(environment: Environment) {
  return {
    /** Creates the target unless it is there, and carries the settings that the data needs. */
    prepareTarget: (input: MigrateDatabaseConfig): Promise<void> =>
      perform(environment, async (run) => {
        const { connection, database, shards, replicationFactor } = input.target;
        const target = run.connection(connection);
        if (shards !== undefined && !(await databaseRecord(target, database))) {
          const source = await databaseRecord(run.connection(input.source.connection), input.source.database);
          const settings = safeSettings(source ?? {});
          await createShardedDatabase(target, database, { shards, replicationFactor, settings });
        }
        const record = await databaseRecord(target, database);
        if (!record || shardNumbers(record).length === 0) {
          const message = `The target "${database}" on connection "${connection}" is not there as a sharded database.`;
          throw new RavenError(message, { kind: 'TargetMissing', retryable: true });
        }
        await carrySettingsBefore(run, input);
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
