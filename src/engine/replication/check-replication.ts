/** Additional checks for the method `replication`. */
import type { MigrateDatabaseConfig, Pair } from '../../core/contract/contract.ts';
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import { NEEDS_LICENSE } from '../../core/replication/replication.ts';
import { formatCount } from '../../core/text/format.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal, type RavenError } from '../../ravendb/connection/errors.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { whyUnreachable } from '../../ravendb/requests/replication.ts';
import type { ServerInfo } from '../../ravendb/requests/server.ts';
import type { DatabaseCounts } from '../../ravendb/requests/statistics.ts';

/** Checks the license of the source's server, and that it can reach the target. Changes nothing. @throws RavenError */
export async function checkReplicating(
  input: MigrateDatabaseConfig,
  { license, licenseFlags }: ServerInfo,
  { source, target }: Pair<Database>,
): Promise<Check[]> {
  return [
    licenseFlags.HasExternalReplication === false
      ? blocker('license for replication', `The source server's license is "${license}". ${NEEDS_LICENSE}`)
      : ok('license for replication', 'External replication is allowed.'),
    await checkWay(source.connection, target),
    ...(input.maxItemsPerSecond === null
      ? []
      : [
          warning('speed limit', "maxItemsPerSecond has no effect: RavenDB's replication cannot be limited."),
        ]),
  ];
}

/** Why a target is not empty; undefined if it is. */
export function whyNotEmpty(counts: DatabaseCounts): string | undefined {
  const items = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (items === 0) return undefined;
  const { documents, revisions, tombstones } = counts;
  return (
    `is not empty (${formatCount(documents)} documents, ${formatCount(revisions)} revisions, ${formatCount(tombstones)} ` +
    'tombstones): replicated documents would conflict with them, and target.allowExistingData does not ' +
    'help. Name a new database, or use migrateDatabase with method "stream".'
  );
}

/** One reachable address is enough: through it, RavenDB finds the other nodes of the target. */
async function checkWay(source: RavenConnection, target: Database): Promise<Check> {
  const connection = target.connection.name;
  const name = 'way to the target';
  const there = (await databaseRecord(target)) ? target.name : undefined;
  const reasons: string[] = [];
  for (const url of target.connection.replicationUrls) {
    const reason = await whyUnreachable(source, url, there).catch((error: RavenError) => {
      if (isRefusal(error)) return error;
      throw error;
    });
    if (reason === undefined) {
      return ok(name, `The source's server reaches connection "${connection}".`);
    }
    if (typeof reason !== 'string') {
      const what = `It was not tested whether the source's server reaches connection "${connection}"`;
      return warning(name, `${what}: ${reason.message}`);
    }
    reasons.push(reason);
  }
  return blocker(
    name,
    `The source's server cannot reach the target at any address of connection "${connection}" (${[...new Set(reasons)].join('; ')}). ` +
      'Replication needs HTTP and TCP from server to server: set replicationUrls of that connection in the ' +
      "worker's configuration if the source's server cannot use its urls, open the ports, and with https " +
      "register the source server's certificate at the target.",
  );
}
