/** Whether the source can be fenced. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { blocker, type Check, ok } from '../../core/plan/check.ts';
import { isOperator } from '../../core/plan/rights.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import type { DatabaseRecord } from '../../ravendb/requests/databases.ts';
import { whoAmI } from '../../ravendb/requests/server.ts';

const name = 'freeze';

/** The part of a record that tells. */
interface Fenceable {
  Encrypted?: boolean;
  Settings?: Record<string, string>;
  Topology?: { Members?: string[]; Promotables?: string[]; Rehabs?: string[] };
  PeriodicBackups?: { Name?: string }[];
  ExternalReplications?: { Name?: string }[];
}

/** Names of tasks that the server itself gives to every database, to the other name of a fenced one, too. */
const SERVER_WIDE = /^Server Wide /;

/** Checks what stands against a fence, for one that is wanted. @throws RavenError */
export async function checkFence(source: Database, record: DatabaseRecord): Promise<Check> {
  const reason = isOperator(await whoAmI(source.connection))
    ? whyNotFenced(record as Fenceable)
    : 'the certificate lacks the clearance Operator, which it takes to close a database.';
  if (reason === undefined) {
    return ok(
      name,
      'The source is fenced in the cutover: RavenDB refuses every request to it, reads included, until the fence is undone or the target serves.',
    );
  }
  return blocker(name, `freeze "fence" is not possible for the source: ${reason} Use "quiet".`);
}

/**
 * Checks what stands against fencing the target, which a roll-back does.
 * @param record of a target that exists already
 */
export function checkWayBack(
  { target, observeFor }: Pick<MigrateDatabaseConfig, 'target' | 'observeFor'>,
  record: DatabaseRecord | undefined,
): Check {
  const shards = Object.values(record?.Sharding?.Shards ?? {});
  const copies = Math.max(target.replicationFactor, ...shards.map(({ Members = [] }) => Members.length));
  const reason =
    copies > 1
      ? 'its shards are on several nodes each, and another one may hold writes that ours lacks.'
      : record && whyNotFenced({ ...(record as Fenceable), Topology: {} });
  if (reason === undefined)
    return ok(
      'way back',
      `What changes on the target flows back for ${observeFor} after the cutover, which can be rolled back until then.`,
    );
  return blocker(
    'way back',
    `The target could not be fenced, so that the cutover could not be rolled back: ${reason} Set observeFor to "0s".`,
  );
}

/** Why a database cannot be fenced; undefined when it can. */
export function whyNotFenced(record: Fenceable): string | undefined {
  const { Encrypted, Settings = {}, Topology = {}, PeriodicBackups = [], ExternalReplications = [] } = record;
  const { Members = [], Promotables = [], Rehabs = [] } = Topology;
  const nodes = [...Members, ...Promotables, ...Rehabs];
  if (nodes.length > 1)
    return `it is on the nodes ${nodes.join(', ')}, and another one may hold writes that this one lacks.`;
  if (Encrypted) return 'it is encrypted, and its key belongs to its name.';
  const folders = Object.keys(Settings).find((key) => key.startsWith('Storage.'));
  if (folders !== undefined) return `its setting "${folders}" may put a part of its storage elsewhere.`;
  const task = [...PeriodicBackups, ...ExternalReplications].find(({ Name = '' }) => SERVER_WIDE.test(Name));
  return task && `the server-wide task "${task.Name}" would run on its other name, too.`;
}
