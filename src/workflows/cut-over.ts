import { parseCutOver } from '../core/contract/contract.ts';
import type { MigrationResult } from '../core/run/results.ts';
import { type ContinuedMigration, migrate } from './migration.ts';

/**
 * The end of a migration alone: compares a target that something else has filled, keeps it in step from then on, and hands
 * over once it is approved. The argument is one `CutOverInput`.
 */
export async function cutOver(argument: unknown, continued?: ContinuedMigration): Promise<MigrationResult> {
  return await migrate('cutOver', argument, parseCutOver(argument), continued);
}
