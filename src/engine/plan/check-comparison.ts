import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import type { VerifyDatabasesConfig } from '../../core/contract/verify-contract.ts';
import { blocker, type Check, ok } from '../../core/plan/check.ts';
import { isPossible } from '../../core/plan/migration-plan.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { serverInfo } from '../../ravendb/requests/server.ts';
import { databaseCounts, storagesOf } from '../../ravendb/requests/statistics.ts';
import { openPair, type Work } from '../work/work.ts';

/** What is planned. */
type PlannedVerification = Pair<DatabaseRef> & Pick<VerifyDatabasesConfig, 'repair'>;

/** Checks that source and target exist and are different databases. Changes nothing. */
export async function planVerification(
  work: Work,
  { source, target, repair }: PlannedVerification,
): Promise<Check[]> {
  const databases = openPair(work, { source, target });
  const checks = [await checkSide('source', databases.source), await checkSide('target', databases.target)];
  if (!isPossible(checks)) return checks;
  checks.push(await checkApart(databases));
  return repair === 'ask' ? [...checks, await checkRepairable(databases.target)] : checks;
}

async function checkSide(side: 'source' | 'target', database: Database): Promise<Check> {
  const name = `${side} database`;
  const where = `${side}.database "${database.name}" on connection "${database.connection.name}"`;
  const [{ version }, record] = await Promise.all([
    serverInfo(database.connection),
    databaseRecord(database),
  ]);
  if (!record) return blocker(name, `${where} does not exist; correct its name.`);
  if (record.Disabled) return blocker(name, `${where} is disabled; enable it first.`);
  const { documents } = await databaseCounts(database);
  const shards = shardNumbers(record).length;
  const kind = shards === 0 ? 'is not sharded' : `has ${shards} shards`;
  const message = `${where} ${kind}, with ${formatCount(documents)} documents, on RavenDB ${version}.`;
  return ok(name, message);
}

/** Two connections may reach the same server. */
async function checkApart({ source, target }: Pair<Database>): Promise<Check> {
  const name = 'two databases';
  const [ours, theirs] = await Promise.all([storagesOf(source), storagesOf(target)]);
  const ids = new Set(ours.map(({ databaseId }) => databaseId));
  return theirs.some(({ databaseId }) => ids.has(databaseId))
    ? blocker(
        name,
        `target.database "${target.name}" is the same database as the source, on another connection; name another one.`,
      )
    : ok(name, 'Source and target are different databases.');
}

/** A repair copies like a migration: shard by shard. */
async function checkRepairable(target: Database): Promise<Check> {
  const name = 'repair';
  const record = await databaseRecord(target);
  return record && shardNumbers(record).length > 0
    ? ok(name, 'Differing items can be copied again.')
    : blocker(
        name,
        `Only a sharded database can be repaired, and target.database "${target.name}" is not sharded: leave out repair.`,
      );
}
