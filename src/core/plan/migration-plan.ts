/** What a plan says, besides its checks, before a migration begins. */

import type { ChosenFreeze } from '../contract/contract.ts';
import { capitalized, formatCount, formatSeconds } from '../text/format.ts';
import type { Check } from './check.ts';
import type { Estimate, Range } from './estimate.ts';
import type { Forecast, ShareForecast } from './forecast.ts';
import type { Step } from './steps.ts';

/** The answer to "what would happen?". */
export interface MigrationPlan {
  /** Whether no check blocks the migration. */
  possible: boolean;
  /** What a migration will do, in order. */
  steps: Step[];
  /** What it will not do. */
  notDone: string[];
  /** Where the documents will be; null if that is unknown. */
  forecast: Forecast | null;
  /** How long it may take; null if nothing was measured. */
  estimate: Estimate | null;
  /** How reliable the estimate is, or why there is none. */
  estimateNote: string;
}

/** A plan with its checks. */
export interface PlannedMigration extends MigrationPlan {
  checks: Check[];
  /** What will be missing on the target, and what to do about it. */
  notCarried: string[];
}

/** The plan in a few lines, for the page that Temporal's UI shows. */
export function planFindings(
  { possible, forecast, estimate }: MigrationPlan,
  checks: readonly Check[],
): string[] {
  const named = (wanted: Check['status']) =>
    checks
      .filter(({ status }) => status === wanted)
      .map(({ name, message }) => `${capitalized(wanted)}: ${name}: ${message}`);
  return [
    possible ? 'A migration is possible.' : 'A migration is not possible yet.',
    ...named('blocker'),
    ...named('warning'),
    ...(forecast
      ? [
          `Shards: ${forecast.shards.map(({ shard, documents }) => `${shard} gets ${formatCount(documents)}`).join(', ')} documents; ` +
            `the largest holds ${forecast.skew.toFixed(2)} times the mean.`,
        ]
      : []),
    ...(estimate
      ? [
          `Estimate: the copy takes ${describeRange(estimate.copySeconds)}, a verification ${describeRange(estimate.verificationSeconds)}.`,
        ]
      : []),
  ];
}

/** A range of seconds, for people. */
export function describeRange({ from, to }: Range): string {
  const most = formatSeconds(Math.round(to));
  return Math.round(from) === 0 ? `up to ${most}` : `${formatSeconds(Math.round(from))} to ${most}`;
}

/** Whether no check is a blocker. */
export function isPossible(checks: readonly Check[]): boolean {
  return checks.every(({ status }) => status !== 'blocker');
}

/** What the plan found; a blocker among the checks ends the migration. */
export interface Plan {
  checks: Check[];
  /** What will not be on the target, and what to do about it. */
  notCarried: string[];
  /** Whether the target is there already. */
  targetExists: boolean;
  /** Whether this run goes on with what an earlier run of its workflow has left on the target. */
  resumes?: boolean;
  /** Whether the target's server has another version, so that it may refuse what the source has. */
  isOtherVersion?: boolean;
  /** How writers are kept out; absent where the input says so. */
  chosen?: ChosenFreeze;
  /** Whether the documents of the source can be read, and the shards of the target are known. */
  readable?: boolean;
  /** Where a sample of the documents will be; absent where the target holds others, and for a plan without a migration. */
  shares?: ShareForecast;
}
