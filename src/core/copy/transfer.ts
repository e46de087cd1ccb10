/** Inputs and results of the activities that copy. */

import type { MigrateDatabaseConfig } from '../contract/contract.ts';
import type { Position } from './position.ts';
import type { ItemName } from './refused.ts';

/** A transfer between two databases that starts from a position. */
export type Transfer = MigrateDatabaseConfig & {
  from: Position;
  /** Items that a person decided to do without. */
  skipped?: readonly ItemName[] | undefined;
  /** Whether earlier deletions on the source may be missing from every delta. */
  deletionsLost?: boolean | undefined;
};

/** A dump file, and the worker that has it. */
export interface DumpFile {
  /** Task queue of the worker's host. */
  taskQueue: string;
  /** Path on that host. */
  file: string;
  bytes: number;
  /** Items of the source before the export. */
  totalItems: number;
}

/** The import of a dump. */
export interface DumpImport extends Transfer {
  dump: DumpFile;
  /** Items of the dump that are on the target already. */
  itemsDone?: number;
}

/** The result of importing a dump. */
export interface ImportedDump {
  /** Items of the dump that were on the target when the workflow canceled the import; absent when all are. */
  stoppedAt?: number;
}

/**
 * When to stop: `carried` after one round, of items only; `close` when rounds have become short, or do not become
 * shorter; `equal` when source and target are at the same position; `canceled` when the workflow cancels it: then the
 * position reached is the result, not an error.
 */
export type CatchUp = Transfer & { until: 'carried' | 'close' | 'equal' | 'canceled' };

/**
 * Whether we may delete on the target what the source does not have. What RavenDB replicates bears the source's change
 * vectors, and a deletion on the target would be newer than what is still to come.
 */
export function deletesOnTarget({ method }: Pick<MigrateDatabaseConfig, 'method'>): boolean {
  return method !== 'replication';
}
