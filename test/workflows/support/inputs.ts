/** What runs are started with. Times are real where the clock stands still, so they are short. */

export const source = { connection: 'here', database: 'shop' };
export const target = { connection: 'here', database: 'sharded', shards: 2 };

/** A migration. */
export const migration = { source, target };

/** A migration by each method. */
export const byMethod = {
  stream: { ...migration, method: 'stream' },
  dump: { ...migration, method: 'dump' },
  backup: { ...migration, method: 'backup', backup: { path: 'backups' } },
  replication: { ...migration, method: 'replication' },
} as const;
