import type { MigrateDatabaseConfig } from '../core/contract.ts';
import { formatBytes, formatCount } from '../core/format.ts';
import { outputCollections, unsupportedIndex } from '../core/indexes.ts';
import type { Check } from '../core/report.ts';
import { describeSetting, settingsForecast } from '../core/settings.ts';
import type { RavenConnection } from '../ravendb/connection.ts';
import { type DatabaseRecord, databaseRecord, shardNumbers } from '../ravendb/database.ts';
import { definitionsOf } from '../ravendb/indexes.ts';
import { FIRST_SHARDING_VERSION, type ServerInfo, serverInfo } from '../ravendb/server.ts';
import { databaseCounts, documentsByCollection, storageStats } from '../ravendb/statistics.ts';
import { freeBytes } from './disk.ts';
import { type Environment, perform } from './environment.ts';
import { checkReplicating, tracesOf } from './plan-replication.ts';

/** What the plan found; a blocker among the checks ends the migration. */
export interface Plan {
  checks: Check[];
  /** What will not be on the target, and what to do about it. */
  notCarried: string[];
}

/** The read-only look at both sides before anything is changed. */
export function planActivities(environment: Environment) {
  return {
    /** Checks versions, licence, source, target and disk. Changes nothing. */
    plan: (input: MigrateDatabaseConfig): Promise<Plan> =>
      perform(environment, async (run) => {
        const source = run.connection(input.source.connection);
        const target = run.connection(input.target.connection);
        const [sourceServer, targetServer] = await Promise.all([serverInfo(source), serverInfo(target)]);
        const record = await databaseRecord(source, input.source.database);
        const checks = [
          checkVersion('source server', sourceServer),
          checkVersion('target server', targetServer),
          checkSourceRecord(input, record),
          ...(await checkTarget(input, target, targetServer)),
          ...(input.method === 'replication'
            ? await checkReplicating(input, sourceServer, source, target)
            : []),
        ];
        if (!record || shardNumbers(record).length > 0) return { checks, notCarried: [] };
        checks.push(...(await checkSourceContent(input, source)));
        if (input.method === 'dump')
          checks.push(await checkDumpSpace(input, source, environment.config.dumpDirectory));
        return { checks, notCarried: await notCarried(input, source, record, targetServer) };
      }),
  };
}

/** Whether a server knows sharding. */
export function checkVersion(name: string, { version, licence }: ServerInfo): Check {
  const major = Number(version.split('.')[0]);
  return major >= FIRST_SHARDING_VERSION
    ? { name, status: 'ok', message: `RavenDB ${version}, licence ${licence}.` }
    : {
        name,
        status: 'blocker',
        message: `The ${name} is RavenDB ${version}; sharding needs ${FIRST_SHARDING_VERSION}.0 or newer.`,
      };
}

function checkSourceRecord({ source }: MigrateDatabaseConfig, record: DatabaseRecord | undefined): Check {
  const name = 'source database';
  const where = `source.database "${source.database}" on connection "${source.connection}"`;
  if (!record) return { name, status: 'blocker', message: `${where} does not exist.` };
  if (shardNumbers(record).length > 0) {
    return { name, status: 'blocker', message: `${where} is sharded already; there is nothing to migrate.` };
  }
  if (record.Disabled) return { name, status: 'blocker', message: `${where} is disabled; enable it first.` };
  return { name, status: 'ok', message: `${where} is there and is not sharded.` };
}

async function checkSourceContent(
  { source }: MigrateDatabaseConfig,
  connection: RavenConnection,
): Promise<Check[]> {
  const [counts, storage] = await Promise.all([
    databaseCounts(connection, source.database),
    storageStats(connection, source.database),
  ]);
  const checks: Check[] = [
    {
      name: 'source content',
      status: 'ok',
      message:
        `${formatCount(counts.documents)} documents, ${formatCount(counts.revisions)} revisions, ` +
        `${formatCount(counts.attachments)} attachments, ${formatBytes(storage.sizeOnDiskBytes)} on disk.`,
    },
    {
      name: 'tombstones',
      status: 'ok',
      message:
        `Until the end a disabled index "Shardlift/..." on the source keeps the tombstones of documents. Deleted ` +
        `counters and time-series entries, whose traces it does not keep, are found by comparing.`,
    },
  ];
  if (counts.conflicts > 0) {
    checks.push({
      name: 'conflicts',
      status: 'blocker',
      message: `${counts.conflicts} documents of the source are in conflict; resolve them first.`,
    });
  }
  return checks;
}

/** Whether a target is there as it should, or can be made. @throws RavenError */
export async function checkTarget(
  { target, method }: Pick<MigrateDatabaseConfig, 'target'> & Partial<Pick<MigrateDatabaseConfig, 'method'>>,
  connection: RavenConnection,
  server: ServerInfo,
): Promise<Check[]> {
  const name = 'target database';
  const where = `target.database "${target.database}" on connection "${target.connection}"`;
  const record = await databaseRecord(connection, target.database);
  if (!record)
    return [checkNewTarget(where, target.shards), checkReplicationFactor(target.replicationFactor, server)];
  const shards = shardNumbers(record).length;
  if (shards === 0) {
    const message = `${where} exists and is not sharded; name another one, or delete it.`;
    return [{ name, status: 'blocker', message }];
  }
  if (target.shards !== undefined && target.shards !== shards) {
    const message = `${where} exists with ${shards} shards, but target.shards is ${target.shards}; leave it out or correct it.`;
    return [{ name, status: 'blocker', message }];
  }
  const counts = await databaseCounts(connection, target.database);
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
  const name = 'target database';
  return shards === undefined
    ? {
        name,
        status: 'blocker',
        message: `${where} does not exist; say in target.shards how many shards it gets.`,
      }
    : { name, status: 'ok', message: `${where} will be created with ${shards} shards.` };
}

/** RavenDB lowers a factor that it cannot reach without a word. */
function checkReplicationFactor(wanted: number, { maxReplicationFactor, nodes }: ServerInfo): Check {
  const name = 'replication factor';
  const possible = Math.min(maxReplicationFactor, nodes.length);
  return wanted <= possible
    ? { name, status: 'ok', message: `target.replicationFactor is ${wanted}.` }
    : {
        name,
        status: 'blocker',
        message: `target.replicationFactor is ${wanted}, but licence and cluster (${nodes.length} nodes) allow ${possible}.`,
      };
}

/** A dump is compressed, so the size on the source's disk is more than enough. */
async function checkDumpSpace(
  { source }: MigrateDatabaseConfig,
  connection: RavenConnection,
  directory: string,
): Promise<Check> {
  const name = 'disk space for the dump';
  const [{ sizeOnDiskBytes }, free] = await Promise.all([
    storageStats(connection, source.database),
    freeBytes(directory),
  ]);
  const message = `The worker has ${formatBytes(free)} free for a dump of at most ${formatBytes(sizeOnDiskBytes)}`;
  return free > sizeOnDiskBytes
    ? { name, status: 'ok', message: `${message}.` }
    : {
        name,
        status: 'blocker',
        message: `${message}; free some, move dumpDirectory, or use method "stream".`,
      };
}

async function notCarried(
  { source }: MigrateDatabaseConfig,
  connection: RavenConnection,
  record: DatabaseRecord,
  { licenceFlags }: ServerInfo,
): Promise<string[]> {
  const refused = definitionsOf(record).flatMap((index) => {
    const why = unsupportedIndex(index);
    return why ? [{ index, why }] : [];
  });
  const outputs = refused.flatMap(({ index }) => outputCollections(index));
  const documents = outputs.length > 0 ? await documentsByCollection(connection, source.database) : {};
  return [
    ...settingsForecast(record, licenceFlags).map(describeSetting),
    ...refused.map(({ index, why }) => `index "${index.Name}": ${why}`),
    ...outputs.map(({ collection, index }) => {
      const count = `${formatCount(documents[collection] ?? 0)} documents`;
      return (
        `collection "${collection}": its ${count} are written by index "${index}" and are not copied; ` +
        `query an index without output collection instead, or write them by the application`
      );
    }),
  ];
}
