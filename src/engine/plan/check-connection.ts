import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import { type Certificate, expiresInDays } from '../../core/plan/rights.ts';
import { formatCount } from '../../core/text/format.ts';
import type { RavenConnection } from '../../ravendb/connection/connection.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { type ServerInfo, serverInfo, whoAmI } from '../../ravendb/requests/server.ts';
import { checkLicenseEnd } from './check-server.ts';

/** Checks a connection apart from any run: whether it leads to a server, and what that and our certificate can do. */
export async function checkConnection(connection: RavenConnection, now = Date.now()): Promise<Check[]> {
  const name = `connection "${connection.name}"`;
  try {
    const certificate = await whoAmI(connection);
    const server = await serverInfo(connection);
    return [
      ok(name, describe(server, certificate)),
      ...checkLicenseEnd(`license of ${name}`, `the server of ${name}`, server, now),
      ...checkCertificateEnd(name, certificate, now),
    ];
  } catch (error) {
    if (!(error instanceof RavenError)) throw error;
    return [blocker(name, error.message)];
  }
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
