/** What the activities that copy are given, and what they give back. */

import type { MigrateDatabaseConfig } from '../contract/contract.ts';
import type { Position } from './position.ts';

/** A transfer between two databases that starts from a position. */
export type Transfer = MigrateDatabaseConfig & {
  from: Position;
  /** Whether the source may have deleted something before of which no delta tells. */
  deletionsLost?: boolean | undefined;
};

/** A dump file and the one worker that holds it. */
export interface DumpFile {
  /** Task queue of the worker's host. */
  taskQueue: string;
  /** Path on that host. */
  file: string;
  bytes: number;
  /** Items of the source before the export. */
  totalItems: number;
}

/** A dump on its way into the target. */
export interface DumpImport extends Transfer {
  dump: DumpFile;
  /** Items of the dump that are on the target already. */
  itemsDone?: number;
}

/** How an import ended. */
export interface ImportedDump {
  /** Items of the dump that were on the target when the workflow canceled the import; absent when all are. */
  stoppedAt?: number;
}

/**
 * When to stop: `carried` when what changed since has been carried once, and nothing but items; `close` when rounds have
 * become short, or do not become shorter; `equal` when source and target stand at the same position; `canceled` when
 * the workflow says so: then the position reached is the result, not an error.
 */
export type CatchUp = Transfer & { until: 'carried' | 'close' | 'equal' | 'canceled' };

/**
 * Whether we may delete on the target what the source does not have. What RavenDB replicates bears the source's change
 * vectors, and a deletion on the target would be newer than what is still to come.
 */
export function deletesOnTarget({ method }: Pick<MigrateDatabaseConfig, 'method'>): boolean {
  return method !== 'replication';
}
