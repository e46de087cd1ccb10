/** What the plan says of a server. */
import type { Check } from '../core/report.ts';
import { FIRST_SHARDING_VERSION, type ServerInfo } from '../ravendb/server.ts';

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

/** Whether a new target can be spread over its cluster. RavenDB lowers a factor that it cannot reach without a word. */
export function checkLicence(
  { shards, replicationFactor: wanted }: { shards?: number | undefined; replicationFactor: number },
  { licence, maxReplicationFactor, multiNodeSharding, nodes }: ServerInfo,
): Check[] {
  const possible = Math.min(maxReplicationFactor, nodes.length);
  const checks: Check[] = [
    wanted <= possible
      ? { name: 'replication factor', status: 'ok', message: `target.replicationFactor is ${wanted}.` }
      : {
          name: 'replication factor',
          status: 'blocker',
          message: `target.replicationFactor is ${wanted}, but licence and cluster (${nodes.length} nodes) allow ${possible}.`,
        },
  ];
  if (!multiNodeSharding && nodes.length > 1 && (shards ?? 1) > 1) {
    checks.push({
      name: 'licence for sharding',
      status: 'warning',
      message:
        `The target server's licence "${licence}" allows no shards on several nodes: all ${shards} would lie on one of the ` +
        `${nodes.length}. Get a licence that does (HasMultiNodeSharding), or expect no more of it than of one server.`,
    });
  }
  return checks;
}
