/** What the plan says of the target database. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Check } from '../../core/plan/check.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import type { ServerInfo } from '../../ravendb/requests/server.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { tracesOf } from '../replication/check-replication.ts';
import { checkLicense } from './check-server.ts';

const name = 'target database';

/** Whether a target is there as it should, or can be made. @throws RavenError */
export async function checkTarget(
  { target, method }: Pick<MigrateDatabaseConfig, 'target'> & Partial<Pick<MigrateDatabaseConfig, 'method'>>,
  database: Database,
  server: ServerInfo,
): Promise<Check[]> {
  const where = `target.database "${target.database}" on connection "${target.connection}"`;
  const record = await databaseRecord(database);
  if (!record) return [checkNewTarget(where, target.shards), ...checkLicense(target, server)];
  const shards = shardNumbers(record).length;
  if (shards === 0) {
    const message = `${where} exists and is not sharded; name another one, or delete it.`;
    return [{ name, status: 'blocker', message }];
  }
  if (target.shards !== undefined && target.shards !== shards) {
    const message = `${where} exists with ${shards} shards, but target.shards is ${target.shards}; leave it out or correct it.`;
    return [{ name, status: 'blocker', message }];
  }
  const counts = await databaseCounts(database);
  const { documents } = counts;
  const traces = method === 'replication' ? tracesOf(counts) : undefined;
  if (traces) return [{ name, status: 'blocker', message: `${where} ${traces}` }];
  if (documents > 0 && !target.allowExistingData) {
    const message =
      `${where} holds ${formatCount(documents)} documents; name an empty or a new one, ` +
      `or allow it with target.allowExistingData.`;
    return [{ name, status: 'blocker', message }];
  }
  return [
    { name, status: 'ok', message: `${where} exists with ${shards} shards and ${documents} documents.` },
  ];
}

function checkNewTarget(where: string, shards: number | undefined): Check {
  return shards === undefined
    ? {
        name,
        status: 'blocker',
        message: `${where} does not exist; say in target.shards how many shards it gets.`,
      }
    : { name, status: 'ok', message: `${where} will be created with ${shards} shards.` };
}
