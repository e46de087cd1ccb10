import type { ConnectionSettings } from '../../config/config.ts';
import type { Tuning } from '../../core/contract/tuning.ts';
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import { type Certificate, expiresInDays } from '../../core/plan/rights.ts';
import { formatCount } from '../../core/text/format.ts';
import { askEach } from '../../ravendb/connection/ask-each.ts';
import { Connections, type RavenConnection } from '../../ravendb/connection/connection.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { type ServerInfo, serverInfo, whoAmI } from '../../ravendb/requests/server.ts';
import { checkLicenseEnd } from './check-server.ts';

/**
 * Checks connections apart from any run: whether each leads to a server, and what that and our certificate can do.
 * @param further what else to look at where it does
 */
export async function checkConnections(
  settings: Record<string, ConnectionSettings>,
  tuning: Tuning['connection'],
  further: (connection: RavenConnection) => Promise<Check[]> = async () => [],
): Promise<Check[]> {
  const connections = new Connections(settings, tuning);
  try {
    const checks = await askEach(tuning, Object.keys(settings), async (name) => {
      try {
        const connection = connections.get(name);
        return [...(await checkConnection(connection)), ...(await further(connection))];
      } catch (error) {
        if (!(error instanceof RavenError)) throw error;
        return [blocker(`connection "${name}"`, error.message)];
      }
    });
    return checks.flat();
  } finally {
    connections.close();
  }
}

async function checkConnection(connection: RavenConnection, now = Date.now()): Promise<Check[]> {
  const name = `connection "${connection.name}"`;
  const certificate = await whoAmI(connection);
  const server = await serverInfo(connection);
  return [
    ok(name, describe(server, certificate)),
    ...checkLicenseEnd(`license of ${name}`, `the server of ${name}`, server, now),
    ...checkCertificateEnd(name, certificate, now),
  ];
}

function describe({ version, license, nodes, knowsSharding }: ServerInfo, certificate?: Certificate): string {
  const size = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`;
  const who = certificate
    ? `the certificate has clearance ${certificate.SecurityClearance}`
    : 'no certificate is required';
  const only = knowsSharding ? '' : ' It knows no sharded databases: it can only be a source.';
  return `RavenDB ${version}, license ${license}, ${size}; ${who}.${only}`;
}

function checkCertificateEnd(of: string, certificate: Certificate | undefined, now: number): Check[] {
  const days = certificate && expiresInDays(certificate, now);
  if (days === undefined) return [];
  return [
    warning(`certificate of ${of}`, `The certificate expires in ${formatCount(days)} days: replace it.`),
  ];
}
