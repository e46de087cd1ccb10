/** What a server is, and what it and our certificate may do. */
import type { ListedCertificate } from '../../core/plan/left-to-do.ts';
import type { Certificate } from '../../core/plan/rights.ts';
import type { RavenConnection } from '../connection/connection.ts';
import type { Database } from '../connection/database.ts';
import { isRefusal } from '../connection/errors.ts';

/** Version and license of a server, as far as a migration needs to know. */
export interface ServerInfo {
  /** As `7.1.5`. */
  version: string;
  /** `None` without a license. */
  license: string;
  /** Largest replication factor that the license allows for a sharded database. */
  maxReplicationFactor: number;
  /** Whether the license allows shards on several nodes. */
  multiNodeSharding: boolean;
  /** Whether the server knows sharded databases: its license says something about them. */
  knowsSharding: boolean;
  /** Tags of the cluster's nodes. */
  nodes: string[];
  /** What the license allows, by RavenDB's own names (`HasSqlEtl`, ...). */
  licenseFlags: Readonly<Record<string, unknown>>;
}

interface LicenseStatus {
  Type: string;
  MaxReplicationFactorForSharding?: number | null;
  HasMultiNodeSharding?: boolean;
  [flag: string]: unknown;
}

/** @throws RavenError */
export async function serverInfo({ http }: RavenConnection): Promise<ServerInfo> {
  const [{ FullVersion }, license, cluster] = await Promise.all([
    build(http),
    http.json<LicenseStatus>({ doing: 'Reading the license', path: '/license/status' }),
    http.json<{ Topology: { AllNodes: Record<string, string> } }>({
      doing: 'Reading the cluster',
      path: '/cluster/topology',
    }),
  ]);
  return {
    version: FullVersion,
    license: license.Type,
    maxReplicationFactor: license.MaxReplicationFactorForSharding ?? Number.POSITIVE_INFINITY,
    multiNodeSharding: license.HasMultiNodeSharding ?? true,
    knowsSharding: 'HasMultiNodeSharding' in license,
    nodes: Object.keys(cluster.Topology.AllNodes),
    licenseFlags: license,
  };
}

/** The number by which a dump says which server wrote it. @throws RavenError */
export async function buildVersion({ http }: RavenConnection): Promise<number> {
  return (await build(http)).BuildVersion;
}

/** The version as people read it; another one may change the form of a storage when it opens it. @throws RavenError */
export async function fullVersion({ http }: RavenConnection): Promise<string> {
  return (await build(http)).FullVersion;
}

async function build(http: RavenConnection['http']): Promise<{ FullVersion: string; BuildVersion: number }> {
  return await http.json({ doing: 'Reading the version', path: '/build/version' });
}

/**
 * What the server knows about our certificate; undefined where it asks for none. It answers even when it does not know
 * the certificate, but refuses everything else then.
 * @throws RavenError
 */
export async function whoAmI({ http }: RavenConnection): Promise<Certificate | undefined> {
  return await http.json<Certificate | undefined>({
    doing: 'Reading the rights of the certificate',
    path: '/certificates/whoami',
  });
}

/**
 * The certificates that a server knows, none where it asks for none; undefined where ours lacks the clearance of an operator.
 * @throws RavenError
 */
export async function listedCertificates({
  http,
}: RavenConnection): Promise<ListedCertificate[] | undefined> {
  try {
    const { Results } = await http.json<{ Results: ListedCertificate[] }>({
      doing: 'Reading the certificates',
      path: '/admin/certificates?metadataOnly=true',
    });
    return Results;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/**
 * The keys of the settings that a server was given for all its databases. It tells an operator by way of a database only.
 * @throws RavenError
 */
export async function serverSettings(database: Database): Promise<string[]> {
  const { Settings } = await database.json<{
    Settings: { ServerValues?: Record<string, unknown> | null }[];
  }>({ doing: 'Reading the settings of the server', path: 'admin/configuration/settings' });
  return Settings.flatMap(({ ServerValues }) => Object.keys(ServerValues ?? {}));
}

/** Free space on the disk of one node. */
export interface NodeSpace {
  node: string;
  freeBytes: number;
}

/**
 * Free space where a database lies, or would lie, on each node; undefined where the certificate lacks the rights of an
 * operator.
 * @throws RavenError
 */
export async function freeSpace({ http, name }: Database): Promise<NodeSpace[] | undefined> {
  const query = new URLSearchParams({ name, path: '', getNodesInfo: 'true' });
  try {
    const { List } = await http.json<{
      List: { NodeTag: string; FreeSpaceInBytes?: number; Error?: string | null }[];
    }>({ doing: 'Reading the free space', path: `/admin/studio-tasks/full-data-directory?${query}` });
    return List.filter(({ Error: problem }) => !problem).map(({ NodeTag, FreeSpaceInBytes = 0 }) => ({
      node: NodeTag,
      freeBytes: FreeSpaceInBytes,
    }));
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
