/** How what changes on the source reaches the target: by deltas of ours, or by RavenDB's own replication. */

import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Position } from '../../core/copy/position.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { syncClusterItems } from '../database-wide/cluster-items.ts';
import { syncIndexes } from '../database-wide/indexes.ts';
import { awaitReplication, ensureReplication } from '../replication/replication-task.ts';
import { assertSameStorage, assertTombstonesKept } from '../transfer/position.ts';
import { openPair, type Work } from '../work/work.ts';
import { carryRound } from './delta-round.ts';

/** One way of carrying. */
interface Carrier {
  /** Makes it ready for a time in which it keeps the target in step. */
  begin(work: Work, transfer: Transfer): Promise<unknown>;
  /** Brings everything to the target that changed up to a position. */
  carry(work: Work, transfer: Transfer, to: Position): Promise<void>;
}

const deltas: Carrier = {
  begin: () => Promise.resolve(),
  carry: async (work, transfer) => {
    const source = work.database(transfer.source);
    await assertSameStorage(source, transfer.from);
    await assertTombstonesKept(source, work.workflowId);
    await carryRound(work, transfer);
  },
};

const replication: Carrier = {
  begin: ensureReplication,
  carry: async (work, transfer, to) => {
    await awaitReplication(work, transfer, to);
    if (to.raftIndex === transfer.from.raftIndex) return;
    await syncClusterItems(openPair(work, transfer), transfer.target.allowExistingData);
  },
};

/** The carrier of a migration's method. */
export function carrierOf({ method }: Pick<MigrateDatabaseConfig, 'method'>): Carrier {
  return method === 'replication' ? replication : deltas;
}

/**
 * Carries everything that changed between two positions: items by the method's carrier, indexes by comparing both
 * sides.
 * @throws RavenError for good when the delta may lack something
 */
export async function carryChanges(work: Work, transfer: Transfer, to: Position): Promise<void> {
  await carrierOf(transfer).carry(work, transfer, to);
  if (to.raftIndex === transfer.from.raftIndex) return;
  work.report({
    notCarried: await syncIndexes(openPair(work, transfer), transfer.target.allowExistingData),
  });
}
