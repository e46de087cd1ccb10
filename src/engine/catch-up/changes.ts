/** How what changes on the source reaches the target: by deltas of ours, or by RavenDB's own replication. */

import type { Environment, Run } from '../../activities/perform.ts';
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import type { Position } from '../../core/copy/position.ts';
import { syncClusterItems } from '../database-wide/cluster-items.ts';
import { syncIndexes } from '../database-wide/indexes.ts';
import { awaitReplication, ensureReplication } from '../replication/replication-task.ts';
import { assertSameStorage, assertTombstonesKept } from '../transfer/position.ts';
import type { Transfer } from '../transfer/transfer.ts';
import { carryRound } from './delta-round.ts';

/** One way of carrying. */
interface Carrier {
  /** Makes it ready for a time in which it keeps the target in step. */
  begin(run: Run, transfer: Transfer): Promise<unknown>;
  /** Brings everything to the target that changed up to a position. */
  carry(environment: Environment, run: Run, transfer: Transfer, to: Position): Promise<void>;
  /**
   * Whether we may take away ourselves what only the target has. What RavenDB replicates bears the source's change
   * vectors, and a deletion on the target would be newer than what is still to come.
   */
  readonly mayDelete: boolean;
}

const deltas: Carrier = {
  begin: () => Promise.resolve(),
  carry: async (environment, run, transfer) => {
    await assertSameStorage(run, transfer);
    await assertTombstonesKept(run, transfer);
    await carryRound(environment, run, transfer);
  },
  mayDelete: true,
};

const replication: Carrier = {
  begin: ensureReplication,
  carry: async (_environment, run, transfer, to) => {
    await awaitReplication(run, transfer, to);
    if (to.raftIndex !== transfer.from.raftIndex) await syncClusterItems(run, transfer);
  },
  mayDelete: false,
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
export async function carryChanges(
  environment: Environment,
  run: Run,
  transfer: Transfer,
  to: Position,
): Promise<void> {
  await carrierOf(transfer).carry(environment, run, transfer, to);
  if (to.raftIndex !== transfer.from.raftIndex) run.report({ notCarried: await syncIndexes(run, transfer) });
}
