/** How writers can be kept out of the source in the cutover, and what stands against the way that is wanted. */
import { type ChosenFreeze, isObserved, type MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import { isOperator } from '../../core/plan/rights.ts';
import { selfWriters } from '../../core/plan/self-writers.ts';
import { SERVER_WIDE } from '../../core/settings/settings.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import type { DatabaseRecord } from '../../ravendb/requests/databases.ts';
import { incomingReplication } from '../../ravendb/requests/replication.ts';
import { serverSettings, whoAmI } from '../../ravendb/requests/server.ts';

const name = 'freeze';

/** The part of a record that tells. */
interface Fenceable {
  Encrypted?: boolean;
  Settings?: Record<string, string>;
  Topology?: { Members?: string[]; Promotables?: string[]; Rehabs?: string[] };
  PeriodicBackups?: { Name?: string }[];
  ExternalReplications?: { Name?: string }[];
}

/** A side of the migration. */
interface Side {
  database: Database;
  /** Absent for a target that is still to be made. */
  record: DatabaseRecord | undefined;
}

/** A program that a server runs whenever it opens a folder: it may link parts of the folder to places of its choice. */
const SCRIPT = /^Storage\.On(?:DirectoryInitialize|CreateDirectory)\.Exec$/;

/**
 * Checks the way that is wanted, or chooses one: hooks where the input names some that stop writers, else a fence where it is
 * possible, else people.
 * @throws RavenError
 */
export async function checkFreeze(
  input: MigrateDatabaseConfig,
  source: Side,
  target: Side,
): Promise<{ checks: Check[]; chosen?: ChosenFreeze }> {
  if (input.freeze === 'auto') return await chooseFreeze(input, source, target);
  if (input.freeze !== 'fence') return { checks: await checkWriters(source) };
  const reason = await whyNoFence(source);
  const checks = [
    reason === undefined
      ? FENCED
      : blocker(name, `freeze "fence" is not possible for the source: ${reason} Use "quiet".`),
  ];
  if (!isObserved(input)) return { checks };
  const noWayBack = await whyNoRollBack(input, target);
  const wayBack =
    noWayBack === undefined
      ? flowsBack(input)
      : blocker('way back', `${noRollBack(noWayBack)} Set observeFor to "0s".`);
  return { checks: [...checks, wayBack] };
}

async function chooseFreeze(
  input: MigrateDatabaseConfig,
  source: Side,
  target: Side,
): Promise<{ checks: Check[]; chosen: ChosenFreeze }> {
  const { stopWriters, startWriters } = input.hooks;
  if (stopWriters.length > 0 && startWriters.length > 0) {
    const hooked = ok(name, 'Hooks stop the writers in the cutover and start them again.');
    return { checks: [hooked, ...(await checkWriters(source))], chosen: { freeze: 'hook' } };
  }
  const replicates = input.method === 'replication';
  const reason = replicates
    ? 'RavenDB does not replicate a database that is closed.'
    : await whyNoFence(source);
  if (reason !== undefined) {
    const message = `People have to stop the writers in the cutover. A fence is not possible: ${reason}`;
    const quiet = (replicates ? ok : warning)(name, message);
    return { checks: [quiet, ...(await checkWriters(source))], chosen: { freeze: 'quiet' } };
  }
  if (!isObserved({ ...input, freeze: 'fence' })) return { checks: [FENCED], chosen: { freeze: 'fence' } };
  const noWayBack = await whyNoRollBack(input, target);
  return noWayBack === undefined
    ? { checks: [FENCED, flowsBack(input)], chosen: { freeze: 'fence' } }
    : {
        checks: [FENCED, warning('way back', noRollBack(noWayBack))],
        chosen: { freeze: 'fence', observeFor: '0s' },
      };
}

const FENCED = ok(
  name,
  'The source is fenced in the cutover: RavenDB refuses every request to it, reads included, until the fence is undone or the target serves.',
);

function flowsBack({ observeFor }: Pick<MigrateDatabaseConfig, 'observeFor'>): Check {
  return ok(
    'way back',
    `What changes on the target flows back for ${observeFor} after the cutover, which can be rolled back until then.`,
  );
}

function noRollBack(reason: string): string {
  return `The target could not be fenced, so that the cutover could not be rolled back: ${reason}`;
}

/** What writes without any client, so that a source that has to be quiet never is. @throws RavenError */
async function checkWriters({ database, record }: Side): Promise<Check[]> {
  const writers = selfWriters(record ?? {}, await incomingReplication(database));
  if (writers.length === 0) return [];
  const message =
    `${writers.join(', ')}: the source is written to by itself, and the cutover waits in vain until it is quiet. ` +
    'Switch that off before the cutover.';
  return [warning('what writes by itself', message)];
}

async function whyNoFence(source: Side): Promise<string | undefined> {
  return (await whyNotClosed(source)) ?? whyNotFenced((source.record ?? {}) as Fenceable);
}

async function whyNoRollBack(input: MigrateDatabaseConfig, target: Side): Promise<string | undefined> {
  return whyNoWayBack(input, target.record) ?? (await whyNotClosed(target));
}

/** What a certificate or a server has against it; undefined when nothing. */
async function whyNotClosed({ database, record }: Side): Promise<string | undefined> {
  if (!isOperator(await whoAmI(database.connection)))
    return 'the certificate lacks the clearance Operator, which it takes to close a database.';
  const script = record && (await serverSettings(database)).find((key) => SCRIPT.test(key));
  return (
    script && `its server runs a program for each folder ("${script}"), which may put a part of it elsewhere.`
  );
}

/** Why a roll-back could not fence the target. @param record of a target that exists already */
export function whyNoWayBack(
  { target }: Pick<MigrateDatabaseConfig, 'target'>,
  record: DatabaseRecord | undefined,
): string | undefined {
  const shards = Object.values(record?.Sharding?.Shards ?? {});
  const copies = Math.max(target.replicationFactor, ...shards.map(({ Members = [] }) => Members.length));
  return copies > 1
    ? 'its shards are on several nodes each, and another one may hold writes that ours lacks.'
    : record && whyNotFenced({ ...(record as Fenceable), Topology: {} });
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
  // the server itself gives them to every database, to the other name of a fenced one, too
  const task = [...PeriodicBackups, ...ExternalReplications].find(({ Name = '' }) =>
    Name.startsWith(SERVER_WIDE),
  );
  return task && `the server-wide task "${task.Name}" would run on its other name, too.`;
}
