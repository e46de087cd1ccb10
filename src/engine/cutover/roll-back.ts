/**
 * Taking a cutover back: the sharded database is fenced as the source was, the rest of its changes flows into the old one, and
 * the old one opens. Its name is closed until then, so what belongs to the cluster waits on a carrier: a small database of
 * its own, which also holds the note that decides between undoing and switching.
 */
import type { DatabaseRef, Pair } from '../../core/contract/contract.ts';
import type { ClusterMark } from '../../core/copy/position.ts';
import type { FenceOrder, FencePlan } from '../../core/cutover/fence.ts';
import type { FlowedBack } from '../../core/cutover/flow-back.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { createPlainDatabase, databaseRecord, deleteDatabase } from '../../ravendb/requests/databases.ts';
import { clusterMark } from '../../ravendb/requests/statistics.ts';
import { differingKeys, lowerIdentities, syncClusterItems } from '../database-wide/cluster-items.ts';
import { openPair, type Work } from '../work/work.ts';
import { assertClosed, closeBehindFence, lockFenced, lowerFence, markOf, planFence } from './fence.ts';
import { noteRaised, noteSwitched } from './fence-note.ts';
import { type FlowBackInput, type FlowedBackResult, flowBack } from './flow-back.ts';

/** What is known right before the sharded database is fenced. */
export interface RollBackPrepared {
  order: FenceOrder & { old: FencePlan };
  position: ClusterMark;
}

/** What to roll back. */
export interface RollBackInput extends Pick<FenceOrder, 'firstRunId' | 'attempt'> {
  /** The fence around the old database. */
  old: FencePlan;
  /** The sharded database. */
  target: DatabaseRef;
}

/** The carrier of an old database, which is there while a roll-back goes on. */
export function carrierOf({ connection, database }: DatabaseRef): DatabaseRef {
  return { connection, database: `${database}-shardlift-carrier-${markOf(database)}` };
}

/** Plans the fence, notes it, and brings what belongs to the cluster to the carrier. The sharded database serves. */
export async function prepareRollBack(
  work: Work,
  { old, target: { connection, database }, firstRunId, attempt }: RollBackInput,
): Promise<RollBackPrepared> {
  const target = { connection, database };
  const carrier = carrierOf(old);
  if (!(await databaseRecord(work.database(carrier)))) await createPlainDatabase(work.database(carrier));
  const order = { plan: await planFence(work, target), target: carrier, firstRunId, attempt, old };
  const plan = await noteRaised(work, order);
  // a lock moves the record, so it must be there before the record is looked at
  await lockFenced(work, plan);
  const position = await carryClusterItems(work, { source: target, target: carrier });
  return { order: { ...order, plan }, position };
}

/** @returns where they stood before that: what has moved since is carried right before the database is closed. @throws RavenError */
async function carryClusterItems(work: Work, refs: Pair<DatabaseRef>): Promise<ClusterMark> {
  const databases = openPair(work, refs);
  const mark = await clusterMark(databases.source);
  await syncClusterItems(databases, false);
  return mark;
}

async function assertSameClusterItems(databases: Pair<Database>): Promise<void> {
  const [lower] = await lowerIdentities(databases);
  for await (const { key } of differingKeys(databases)) throw notCarried(`compare exchange "${key}"`);
  if (lower) throw notCarried(`identity "${lower.name}"`);
}

function notCarried(what: string): RavenError {
  return new RavenError(`The ${what} has not arrived yet.`, { kind: 'NotCarried', retryable: true });
}

/** What is left to flow back. */
export interface Drained
  extends FlowedBack,
    Pick<RollBackPrepared, 'order'>,
    Pick<FlowBackInput, 'skipped'> {}

/** Carries the rest, from storages behind the fence, and compares it. @throws RavenError */
export async function drainBack(
  work: Work,
  { order, storages, differing, skipped }: Drained,
): Promise<FlowedBackResult> {
  const aliases = new Map(order.plan.storages.map(({ database, alias }) => [database, alias]));
  const fenced = storages.map((storage) => ({
    ...storage,
    database: aliases.get(storage.database) ?? storage.database,
  }));
  return await flowBack(work, {
    plan: order.old,
    storages: fenced,
    differing,
    readers: fenced,
    until: 'equal',
    ...(skipped && { skipped }),
  });
}

/** The moment from which on the old database is to serve. @throws RavenError that is not retryable when the fence was undone */
export async function switchBack(work: Work, order: FenceOrder): Promise<void> {
  await noteSwitched(work, order, async () => {
    await assertClosed(work, order.plan, { retryable: false });
    return [];
  });
}

/** Opens the old database with what belongs to the cluster. From the switch on there is no other way. @throws RavenError */
export async function finishRollBack(work: Work, { old, target: carrier }: FenceOrder): Promise<void> {
  if (!old) return;
  await lowerFence(work, old);
  const databases = openPair(work, { source: carrier, target: old });
  await syncClusterItems(databases, false);
  await assertSameClusterItems(databases);
}

/** Leaves the sharded database closed, and removes the carrier. May be repeated. @throws RavenError */
export async function endRollBack(work: Work, { plan, target: carrier }: FenceOrder): Promise<void> {
  await closeBehindFence(work, plan);
  await deleteDatabase(work.database(carrier));
}

/** Removes the carrier of a roll-back that was undone. @throws RavenError */
export async function removeCarrier(work: Work, old: DatabaseRef): Promise<void> {
  await deleteDatabase(work.database(carrierOf(old)));
}
