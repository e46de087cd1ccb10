import { parseReplicateDatabase } from '../core/contract/contract.ts';
import type { MigrationResult } from '../core/run/report.ts';
import { runMigration } from './migrate-database.ts';

/**
 * Moves a database into a sharded one by RavenDB's own external replication: `migrateDatabase` with the method
 * `replication`. The argument is one `ReplicateDatabaseInput`.
 */
export async function replicateDatabase(argument: unknown): Promise<MigrationResult> {
  return await runMigration(parseReplicateDatabase(argument));
}
