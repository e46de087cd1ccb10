/** What a run knows, as plain data: it goes along when the run goes on as a new one. */
import type { RepairDryRun, UncheckedRepair } from '../../core/compare/repair.ts';
import type { Repair } from '../../core/compare/verification.ts';
import type { RehearsalRequest } from '../../core/contract/contract.ts';
import type { GivenApproval } from '../../core/cutover/approval-rules.ts';
import type { Check } from '../../core/plan/check.ts';
import type { SavedPieces } from '../../core/run/piece-progress.ts';
import type { RunProgress, Signed } from '../../core/run/progress.ts';
import type { RunReport } from '../../core/run/report.ts';
import type { GrowingSeries } from '../../core/run/series.ts';

/** What is known of a run when it begins. */
export type Beginning = Pick<RunProgress, 'workflowType' | 'title'> &
  Partial<RunProgress> & { input: unknown };

/** Parts of a report that only some workflow types have; they are set as they become known. */
export type Results = Partial<
  Pick<
    RunReport,
    | 'items'
    | 'settings'
    | 'plan'
    | 'shares'
    | 'shards'
    | 'shardBytes'
    | 'mismatches'
    | 'differences'
    | 'lateWrites'
    | 'leftToDo'
  >
>;

/** What somebody should look at, by what it is about: each goes when its reason is gone. */
export type Subject =
  | 'end'
  | 'differences'
  | 'refused'
  | 'thaw'
  | 'approval'
  | 'host'
  | 'leftover'
  | 'way back'
  | 'hook'
  | 'late writes'
  | `attempts of ${string}`;

/** What a run knows beside its progress, as plain data. */
export interface Kept {
  startedAt: string;
  timings: RunReport['timings'];
  notes: RunReport['notes'];
  verifications: RunReport['verifications'];
  repairs: Repair[];
  omitted: NonNullable<RunReport['omitted']>;
  checks: Check[];
  results: Results;
  repairAsked: Signed | null;
  dryRunAsked?: Signed | null;
  /** A repair after which the next comparison is to say what is left. */
  repairing?: UncheckedRepair | null;
  dryRuns?: RepairDryRun[];
  /** Approvals of the cutover that hold, given by different people. */
  approvals?: GivenApproval[];
  rehearsalAsked?: Signed<RehearsalRequest> | null;
  completeAsked?: Signed | null;
  rollBackAsked?: Signed | null;
  downtimeSeconds?: number | null;
  rejection: Signed | null;
  failure: string | null;
  attention: Partial<Record<Subject, string>>;
  nextPiece: number;
  series?: GrowingSeries;
}

/** Of a run that begins. @param since ISO time */
export function nothingKept(since: string): Kept {
  return {
    startedAt: since,
    timings: [{ phase: 'planning', startedAt: since, seconds: 0 }],
    notes: [],
    verifications: [],
    repairs: [],
    omitted: {},
    checks: [],
    results: {},
    repairAsked: null,
    rejection: null,
    failure: null,
    attention: {},
    nextPiece: 0,
  };
}

/** All that a run knows, as the run gets it that goes on with it. */
export interface SavedState {
  progress: RunProgress;
  kept: Kept;
  /** What is not carried, by what a line is about. */
  notCarried: [string, string][];
  pieces: SavedPieces | null;
}
