/** Whether the source can be fenced. */
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
  return blocker(name, `freeze "fence" is not possible: ${reason} Use "quiet".`);
}

/** Why a database cannot be fenced; undefined when it can. */
export function whyNotFenced(record: Fenceable): string | undefined {
  const { Encrypted, Settings = {}, Topology = {}, PeriodicBackups = [], ExternalReplications = [] } = record;
  const { Members = [], Promotables = [], Rehabs = [] } = Topology;
  const nodes = [...Members, ...Promotables, ...Rehabs];
  if (nodes.length > 1)
    return `the source is on the nodes ${nodes.join(', ')}, and another one may hold writes that this one lacks.`;
  if (Encrypted) return 'the source is encrypted, and its key belongs to its name.';
  const folders = Object.keys(Settings).find((key) => key.startsWith('Storage.'));
  if (folders !== undefined)
    return `the setting "${folders}" of the source may put a part of its storage elsewhere.`;
  const task = [...PeriodicBackups, ...ExternalReplications].find(({ Name = '' }) => SERVER_WIDE.test(Name));
  return task && `the server-wide task "${task.Name}" would run on the other name of the source, too.`;
}
