/** What the plan looks at besides when RavenDB itself shall carry the documents. */
import type { MigrateDatabaseConfig, Pair } from '../../core/contract/contract.ts';
import type { Check } from '../../core/plan/check.ts';
import { NEEDS_LICENSE } from '../../core/replication/replication.ts';
import { formatCount } from '../../core/text/format.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal, type RavenError } from '../../ravendb/connection/errors.ts';
import { databaseRecord } from '../../ravendb/requests/databases.ts';
import { whyUnreachable } from '../../ravendb/requests/replication.ts';
import type { ServerInfo } from '../../ravendb/requests/server.ts';
import type { DatabaseCounts } from '../../ravendb/requests/statistics.ts';

/** Checks the license of the source's server, and the way from there to the target. Changes nothing. @throws RavenError */
export async function checkReplicating(
  input: MigrateDatabaseConfig,
  { license, licenseFlags }: ServerInfo,
  { source, target }: Pair<Database>,
): Promise<Check[]> {
  return [
    licenseFlags.HasExternalReplication === false
      ? {
          name: 'license for replication',
          status: 'blocker',
          message: `The source server's license is "${license}". ${NEEDS_LICENSE}`,
        }
      : { name: 'license for replication', status: 'ok', message: 'External replication is allowed.' },
    await checkWay(source.connection, target),
    ...(input.maxItemsPerSecond === null
      ? []
      : [
          {
            name: 'limit of speed',
            status: 'warning' as const,
            message: "maxItemsPerSecond has no effect: RavenDB's replication knows no limit.",
          },
        ]),
  ];
}

/** What a target bears that is not empty; undefined when it bears nothing. */
export function tracesOf(counts: DatabaseCounts): string | undefined {
  const items = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (items === 0) return undefined;
  const { documents, revisions, tombstones } = counts;
  return (
    `is not empty (${formatCount(documents)} documents, ${formatCount(revisions)} revisions, ${formatCount(tombstones)} ` +
    'marks of deletions): what RavenDB replicates would be in conflict with it, and target.allowExistingData does not ' +
    'help. Name a new database, or use migrateDatabase with method "stream".'
  );
}

/** RavenDB finds the nodes of the target by any of the addresses. */
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
      return { name, status: 'ok', message: `The source's server reaches connection "${connection}".` };
    }
    if (typeof reason !== 'string') {
      const message = `Whether the source's server reaches connection "${connection}" was not tried: ${reason.message}`;
      return { name, status: 'warning', message };
    }
    reasons.push(reason);
  }
  return {
    name,
    status: 'blocker',
    message:
      `The source's server cannot reach the target at any address of connection "${connection}" (${[...new Set(reasons)].join('; ')}). ` +
      'Replication needs HTTP and TCP from server to server: set replicationUrls of that connection in the ' +
      "worker's configuration where its urls mean nothing to the source's server, open the ports, and with https " +
      "register the source server's certificate at the target.",
  };
}
