/** Every export is a workflow type that people start by this name. */
export { migrateDatabase } from './migrate-database.ts';
