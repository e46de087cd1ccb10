/** What a plan says before a migration begins, beside its checks. */
import type { Estimate } from './estimate.ts';
import type { Forecast } from './forecast.ts';
import type { Check } from './report.ts';
import type { Step } from './steps.ts';

/** The answer to "what would happen?". */
export interface MigrationPlan {
  /** Whether nothing stands in the way. */
  possible: boolean;
  /** What a migration will do, in order. */
  steps: Step[];
  /** What it will not do, whatever people hope. */
  notDone: string[];
  /** Where the documents will lie; null when that cannot be told. */
  forecast: Forecast | null;
  /** How long it may take; null when nothing was measured. */
  estimate: Estimate | null;
  /** What the estimate is worth, or why there is none. */
  estimateNote: string;
}

/** A plan with all that was checked for it. */
export interface PlannedMigration extends MigrationPlan {
  checks: Check[];
  /** What will not be on the target, and what to do about it. */
  notCarried: string[];
}

/** Whether nothing among the checks stands in the way. */
export function isPossible(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'blocker');
}
