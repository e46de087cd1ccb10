/** What runs are started with. Times are real where the clock stands still, so they are short. */
import type { WorkflowType } from '../../../src/core/contract/contract.ts';

export const source = { connection: 'here', database: 'shop' };
export const target = { connection: 'here', database: 'sharded', shards: 2 };

/** A migration. */
export const migration = { source, target };

/** Of a target that something else has filled. */
export const cutover = { source, target: { connection: 'here', database: 'sharded' } };

/** A migration by each method. */
export const byMethod = {
  stream: { ...migration, method: 'stream' },
  dump: { ...migration, method: 'dump' },
  backup: { ...migration, method: 'backup', backup: { path: 'backups' } },
  replication: { ...migration, method: 'replication' },
} as const;

/** One of each type. */
export const inputOf: Record<WorkflowType, unknown> = {
  migrateDatabase: migration,
  replicateDatabase: migration,
  cutOver: cutover,
  rehearseCutover: cutover,
  syncDatabase: migration,
  exportDatabase: { source },
  importDump: { dump: { path: 'dumps/shop' }, target },
  importBackup: { backup: { path: 'backups' }, target },
  verifyDatabases: { source, target: { connection: 'here', database: 'sharded' } },
  planMigration: migration,
  removeLeftovers: { source, target: { connection: 'here', database: 'sharded' }, remove: true },
};
