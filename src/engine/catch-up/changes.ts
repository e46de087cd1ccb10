/** How changes on the source reach the target: by our own deltas, or by RavenDB's replication. */

import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { type Position, sameClusterItems } from '../../core/copy/position.ts';
import type { Transfer } from '../../core/copy/transfer.ts';
import { syncClusterItems } from '../database-wide/cluster-items.ts';
import { syncIndexes } from '../database-wide/indexes.ts';
import { awaitReplication, ensureReplication } from '../replication/replication-task.ts';
import { assertSameStorage, assertTombstonesKept } from '../transfer/position.ts';
import { openPair, type Work } from '../work/work.ts';
import { applyDelta } from './delta-round.ts';

/** One way of applying changes. */
interface Changes {
  /** Prepares the time in which the target is kept in step. */
  begin(work: Work, transfer: Transfer): Promise<unknown>;
  /** Applies everything that changed up to a position. */
  apply(work: Work, transfer: Transfer, to: Position): Promise<void>;
}

const deltas: Changes = {
  begin: () => Promise.resolve(),
  apply: async (work, transfer) => {
    const source = work.database(transfer.source);
    await assertSameStorage(source, transfer.from);
    await assertTombstonesKept(source, work.workflowId);
    await applyDelta(work, transfer);
  },
};

const replication: Changes = {
  begin: ensureReplication,
  apply: async (work, transfer, to) => {
    await awaitReplication(work, transfer, to);
    if (sameClusterItems(to, transfer.from)) return;
    await syncClusterItems(openPair(work, transfer), transfer.target.allowExistingData);
  },
};

/** The way that fits a migration's method. */
export function changesOf({ method }: Pick<MigrateDatabaseConfig, 'method'>): Changes {
  return method === 'replication' ? replication : deltas;
}

/**
 * Applies everything that changed between two positions: items in the way of the method, indexes by comparing both
 * sides.
 * @throws RavenError for good when the delta may lack something
 */
export async function applyChanges(work: Work, transfer: Transfer, to: Position): Promise<void> {
  await changesOf(transfer).apply(work, transfer, to);
  if (to.raftIndex === transfer.from.raftIndex) return;
  work.report({
    notCarried: await syncIndexes(openPair(work, transfer), transfer.target.allowExistingData),
  });
}
