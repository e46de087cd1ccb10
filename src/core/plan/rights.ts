/** Whether a certificate has the rights that a migration needs. */

import { formatCount, parseUtc } from '../text/format.ts';
import { blocker, type Check, ok, warning } from './check.ts';

/** What a server says about our certificate (`certificates/whoami`). */
export interface Certificate {
  Name?: string | null;
  SecurityClearance: string;
  /** `Read`, `ReadWrite` or `Admin`, by database. */
  Permissions?: Record<string, string> | null;
  NotAfter?: string | null;
}

/** The rights that are needed on one side. */
export interface Needs {
  side: 'source' | 'target';
  connection: string;
  database: string;
  /** Only an operator may create a database. */
  right: 'Admin' | 'Operator';
}

const OPERATORS = new Set(['Operator', 'ClusterAdmin', 'ClusterNode']);
/** A migration may wait for approval for days. */
const EXPIRES_SOON_MS = 14 * 24 * 60 * 60_000;

/** Whether a certificate may do everything. */
export function isOperator(certificate: Certificate | undefined): boolean {
  return certificate === undefined || OPERATORS.has(certificate.SecurityClearance);
}

/** In how many days a certificate expires; undefined when that is not soon. @param now milliseconds since the epoch */
export function expiresInDays({ NotAfter }: Certificate, now: number): number | undefined {
  const left = NotAfter ? parseUtc(NotAfter) - now : Number.POSITIVE_INFINITY;
  return left > EXPIRES_SOON_MS ? undefined : Math.max(0, Math.floor(left / (24 * 60 * 60_000)));
}

/**
 * Checks the rights of a certificate, and when it expires.
 * @param certificate undefined if the server asks for none
 * @param now milliseconds since the epoch
 */
export function checkRights(needs: Needs, certificate: Certificate | undefined, now: number): Check {
  const { side, connection, database, right } = needs;
  const name = `rights on the ${side}`;
  if (!certificate) {
    return ok(name, `The server of connection "${connection}" requires no certificate.`);
  }
  const { SecurityClearance: clearance, Permissions } = certificate;
  const granted = Object.entries(Permissions ?? {}).find(
    ([each]) => each.toLowerCase() === database.toLowerCase(),
  )?.[1];
  const has = isOperator(certificate)
    ? `The certificate of connection "${connection}" has clearance ${clearance}`
    : `The certificate of connection "${connection}" has ${granted ?? 'no right'} on "${database}" (clearance ${clearance})`;
  if (!isOperator(certificate) && !(right === 'Admin' && granted === 'Admin')) {
    return blocker(name, `${has}. ${wayOut(needs)}`);
  }
  const days = expiresInDays(certificate, now);
  if (days === undefined) return ok(name, `${has}.`);
  return warning(
    name,
    `${has}, and expires in ${formatCount(days)} days: replace it first, because a migration may wait for days.`,
  );
}

function wayOut({ side, database, right }: Needs): string {
  return right === 'Admin'
    ? `The ${side} needs Admin on "${database}": edit the certificate on that server.`
    : `"${database}" does not exist, and only clearance Operator may create it: give the certificate that clearance, or create the ` +
        'sharded database by hand and give the certificate Admin on it.';
}
