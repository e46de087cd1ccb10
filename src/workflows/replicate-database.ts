import { parseReplicateDatabase } from '../core/contract/contract.ts';
import type { MigrationResult } from '../core/run/results.ts';
import { type ContinuedMigration, migrate } from './migration.ts';

/**
 * Moves a database into a sharded one by RavenDB's own external replication: `migrateDatabase` with the method
 * `replication`. The argument is one `ReplicateDatabaseInput`.
 */
export async function replicateDatabase(
  argument: unknown,
  continued?: ContinuedMigration,
): Promise<MigrationResult> {
  return await migrate('replicateDatabase', argument, parseReplicateDatabase(argument), continued);
}
