/** Every export is a workflow type that people start by this name. */
export { exportDatabase } from './export-database.ts';
export { importBackup, importDump } from './import-files.ts';
export { migrateDatabase } from './migrate-database.ts';
export { planMigration } from './plan-migration.ts';
export { removeLeftovers } from './remove-leftovers.ts';
export { replicateDatabase } from './replicate-database.ts';
export { syncDatabase } from './sync-database.ts';
export { verifyDatabases } from './verify-databases.ts';
