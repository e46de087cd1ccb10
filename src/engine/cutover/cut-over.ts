/**
 * A cutover behind a fence, step by step. Until the fence is raised the source serves as before. From then on only what has
 * changed in the last moment remains to be carried and compared, through the name that nobody else knows.
 */
import type { ComparedStorage } from '../../core/compare/comparison.ts';
import type { Difference, Verification } from '../../core/compare/verification.ts';
import type { DatabaseRef } from '../../core/contract/contract.ts';
import type { ClusterMark, Position } from '../../core/copy/position.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import type { FenceOrder, FencePlan } from '../../core/cutover/fence.ts';
import type { FlowedStorage } from '../../core/cutover/flow-back.ts';
import { RavenError } from '../../ravendb/connection/errors.ts';
import { readPosition, storagesOf } from '../../ravendb/requests/statistics.ts';
import { applyDelta } from '../catch-up/delta-round.ts';
import { writtenCollections } from '../compare/count-databases.ts';
import { withoutSkipped } from '../compare/skipped-items.ts';
import { markCutOver } from '../prepare/claim.ts';
import { assertSameStorage, changesBetween } from '../transfer/position.ts';
import { verifyFenced } from '../verify/verify-changes.ts';
import { compareDatabase } from '../verify/verify-migration.ts';
import { findHindrances } from '../work/hindrances.ts';
import { openPair, type Work } from '../work/work.ts';
import { settleCluster } from './cluster-mark.ts';
import { assertClosed, closeBehindFence, lockFenced, lowerFence, planFence, raiseFence } from './fence.ts';
import { noteRaised, noteSwitched, noteUndone } from './fence-note.ts';
import { assertReady } from './gate.ts';
import { finishRollBack } from './roll-back.ts';

/** What is known right before a fence is raised. */
export interface FencePrepared {
  plan: FencePlan;
  position: Position;
  /** How compare exchange, identities and indexes differ: behind the fence they cannot be compared any more. */
  differences: Difference[];
  /** Collections that indexes of the source write. */
  writtenByIndexes: string[];
  /** What keeps the source from being frozen after all, a sentence each. */
  hindrances?: string[];
}

/**
 * Plans the fence, notes it and locks the source against deletion; then brings what belongs to the database as a whole in
 * step, and compares it. The source serves.
 * @throws RavenError; of the type `NotReady` when the source must not be frozen now
 */
export async function prepareFence(
  work: Work,
  transfer: Transfer & Pick<FenceOrder, 'firstRunId' | 'attempt'>,
): Promise<FencePrepared> {
  const { source, target, firstRunId, attempt } = transfer;
  await assertReady(work, source);
  const order = { plan: await planFence(work, source), target, firstRunId, attempt };
  const plan = await noteRaised(work, order);
  // a lock moves the record, so it must be there before the record is looked at
  await lockFenced(work, plan);
  const { compared, position, differences } = await compareDatabase(work, transfer);
  if (!compared) {
    throw new RavenError('Compare exchange, identities or indexes of the source change all the time.', {
      kind: 'ClusterItemsMoving',
      retryable: true,
    });
  }
  const lag = changesBetween(position, await readPosition(work.database(source)));
  return {
    plan,
    position,
    differences: withoutSkipped(differences, transfer.skipped),
    writtenByIndexes: await writtenCollections(work.database(source)),
    hindrances: await findHindrances(work, source, lag),
  };
}

/**
 * Raises the fence of an attempt.
 * @returns the last etag of the source
 * @throws RavenError; of the type `ClusterItemsMoved` when something has moved that cannot be read behind a fence
 */
export async function fenceSource(
  work: Work,
  order: FenceOrder & { position: ClusterMark; allowExistingData?: boolean },
): Promise<number> {
  // before the log is looked at: this is in it
  await noteRaised(work, order);
  const cluster = await settleCluster(work, openPair(work, { source: order.plan, target: order.target }), {
    mark: order.position,
    allowExistingData: order.allowExistingData ?? false,
  });
  const [lastEtag = 0] = await raiseFence(work, order.plan);
  await cluster.assertStill();
  try {
    // whoever was halted on the way finds out that it was too late
    await noteRaised(work, order);
  } catch (error) {
    await lowerFence(work, order.plan);
    throw error;
  }
  return lastEtag;
}

/** A transfer whose source is behind a fence. */
export interface FencedTransfer extends Transfer {
  plan: FencePlan;
  /** The last etag of the source. */
  lastEtag: number;
}

/** Carries what has changed until the fence was raised. @returns where both sides stand. @throws RavenError */
export async function drainFenced(work: Work, input: FencedTransfer): Promise<Position> {
  const { plan, lastEtag, from } = input;
  if (lastEtag > from.etag) {
    const source = aliased(plan);
    await assertSameStorage(work.database(source), from);
    await applyDelta(work, { ...input, source });
  }
  return { ...from, etag: Math.max(from.etag, lastEtag) };
}

/** What to compare behind a fence. */
export interface FencedComparison extends FencedTransfer {
  /** What a full comparison has seen, and when its reading began (ISO time). */
  storages: readonly ComparedStorage[];
  since: string;
  /** Differences that it found, and that somebody has accepted. */
  accepted: readonly Difference[];
  /** Those of {@link FencePrepared}. */
  clusterDifferences: readonly Difference[];
  writtenByIndexes: readonly string[];
}

/** Compares all that has changed on either side since the last full comparison. @throws RavenError */
export async function verifyBehindFence(work: Work, input: FencedComparison): Promise<Verification> {
  const source = aliased(input.plan);
  const storages = input.storages.map((storage) =>
    storage.side === 'source' ? { ...storage, database: source.database } : storage,
  );
  return await verifyFenced(work, { ...input, source, storages });
}

/**
 * The moment from which on the target serves.
 * @returns where it stands: what changes there from now on is newer than the source
 * @throws RavenError that is not retryable when the fence was undone
 */
export async function switchOver(work: Work, order: FenceOrder): Promise<readonly FlowedStorage[]> {
  const then = await noteSwitched(work, order, async () => {
    await assertClosed(work, order.plan, { retryable: false });
    const now = await storagesOf(work.database(order.target));
    return now.map(({ connection, database, databaseId, lastEtag }) => ({
      connection,
      database,
      databaseId,
      lastEtag,
      comparedEtag: lastEtag,
    }));
  });
  await markCutOver(work, order);
  return then;
}

/**
 * Undoes a fence, unless it is too late: the other side serves already. A roll-back of which that is true is done to its end.
 * @returns whether the fenced database serves
 */
export async function undoFence(work: Work, order: FenceOrder): Promise<boolean> {
  if (!(await noteUndone(work, order))) {
    if (order.old) await finishRollBack(work, order);
    return false;
  }
  await lowerFence(work, order.plan);
  return true;
}

/** What becomes of the old database after the cutover. */
export async function endFence(
  work: Work,
  { plan, opens }: { plan: FencePlan; opens: boolean },
): Promise<void> {
  await (opens ? lowerFence(work, plan) : closeBehindFence(work, plan));
}

function aliased({ connection, storages }: FencePlan): DatabaseRef {
  const [storage] = storages;
  return { connection, database: storage?.alias ?? '' };
}
