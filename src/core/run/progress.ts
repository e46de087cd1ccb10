/** What a run of any workflow type shows of itself: to the `progress` query, to `watch` and to Temporal's UI alike. */
import type { RepairDryRun } from '../compare/repair.ts';
import type { TrendPoint } from '../compare/trend.ts';
import type { Verification } from '../compare/verification.ts';
import type { ApprovalRules } from '../contract/approval-contract.ts';
import type {
  Approval,
  ChosenFreeze,
  DatabaseRef,
  Decision,
  MigrateDatabaseConfig,
  WorkflowType,
} from '../contract/contract.ts';
import type { Phase, WorkingPhase } from '../contract/phases.ts';
import type { Position } from '../copy/position.ts';
import type { RefusedItem } from '../copy/refused.ts';
import type { Rehearsal } from '../cutover/rehearsal.ts';
import type { ReplicationHealth } from '../replication/replication.ts';

/** How far the work of a phase is. */
export interface Transferred {
  /** The part of the phase that the figures speak of, when it has several. */
  doing?: string;
  /** Items handled so far: documents, revisions, counter groups, time-series segments, ... */
  items: number;
  /** Items expected; absent when unknown. */
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
  /** ISO time since when. */
  since: string;
}

/** A refused signal: nobody was waiting for the answer. */
interface Refusal {
  request: string;
  reason: string;
  at: string;
}

/** A decision, and when it reached the workflow. */
export type Signed<T extends Decision = Decision> = T & { at: string };

/** Who decided, and what they had to say. */
export function signature({ by, note }: Decision): string {
  return `${by || '(unnamed)'}${note && `: ${note}`}`;
}

/**
 * The answer of the `progress` query. What a workflow type does not have is absent; what it has and does not know yet is
 * null.
 */
export interface RunProgress {
  workflowId: string;
  workflowType: WorkflowType;
  /** What the run does, in one line. */
  title: string;
  /** The working phases of this run, in order. */
  phases: readonly WorkingPhase[];
  phase: Phase;
  /** ISO time at which the phase began. */
  since: string;
  paused: boolean;
  transferred: Transferred | null;
  /** The limit of speed; null for none. */
  maxItemsPerSecond: number | null;
  /** What must happen next and by whom; null when nothing is waited for. */
  waitingFor: string | null;
  /** What somebody should look at: a freeze that was undone, a failure, something that was left behind. */
  attention: string | null;
  lastRefusal: Refusal | null;
  /** What was found, a line each. */
  findings: readonly string[];
  source?: DatabaseRef;
  target?: DatabaseRef;
  method?: MigrateDatabaseConfig['method'];
  /** How writers are kept out in the cutover; absent until the plan has said so. */
  freeze?: ChosenFreeze['freeze'];
  /** Where the target stands. */
  position?: Position | null;
  lag?: Lag | null;
  /** How RavenDB's replication task is, where that carries the documents. */
  replication?: ReplicationHealth;
  /** The last comparison. */
  verification?: Verification | null;
  /** What a repair would mend, by the last dry run since the last repair; absent when there was none. */
  dryRun?: RepairDryRun;
  /** Items that the target's server refuses; absent when there are none. */
  refused?: readonly RefusedItem[];
  /** The approval that counts; with rules for more people, the last of theirs. */
  approval?: Signed<Approval> | null;
  /** What an approval takes; absent where anybody may approve at any time. */
  approvalRules?: ApprovalRules;
  /** The approvals so far, where it takes more than one. */
  approvals?: readonly Signed<Approval>[];
  /** ISO time at which the window opens that an approved cutover waits for. */
  cutoverAt?: string;
  /** The digest of what an approval rests on: input, plan, last comparison, skipped items. */
  evidence?: string;
  /** What runs on the source and keeps it from being frozen. */
  hindrances?: readonly string[];
  /** What the cutover still lacks; absent before the first comparison and after the freeze. */
  lacking?: readonly string[];
  /** What rehearsals of the cutover have shown, the latest last; absent when there were none. */
  rehearsals?: readonly Rehearsal[];
  /** ISO time at which the way back closes. */
  observedUntil?: string;
  /** How many documents of the old database differ from those of the target, which serves. */
  differingBack?: number;
  /** The last runs of a schedule, this one included. */
  trend?: readonly TrendPoint[];
}
