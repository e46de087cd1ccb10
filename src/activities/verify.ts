import { verifyChanges } from '../engine/verify/verify-changes.ts';
import { verifyMigration } from '../engine/verify/verify-migration.ts';

/** Verifying a migration. */
export const verifyActivities = { verifyMigration, verifyChanges };
