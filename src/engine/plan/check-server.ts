/** Checks of a server. */
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import type { ServerInfo } from '../../ravendb/requests/server.ts';

/** A migration may wait for approval for days. */
const EXPIRES_SOON_MS = 14 * 24 * 60 * 60_000;

/** The versions that were tried, whole migrations each with each: docs/versions.md. */
const TRIED: Record<Side, readonly string[]> = {
  source: ['5.4', '6.2', '7.0', '7.1'],
  target: ['6.2', '7.0', '7.1'],
};

type Side = 'source' | 'target';

/** Says what a server is. A target must know sharded databases; a source need not. */
export function checkVersion(side: Side, { version, license, knowsSharding }: ServerInfo): Check {
  const name = `${side} server`;
  if (side === 'target' && !knowsSharding) {
    return blocker(
      name,
      `The target server is RavenDB ${version}, which knows no sharded databases: they came with 6.0. Name another connection.`,
    );
  }
  const what = `RavenDB ${version}, license ${license}.`;
  if (TRIED[side].includes(release(version))) return ok(name, what);
  return warning(
    name,
    `${what} This version was not tried as ${side}; ${TRIED[side].join(', ')} were. The verification compares every item all the same, ` +
      'so that nothing is lost unnoticed. Try it with a copy of the database first.',
  );
}

/** What a migration asks of its source. */
const OF_A_SOURCE = [
  'admin/record',
  'admin/tombstones/cleanup',
  'cmpxchg',
  'collections/stats',
  'counters',
  'docs',
  'indexes/status',
  'revisions',
  'smuggler/export',
  'stats/detailed',
  'streams/docs',
  'subscriptions',
  'timeseries',
];

/** Checks that a source answers what is asked of it: one that is too old does not. @throws RavenError */
export async function checkRoutes(connection: RavenConnection, { version }: ServerInfo): Promise<Check[]> {
  const lacking: string[] = [];
  for (const route of OF_A_SOURCE) if (!(await connection.answers(route))) lacking.push(route);
  return lacking.length === 0 ? [] : [tooOld(version, lacking)];
}

/** @param lacking the routes that it does not answer, not empty */
export function tooOld(version: string, lacking: readonly string[]): Check {
  const [oldest] = TRIED.source;
  return blocker(
    'source server',
    `The source server is RavenDB ${version}, which does not answer what a migration asks of it (${lacking.join(', ')}). Update it to ${oldest} or ` +
      'newer first, and migrate then. Or export a dump in its Studio while nobody writes, and import that: docs/import-dump.md.',
  );
}

/** Says what two versions have against each other, and warns if the target's is the older one. */
export function checkVersions(source: ServerInfo, target: ServerInfo): Check[] {
  if (!isOtherVersion(source, target)) return [];
  const [ours, theirs] = [source.version, target.version];
  const [[major = 0, minor = 0], [theirMajor = 0, theirMinor = 0]] = [ours, theirs].map((version) =>
    version.split('.').map(Number),
  ) as [number[], number[]];
  const both = `The source server is RavenDB ${ours}, the target server ${theirs}`;
  if (theirMajor > major || (theirMajor === major && theirMinor > minor)) {
    const back = 'what the older one does not know cannot flow back after a cutover';
    return [ok('versions', `${both}: ${back}. Such an item is named then, and can be skipped.`)];
  }
  return [
    warning('versions', `${both}: what the older one does not know is left out or refused. Update it first.`),
  ];
}

/** Whether a server may not know what the other one does. */
export function isOtherVersion({ version: ours }: ServerInfo, { version: theirs }: ServerInfo): boolean {
  return release(ours) !== release(theirs);
}

function release(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/**
 * Warns if a license has expired or expires soon.
 * @param of whose it is, as in "the source server"
 * @param now milliseconds since the epoch
 */
export function checkLicenseEnd(
  name: string,
  of: string,
  { license, licenseFlags }: ServerInfo,
  now: number,
): Check[] {
  const { Expired, Expiration } = licenseFlags;
  const end = typeof Expiration === 'string' ? Date.parse(Expiration) : Number.POSITIVE_INFINITY;
  if (Expired !== true && end - now > EXPIRES_SOON_MS) return [];
  const when = Expired === true ? 'has expired' : `expires on ${new Date(end).toISOString().slice(0, 10)}`;
  return [
    warning(name, `The license "${license}" of ${of} ${when}, and its features with it: renew it first.`),
  ];
}

/** Checks whether license and cluster allow the new target. RavenDB silently lowers a replication factor that it cannot reach. */
export function checkLicense(
  { shards, replicationFactor: wanted }: { shards?: number | undefined; replicationFactor: number },
  { license, maxReplicationFactor, multiNodeSharding, nodes }: ServerInfo,
): Check[] {
  const possible = Math.min(maxReplicationFactor, nodes.length);
  const checks: Check[] = [
    wanted <= possible
      ? ok('replication factor', `target.replicationFactor is ${wanted}.`)
      : blocker(
          'replication factor',
          `target.replicationFactor is ${wanted}, but license and cluster (${nodes.length} nodes) allow ${possible}.`,
        ),
  ];
  if (!multiNodeSharding && nodes.length > 1 && (shards ?? 1) > 1) {
    checks.push(
      warning(
        'license for sharding',
        `The target server's license "${license}" does not allow shards on several nodes: all ${shards} would be on one of the ` +
          `${nodes.length}. Get a license that does (HasMultiNodeSharding), or expect the capacity of a single server.`,
      ),
    );
  }
  return checks;
}
