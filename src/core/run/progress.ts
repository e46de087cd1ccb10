/** What a migration shows of itself: to the `progress` query, to `watch` and to Temporal's UI alike. */

import type { Verification } from '../compare/verification.ts';
import type { Decision, MigrateDatabaseConfig } from '../contract/contract.ts';
import type { Phase } from '../contract/phases.ts';
import type { Position } from '../copy/position.ts';
import type { ReplicationHealth } from '../replication/replication.ts';

/** How far the work of a phase is. */
export interface Transferred {
  /** The part of the phase that the figures speak of, when it has several. */
  doing?: string;
  /** Items handled so far: documents, revisions, counter groups, time-series segments, ... */
  items: number;
  /** Items expected; absent when nobody knows. */
  totalItems?: number;
  /** Bytes sent so far. */
  bytes?: number;
  /** Estimate of all bytes, from those of the items so far. */
  aboutTotalBytes?: number;
  itemsPerSecond?: number;
  /** Estimate of the seconds to the end. */
  etaSeconds?: number;
  /** Which try of the step this is. */
  attempt?: number;
}

/** How far the target is behind the source. */
export interface Lag {
  /** Changes on the source that the target lacks, as etags. */
  etags: number;
  /** ISO time since which it is so. */
  since: string;
}

/** A request that was refused although nobody was waiting for the answer (signals). */
export interface Refusal {
  request: string;
  reason: string;
  at: string;
}

/** What every workflow shows of itself while it runs. */
export interface RunProgress<P extends string = string> {
  workflowId: string;
  phase: P;
  /** ISO time at which the phase began. */
  since: string;
  paused: boolean;
  transferred: Transferred | null;
  /** The limit of the copy's speed; null when it may be as fast as it can. */
  maxItemsPerSecond: number | null;
  /** What must happen next and by whom; null when nothing is waited for. */
  waitingFor: string | null;
  /** Why the run is not where it was expected to be: a freeze undone, a failure. */
  attention: string | null;
  lastRefusal: Refusal | null;
}

/** The answer of the `progress` query of a migration. */
export interface Progress extends RunProgress<Phase> {
  source: { connection: string; database: string };
  target: { connection: string; database: string };
  method: MigrateDatabaseConfig['method'];
  position: Position | null;
  lag: Lag | null;
  /** How RavenDB's replication task is; only where that carries the documents. */
  replication?: ReplicationHealth;
  verification: Verification | null;
  approval: (Decision & { at: string }) | null;
}
