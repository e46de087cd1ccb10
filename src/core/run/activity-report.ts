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
  /** What runs on the source and keeps it from being frozen. */
  hindrances?: readonly string[];
  /** Where the target stands now. */
  position?: Position;
  replication?: ReplicationHealth;
  /** How many documents of the old database differ from those of the sharded one, which serves. */
  differingBack?: number;
  /** What will not be on the target, and what to do about it. */
  notCarried?: string[];
  /** Items that RavenDB refuses. */
  refused?: readonly RefusedItem[];
}

/**
 * How long to wait until the next report of an activity that has run for some time. Each report adds a few events to
 * the history, so they get rarer: an activity of an hour makes about 100, a week of waiting about 1,100.
 * @param goesOn whether the activity can go on where it stood. A long history cancels one that cannot, and its work is lost:
 * so its reports get ever rarer, and a month of them fits into one history
 */
export function reportIntervalMs(
  runningMs: number,
  goesOn: boolean,
  { reportMs, reportAtMostMs }: Tuning['activity'],
): number {
  const interval = Math.min(reportAtMostMs, Math.max(reportMs, runningMs / 20));
  return goesOn ? interval : Math.max(interval, runningMs / 50);
}
