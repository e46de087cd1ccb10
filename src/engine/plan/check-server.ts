/** What the plan says of a server. */
import type { Check } from '../../core/plan/check.ts';
import { FIRST_SHARDING_VERSION, type ServerInfo } from '../../ravendb/requests/server.ts';

/** A migration may wait for its approval for days. */
const SOON_MS = 14 * 24 * 60 * 60_000;

/** Whether a server knows sharding. */
export function checkVersion(name: string, { version, license }: ServerInfo): Check {
  const major = Number(version.split('.')[0]);
  return major >= FIRST_SHARDING_VERSION
    ? { name, status: 'ok', message: `RavenDB ${version}, license ${license}.` }
    : {
        name,
        status: 'blocker',
        message: `The ${name} is RavenDB ${version}; sharding needs ${FIRST_SHARDING_VERSION}.0 or newer.`,
      };
}

/** Whether the target's server knows what the source's writes. Says nothing where it does. */
export function checkVersions({ version: ours }: ServerInfo, { version: theirs }: ServerInfo): Check[] {
  const [[major = 0, minor = 0], [theirMajor = 0, theirMinor = 0]] = [ours, theirs].map((version) =>
    version.split('.').map(Number),
  ) as [number[], number[]];
  if (theirMajor > major || (theirMajor === major && theirMinor >= minor)) return [];
  return [
    {
      name: 'versions',
      status: 'warning',
      message:
        `The source server is RavenDB ${ours}, the target server ${theirs}: what that one does not know is left out or refused. ` +
        'Update it first.',
    },
  ];
}

/** Whether a license lasts for a migration. Says nothing where it does. @param now milliseconds since the epoch */
export function checkLicenseEnd(
  side: 'source' | 'target',
  { license, licenseFlags }: ServerInfo,
  now: number,
): Check[] {
  const { Expired, Expiration } = licenseFlags;
  const end = typeof Expiration === 'string' ? Date.parse(Expiration) : Number.POSITIVE_INFINITY;
  if (Expired !== true && end - now > SOON_MS) return [];
  const when = Expired === true ? 'has ended' : `ends on ${new Date(end).toISOString().slice(0, 10)}`;
  return [
    {
      name: `license of the ${side}`,
      status: 'warning',
      message: `The license "${license}" of the ${side} server ${when}, and with it what it allows: renew it first.`,
    },
  ];
}

/** Whether a new target can be spread over its cluster. RavenDB lowers a factor that it cannot reach without a word. */
export function checkLicense(
  { shards, replicationFactor: wanted }: { shards?: number | undefined; replicationFactor: number },
  { license, maxReplicationFactor, multiNodeSharding, nodes }: ServerInfo,
): Check[] {
  const possible = Math.min(maxReplicationFactor, nodes.length);
  const checks: Check[] = [
    wanted <= possible
      ? { name: 'replication factor', status: 'ok', message: `target.replicationFactor is ${wanted}.` }
      : {
          name: 'replication factor',
          status: 'blocker',
          message: `target.replicationFactor is ${wanted}, but license and cluster (${nodes.length} nodes) allow ${possible}.`,
        },
  ];
  if (!multiNodeSharding && nodes.length > 1 && (shards ?? 1) > 1) {
    checks.push({
      name: 'license for sharding',
      status: 'warning',
      message:
        `The target server's license "${license}" allows no shards on several nodes: all ${shards} would lie on one of the ` +
        `${nodes.length}. Get a license that does (HasMultiNodeSharding), or expect no more of it than of one server.`,
    });
  }
  return checks;
}
