/** Whether the target holds what an earlier run of the same workflow has left, and whether this run may go on with it. */
import type { MigrateDatabaseConfig } from '../../core/contract/contract.ts';
import { blocker, type Check, ok, warning } from '../../core/plan/check.ts';
import type { Database } from '../../ravendb/connection/database.ts';
import { isCopyOf, readClaim } from '../prepare/claim.ts';
import type { Work } from '../work/work.ts';

/** What a migration is planned from. */
export interface PlanInput extends MigrateDatabaseConfig {
  /** The first run of the workflow; absent for a plan without a migration. */
  firstRunId?: string;
}

/** What is known about an earlier run. */
export interface EarlierRun {
  /** Whether this run goes on with what is on the target. */
  resumes: boolean;
  /** Whether it has cut over: applications use what is on the target. */
  serves: boolean;
  checks: Check[];
}

export const NO_EARLIER_RUN: EarlierRun = { resumes: false, serves: false, checks: [] };

const name = 'earlier run';

/**
 * A run that has ended by itself has released its claim: a claim of the same workflow was left by one that was terminated,
 * or by this very run before a reset. @throws RavenError
 */
export async function checkEarlierRun(
  { workflowId }: Work,
  { source, target, resumeEarlierRun, firstRunId }: PlanInput,
  database: Database,
): Promise<EarlierRun> {
  const claim = await readClaim(database);
  if (claim?.workflowId !== workflowId) return NO_EARLIER_RUN;
  const left = `An earlier run of this workflow has written to target.database "${target.database}" since ${claim.since}.`;
  if (claim.cutOverAt !== undefined) {
    const message = `${left} It cut over at ${claim.cutOverAt}: the target serves, and no run goes on with it. Name another target.`;
    return { resumes: false, serves: true, checks: [blocker(name, message)] };
  }
  if (target.allowExistingData || !isCopyOf(claim, source)) return NO_EARLIER_RUN;
  if (resumeEarlierRun || claim.firstRunId === firstRunId) {
    const message = `${left} This run goes on with what is there.`;
    return { resumes: true, serves: false, checks: [ok(name, message)] };
  }
  const message = `${left} With "resumeEarlierRun": true, this run goes on with what is there.`;
  return { resumes: false, serves: false, checks: [warning(name, message)] };
}
