/** How an activity reports its progress to its workflow while it runs. */
import type { Tuning } from '../contract/tuning.ts';
import type { PieceProgress } from '../copy/pieces.ts';
import type { Position } from '../copy/position.ts';
import type { RefusedItem } from '../copy/refused.ts';
import type { ReplicationHealth } from '../replication/replication.ts';
import type { Transferred } from './progress.ts';

/** Name of the internal signal. */
export const transferReport = 'reportTransfer';

/** Its payload; absent fields have not changed. */
export interface TransferReport {
  /** The id of the activity that reports. */
  activity?: string;
  /** What it is failing with, again and again; absent when it gets on. */
  failing?: { what: string; attempts: number; reason: string };
  transferred?: Transferred;
  /** Where a piece of the copy stands, by its number. */
  piece?: { number: number; progress: PieceProgress };
  /** Changes on the source that the target lacks, as etags. */
  lag?: number;
  /** Where the target stands now. */
  position?: Position;
  replication?: ReplicationHealth;
  /** What will not be on the target, and what to do about it. */
  notCarried?: string[];
  /** Items that RavenDB refuses. */
  refused?: readonly RefusedItem[];
}

/**
 * How long to wait until the next report of an activity that has run for some time. Each report adds a few events to
 * the history, so they get rarer: an activity of an hour makes about 100, a week of waiting about 1,100.
 */
export function reportIntervalMs(
  runningMs: number,
  { reportMs, reportAtMostMs }: Tuning['activity'],
): number {
  return Math.min(reportAtMostMs, Math.max(reportMs, runningMs / 20));
}
