import { blocker, type Check } from '../../core/plan/check.ts';
import { isPossible, type Plan } from '../../core/plan/migration-plan.ts';
import { checkRights } from '../../core/plan/rights.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isRefusal, type RavenError } from '../../ravendb/connection/errors.ts';
import { type DatabaseRecord, shardNumbers } from '../../ravendb/requests/databases.ts';
import { openOrClosedRecord } from '../../ravendb/requests/fencing.ts';
import { type ServerInfo, serverInfo, whoAmI } from '../../ravendb/requests/server.ts';
import { checkReplicating } from '../replication/check-replication.ts';
import { checkFolders } from '../work/check-folders.ts';
import { checkHooks } from '../work/check-hooks.ts';
import type { Work } from '../work/work.ts';
import { checkEarlierRun, NO_EARLIER_RUN, type PlanInput } from './check-earlier-run.ts';
import { checkFreeze } from './check-freeze.ts';
import { checkLicenseEnd, checkRoutes, checkVersion, checkVersions, isOtherVersion } from './check-server.ts';
import { checkSource, checkSourceRecord, notCarried } from './check-source.ts';
import { checkSpace } from './check-space.ts';
import { checkTarget, closedTarget } from './check-target.ts';
import { sampleShares } from './sample-shares.ts';

/** A side that may be looked at. */
interface Side {
  database: Database;
  server: ServerInfo;
  record: DatabaseRecord | undefined;
}

/** What a first look at a side told. */
interface Look {
  /** Its version and what the certificate may do. */
  checks: Check[];
  /** Whether the database is there, as far as the server tells. */
  exists: boolean;
  /** Absent when the certificate may not look. */
  side?: Side;
}

/**
 * Checks rights, versions, license, source, target and disks: everything that can be told without reading the
 * documents. (What their ids and sizes tell takes a pass over all of them, which a migration makes anyway with its
 * copy: that is for `planMigration`.) Changes nothing.
 */
export async function plan(work: Work, input: PlanInput): Promise<Plan> {
  const [ours, theirs] = await Promise.all([
    lookAt('source', work.database(input.source)),
    lookAt('target', work.database(input.target)),
  ]);
  const folders = await checkFolders(work);
  const hooks = checkHooks(work, [...new Set(Object.values(input.hooks).flat())]);
  const checks = [...ours.checks, ...theirs.checks, ...folders, ...hooks];
  const plan = { checks, notCarried: [], targetExists: theirs.exists };
  const [source, target] = [ours.side, theirs.side];
  if (source) checks.push(checkSourceRecord(input, source.record));
  if (target?.record?.Disabled) {
    checks.push(closedTarget(input));
    return plan;
  }
  const earlier = target?.record ? await checkEarlierRun(work, input, target.database) : NO_EARLIER_RUN;
  checks.push(...earlier.checks);
  if (target && !earlier.serves) {
    // what an earlier run has left is no other data
    const into = earlier.resumes ? { ...input.target, allowExistingData: true } : input.target;
    checks.push(...(await checkTarget({ ...input, target: into }, target.database, target.server)));
  }
  if (!source || !target) return plan;
  checks.push(...checkVersions(source.server, target.server));
  if (input.method === 'replication')
    checks.push(
      ...(await checkReplicating(input, source.server, { source: source.database, target: target.database })),
    );
  if (!source.record || source.record.Disabled || shardNumbers(source.record).length > 0) return plan;
  const told = {
    record: source.record,
    target: target.record ?? {},
    license: target.server.licenseFlags,
  };
  checks.push(...(await checkSource(work, source.database, told)));
  const { chosen, ...freeze } = await checkFreeze(input, source, target);
  checks.push(...freeze.checks);
  if (isPossible(folders)) checks.push(...(await checkSpace(work, input, source.database, target)));
  const readable = input.target.shards !== undefined || shardNumbers(target.record ?? {}).length > 0;
  const isForecast = readable && input.firstRunId !== undefined && !input.target.allowExistingData;
  const shares = isForecast ? await sampleShares(source.database, input, target.record) : undefined;
  return {
    ...plan,
    resumes: earlier.resumes,
    isOtherVersion: isOtherVersion(source.server, target.server),
    ...(chosen && { chosen }),
    readable,
    ...(shares && { shares }),
    notCarried: await notCarried(source.database, told),
  };
}

/** Of a server that refuses even to say what it is, only that. @throws RavenError when it cannot be reached */
async function lookAt(side: 'source' | 'target', database: Database): Promise<Look> {
  const { connection } = database;
  try {
    const certificate = await whoAmI(connection);
    const server = await serverInfo(connection);
    const unanswered = side === 'source' ? await checkRoutes(connection, server) : [];
    if (unanswered.length > 0) return { checks: unanswered, exists: false };
    const record = await openOrClosedRecord(database).catch((error) => {
      if (isForbidden(error)) return 'refused' as const;
      throw error;
    });
    const exists = record !== undefined;
    const right = side === 'target' && !exists ? 'Operator' : 'Admin';
    const needs = { side, connection: connection.name, database: database.name, right } as const;
    const checks = [
      checkVersion(side, server),
      ...checkLicenseEnd(`license of the ${side}`, `the ${side} server`, server, Date.now()),
      checkRights(needs, certificate, Date.now()),
    ];
    return record === 'refused' ? { checks, exists } : { checks, exists, side: { database, server, record } };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return { checks: [blocker(`rights on the ${side}`, error.message)], exists: false };
  }
}

function isForbidden(error: unknown): error is RavenError {
  return isRefusal(error) && error.status === 403;
}
