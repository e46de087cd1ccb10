import { parseMigrateDatabase } from '../core/contract/contract.ts';
import type { MigrationResult } from '../core/run/results.ts';
import { type ContinuedMigration, migrate } from './migration.ts';

/**
 * Moves a database into a sharded one: copies it, keeps the copy in step while it waits for an approval, and hands over once
 * every document was compared and nobody can write to the source. The argument is one `MigrateDatabaseInput`.
 */
export async function migrateDatabase(
  argument: unknown,
  continued?: ContinuedMigration,
): Promise<MigrationResult> {
  return await migrate('migrateDatabase', argument, parseMigrateDatabase(argument), continued);
}
