/** What writes to a database without any client: while it does, nobody can prove that the database is quiet. */
import type { RecordFields } from '../settings/settings.ts';

/** Features that change documents by time, by their field in the database record. */
const BY_TIME = {
  Expiration: 'expiration',
  Refresh: 'refresh',
  DataArchival: 'archival',
} as const;

/** @param incoming names of databases that replicate into it */
export function selfWriters(record: RecordFields, incoming: readonly string[]): string[] {
  const byTime = Object.entries(BY_TIME).flatMap(([field, what]) => (isOn(record[field]) ? [what] : []));
  return [...byTime, ...incoming.map((from) => `replication from "${from}"`)];
}

function isOn(configuration: unknown): boolean {
  return (
    typeof configuration === 'object' &&
    configuration !== null &&
    !('Disabled' in configuration && configuration.Disabled)
  );
}
