/** A target whose shards are chosen by the beginnings of ids. */
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';

/** Makes an empty database of three shards: `eu/` lies on the first one, `us/` on the others. */
export async function createPrefixed(raven: RavenConnection, database: string): Promise<void> {
  await raven.http.json({
    doing: 'Creating the database',
    method: 'PUT',
    path: `/admin/databases?name=${encodeURIComponent(database)}&replicationFactor=1`,
    json: {
      DatabaseName: database,
      Settings: {},
      Sharding: {
        Shards: { 0: {}, 1: {}, 2: {} },
        Orchestrator: { Topology: {} },
        Prefixed: [
          { Prefix: 'eu/', Shards: [0] },
          { Prefix: 'us/', Shards: [1, 2] },
        ],
      },
    },
  });
}
