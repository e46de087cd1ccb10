/** The report that every run leaves behind. */

import type { RepairDryRun } from '../compare/repair.ts';
import type { TrendPoint } from '../compare/trend.ts';
import type { Repair, Verification } from '../compare/verification.ts';
import type { ChosenFreeze, Pair, WorkflowType } from '../contract/contract.ts';
import type { Phase, WorkingPhase } from '../contract/phases.ts';
import type { Position } from '../copy/position.ts';
import type { RefusedItem } from '../copy/refused.ts';
import type { LateWrites } from '../cutover/late-writes.ts';
import type { Rehearsal } from '../cutover/rehearsal.ts';
import type { ItemNumbers } from '../files/files.ts';
import type { Check } from '../plan/check.ts';
import type { ShareForecast } from '../plan/forecast.ts';
import type { ToDo } from '../plan/left-to-do.ts';
import type { MigrationPlan } from '../plan/migration-plan.ts';
import type { SettingOutcome } from '../settings/settings.ts';
import type { Signed } from './progress.ts';
import type { Series } from './series.ts';

/** How long a phase took, in the order in which phases were entered; a phase may come again. */
export interface PhaseTiming {
  phase: WorkingPhase;
  startedAt: string;
  seconds: number;
}

/** An event that a reader of the report should know of. */
interface Note {
  at: string;
  phase: Phase;
  text: string;
}

/**
 * `reports/<workflowId>/report.json`, and the answer of the `report` query. What a workflow type does not have is absent;
 * what it has and does not know yet is null or empty.
 */
export interface RunReport<Input = unknown> {
  workflowId: string;
  runId: string;
  workflowType: WorkflowType;
  title: string;
  phase: Phase;
  startedAt: string;
  endedAt: string | null;
  /** With every default filled in. */
  input: Input;
  timings: PhaseTiming[];
  /** How fast it was, and how far the target was behind; absent where nothing was counted. */
  series?: Series;
  checks: Check[];
  findings: readonly string[];
  /** What will not be on the target, and what to do about it. */
  notCarried: string[];
  notes: Note[];
  attention: string | null;
  /** Why it did not complete. */
  failure: string | null;

  /** Documents on both sides, from the last comparison. */
  documents: Pair<number> | null;
  /** Numbers of other kinds on both sides. */
  counts: Verification['counts'];
  /** Documents per shard of the target. */
  shards: Record<string, number>;
  /** Bytes that they take with all that belongs to them, without indexes, as a comparison outside the downtime has seen it. */
  shardBytes?: Record<string, number>;
  /** What part of a migration's documents and bytes each shard was to hold, from a sample before the copy. */
  shares?: ShareForecast;
  mismatches: number | null;
  /** The first items that differ between source, or file, and target. */
  differences: { kind: string; id: string; what: string; shard?: number }[];
  /** Items that the target's server refuses, and who decided to do without them. */
  refused?: readonly RefusedItem[];
  depth?: Verification['depth'];
  lagging?: number;
  sample?: Verification['sample'];
  /** Every comparison of this run. */
  verifications: Pick<Verification, 'at' | 'depth' | 'mismatches' | 'lagging' | 'documents'>[];
  repairs: Repair[];
  /** What dry runs of a repair have found. */
  dryRuns?: readonly RepairDryRun[];
  /** How many entries were left out of the middle of a list, where a long run has more than are kept. */
  omitted?: Partial<Record<'timings' | 'notes' | 'verifications' | 'repairs' | 'dryRuns', number>>;
  trend?: readonly TrendPoint[];

  /** What became of each setting of the database record; absent until the step that carries them. */
  settings?: SettingOutcome[];
  /** Items that were written or imported, by kind. */
  items?: ItemNumbers;
  plan?: MigrationPlan;
  position?: Position | null;

  /** How writers were kept out, or would be. */
  freeze?: ChosenFreeze['freeze'];
  approval?: Signed | null;
  /** All approvals of the cutover, where it took more than one. */
  approvals?: readonly Signed[];
  rejection?: Signed | null;
  rehearsals?: readonly Rehearsal[];
  /** Who ended the time in which the cutover could be rolled back, or rolled it back. */
  completion?: Signed | null;
  rollBack?: Signed | null;
  /** Seconds from the freeze to the end, of the cutover that succeeded. */
  downtimeSeconds?: number | null;
  /** What came to the old database after the switch; absent where nothing did, and where it is closed. */
  lateWrites?: LateWrites;
  /** What remains to be done by hand on the target, which serves; absent before the switch. */
  leftToDo?: readonly ToDo[];
}
