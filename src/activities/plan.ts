import type { MigrateDatabaseConfig } from '../core/contract.ts';
import type { Check } from '../core/report.ts';
import { checkRights } from '../core/rights.ts';
import type { RavenConnection } from '../ravendb/connection.ts';
import { type DatabaseRecord, databaseRecord, shardNumbers } from '../ravendb/database.ts';
import { isRefusal } from '../ravendb/errors.ts';
import { type ServerInfo, serverInfo, whoAmI } from '../ravendb/server.ts';
import { type Environment, perform } from './environment.ts';
import { checkReplicating } from './plan-replication.ts';
import { checkLicenceEnd, checkVersion, checkVersions } from './plan-server.ts';
import { checkSource, checkSourceRecord, notCarried } from './plan-source.ts';
import { checkSpace } from './plan-space.ts';
import { checkTarget } from './plan-target.ts';

/** What the plan found; a blocker among the checks ends the migration. */
export interface Plan {
  checks: Check[];
  /** What will not be on the target, and what to do about it. */
  notCarried: string[];
  /** Whether the target is there already. */
  targetExists?: boolean;
  /** Whether the documents of the source can be read, and the shards of the target are known. */
  readable?: boolean;
}

/** A side whose server answers. */
interface Side {
  connection: RavenConnection;
  server: ServerInfo;
  /** Undefined when there is no such database, `refused` when it may not be looked at. */
  record: DatabaseRecord | undefined | 'refused';
  /** Its version and what the certificate may do. */
  checks: Check[];
}

/** The read-only look at both sides before anything is changed. */
export function planActivities(environment: Environment) {
  return {
    /**
     * Checks rights, versions, licence, source, target and disks: everything that can be told without reading the
     * documents. (What their ids and sizes tell takes a pass over all of them, which a migration makes anyway with its
     * copy: that is for `planMigration`.) Changes nothing.
     */
    plan: (input: MigrateDatabaseConfig): Promise<Plan> =>
      perform(environment, async (run) => {
        const [source, target] = await Promise.all([
          lookAt('source', input, run.connection(input.source.connection)),
          lookAt('target', input, run.connection(input.target.connection)),
        ]);
        const checks = [...source.checks, ...target.checks];
        const targetExists = 'record' in target && target.record !== undefined;
        const plan = { checks, notCarried: [], targetExists };
        if (!('record' in source && 'record' in target)) return plan;
        if (source.record === 'refused' || target.record === 'refused') return plan;
        checks.push(...checkVersions(source.server, target.server));
        checks.push(checkSourceRecord(input, source.record));
        checks.push(...(await checkTarget(input, target.connection, target.server)));
        if (input.method === 'replication')
          checks.push(
            ...(await checkReplicating(input, source.server, source.connection, target.connection)),
          );
        if (!source.record || source.record.Disabled || shardNumbers(source.record).length > 0) return plan;
        const told = {
          record: source.record,
          target: target.record ?? {},
          licence: target.server.licenceFlags,
        };
        checks.push(...(await checkSource(input, source.connection, told)));
        checks.push(...(await checkSpace(environment, input, source.connection, target)));
        return {
          ...plan,
          readable: input.target.shards !== undefined || shardNumbers(target.record ?? {}).length > 0,
          notCarried: await notCarried(input, source.connection, told),
        };
      }),
  };
}

/** Of a server that refuses even to say what it is, only that. @throws RavenError when it cannot be reached */
async function lookAt(
  side: 'source' | 'target',
  input: MigrateDatabaseConfig,
  connection: RavenConnection,
): Promise<Side | { checks: Check[] }> {
  const { database } = input[side];
  try {
    const certificate = await whoAmI(connection);
    const server = await serverInfo(connection);
    const record = await databaseRecord(connection, database).catch((error) => {
      if (isRefusal(error) && error.status === 403) return 'refused' as const;
      throw error;
    });
    const right = side === 'target' && record === undefined ? 'Operator' : 'Admin';
    const needs = { side, connection: connection.name, database, right } as const;
    const checks = [
      checkVersion(`${side} server`, server),
      ...checkLicenceEnd(side, server, Date.now()),
      checkRights(needs, certificate, Date.now()),
    ];
    return { connection, server, record, checks };
  } catch (error) {
    if (!isRefusal(error) || error.status !== 403) throw error;
    return { checks: [{ name: `rights on the ${side}`, status: 'blocker', message: error.message }] };
  }
}
