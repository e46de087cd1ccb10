import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import type { VerifyDatabasesConfig } from '../../core/contract/verify-contract.ts';
import type { Check } from '../../core/plan/check.ts';
import { formatCount } from '../../core/text/format.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { databaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { serverInfo } from '../../ravendb/requests/server.ts';
import { databaseCounts, storagesOf } from '../../ravendb/requests/statistics.ts';
import { openPair, type Work } from '../work/work.ts';

/** What is planned. */
type PlannedVerification = Pair<DatabaseRef> & Pick<VerifyDatabasesConfig, 'repair'>;

/** Whether both are there, and are two. Changes nothing. */
export async function planVerification(
  work: Work,
  { source, target, repair }: PlannedVerification,
): Promise<Check[]> {
  const databases = openPair(work, { source, target });
  const checks = [await checkSide('source', databases.source), await checkSide('target', databases.target)];
  if (checks.some(({ status }) => status === 'blocker')) return checks;
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
  const blocker = (message: string): Check => ({ name, status: 'blocker', message });
  if (!record) return blocker(`${where} does not exist; correct its name.`);
  if (record.Disabled) return blocker(`${where} is disabled; enable it first.`);
  const { documents } = await databaseCounts(database);
  const shards = shardNumbers(record).length;
  const kind = shards === 0 ? 'is not sharded' : `has ${shards} shards`;
  const message = `${where} ${kind}, with ${formatCount(documents)} documents, on RavenDB ${version}.`;
  return { name, status: 'ok', message };
}

/** Two connections may lead to one server. */
async function checkApart({ source, target }: Pair<Database>): Promise<Check> {
  const name = 'two databases';
  const [ours, theirs] = await Promise.all([storagesOf(source), storagesOf(target)]);
  const ids = new Set(ours.map(({ databaseId }) => databaseId));
  return theirs.some(({ databaseId }) => ids.has(databaseId))
    ? {
        name,
        status: 'blocker',
        message: `target.database "${target.name}" is the same database as the source, by another connection; name another one.`,
      }
    : { name, status: 'ok', message: 'Source and target are two databases.' };
}

/** What differs is copied in the way of a migration: shard by shard. */
async function checkRepairable(target: Database): Promise<Check> {
  const name = 'repair';
  const record = await databaseRecord(target);
  return record && shardNumbers(record).length > 0
    ? { name, status: 'ok', message: 'What differs can be copied once more.' }
    : {
        name,
        status: 'blocker',
        message: `Only a sharded database is repaired, and target.database "${target.name}" is none: leave out repair.`,
      };
}
