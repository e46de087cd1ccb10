/** Every export is a workflow type. People start them by these names, but for `holdFence`, which a migration starts. */
export { cutOver } from './cut-over.ts';
export { exportDatabase } from './export-database.ts';
export { holdFence } from './hold-fence.ts';
export { importBackup, importDump } from './import-files.ts';
export { migrateDatabase } from './migrate-database.ts';
export { planMigration } from './plan-migration.ts';
export { rehearseCutover } from './rehearse-cutover.ts';
export { removeLeftovers } from './remove-leftovers.ts';
export { replicateDatabase } from './replicate-database.ts';
export { syncDatabase } from './sync-database.ts';
export { verifyDatabases } from './verify-databases.ts';
