/** The report that a migration leaves behind. */

import type { Repair, Verification } from '../compare/verification.ts';
import type { Decision, MigrateDatabaseConfig } from '../contract/contract.ts';
import type { FinalPhase, Phase, WorkingPhase } from '../contract/phases.ts';
import type { Position } from '../copy/position.ts';
import type { Check } from '../plan/check.ts';
import type { SettingOutcome } from '../settings/settings.ts';

/** How long a phase took, in the order in which phases were entered; a phase may come again. */
export interface PhaseTiming<P extends string = WorkingPhase> {
  phase: P;
  startedAt: string;
  seconds: number;
}

/** An event that a reader of the report should know of. */
export interface Note {
  at: string;
  phase: string;
  text: string;
}

/** `reports/<workflowId>/report.json`, and the answer of the `report` query. */
export interface Report {
  workflowId: string;
  runId: string;
  phase: Phase;
  startedAt: string;
  endedAt: string | null;
  input: MigrateDatabaseConfig;
  /** Counts on both sides, from the last verification. */
  documents: { source: number; target: number } | null;
  counts: Verification['counts'];
  /** Documents per shard of the target. */
  shards: Record<string, number>;
  mismatches: number | null;
  differences: Verification['differences'];
  verifications: Pick<Verification, 'at' | 'depth' | 'mismatches' | 'lagging' | 'documents'>[];
  repairs: Repair[];
  approval: (Decision & { at: string }) | null;
  rejection: (Decision & { at: string }) | null;
  /** Seconds from the freeze to the end, of the cutover that succeeded. */
  downtimeSeconds: number | null;
  timings: PhaseTiming[];
  checks: Check[];
  /** What RavenDB or we left out, and what to do about it. */
  notCarried: string[];
  /** What became of each setting of the database record; absent before the last step, which carries them. */
  settings?: SettingOutcome[];
  notes: Note[];
  position: Position | null;
  /** Why it did not complete. */
  failure: string | null;
}

/** What `migrateDatabase` returns. */
export interface MigrationResult {
  phase: FinalPhase;
  workflowId: string;
  mismatches: number;
  documents: { source: number; target: number };
  shards: Record<string, number>;
  downtimeSeconds: number;
  reportPath: string;
}
