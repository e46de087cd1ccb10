/** Checks of the target database. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { blocker, type Check, ok } from '../../core/plan/check.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import type { ServerInfo } from '../../ravendb/requests/server.ts';
import { databaseCounts } from '../../ravendb/requests/statistics.ts';
import { whyNotEmpty } from '../replication/check-replication.ts';
import { checkLicense } from './check-server.ts';

const name = 'target database';

/** Checks that the target can be used or created. @throws RavenError */
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
    return [blocker(name, message)];
  }
  if (target.shards !== undefined && target.shards !== shards) {
    const message = `${where} exists with ${shards} shards, but target.shards is ${target.shards}; leave it out or correct it.`;
    return [blocker(name, message)];
  }
  const counts = await databaseCounts(database);
  const { documents } = counts;
  const traces = method === 'replication' ? whyNotEmpty(counts) : undefined;
  if (traces) return [blocker(name, `${where} ${traces}`)];
  if (documents > 0 && !target.allowExistingData) {
    const message =
      `${where} contains ${formatCount(documents)} documents; name an empty or a new one, ` +
      `or allow it with target.allowExistingData.`;
    return [blocker(name, message)];
  }
  return [ok(name, `${where} exists with ${shards} shards and ${documents} documents.`)];
}

/** A target that answers nothing: after a roll-back it stays closed, so that nobody writes into it. */
export function closedTarget({ target }: Pick<MigrateDatabaseConfig, 'target'>): Check {
  return blocker(
    name,
    `target.database "${target.database}" on connection "${target.connection}" is disabled, as a roll-back leaves a target: ` +
      'delete it or name another one, and migrate anew.',
  );
}

function checkNewTarget(where: string, shards: number | undefined): Check {
  return shards === undefined
    ? blocker(name, `${where} does not exist; set target.shards to its number of shards.`)
    : ok(name, `${where} will be created with ${shards} shards.`);
}
