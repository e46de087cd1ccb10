import { type MigrateDatabaseConfig, type Parsed, withChosen } from '../core/contract/contract.ts';
import { hasRules } from '../core/cutover/approval-rules.ts';
import type { MigrationResult, RehearsalResult } from '../core/run/results.ts';
import { mayTry, tried } from './copy/definitions.ts';
import { beginningOf } from './database-copy.ts';
import {
  type Begun,
  type ContinuedMigration,
  type Joined,
  Migration,
  UNCHANGED,
} from './migration-runbook.ts';
import { planning } from './run/activity-proxies.ts';
import { CutoverState } from './run/cutover-state.ts';
import { claimOn, Run, valid } from './run/run.ts';

export type { ContinuedMigration } from './migration-runbook.ts';

/** The workflow types that are migrations, or a part of one. */
type MigrationType = 'migrateDatabase' | 'replicateDatabase' | 'cutOver' | 'rehearseCutover';

const TITLES: Record<MigrationType, string> = {
  migrateDatabase: 'Migration',
  replicateDatabase: 'Migration',
  cutOver: 'Cutover',
  rehearseCutover: 'Rehearsal of the cutover',
};

/** The run of every workflow type that is a migration. @param continued of the run that this one goes on with */
export async function migrate(
  workflowType: MigrationType,
  argument: unknown,
  parsed: Parsed<MigrateDatabaseConfig>,
  continued: ContinuedMigration | undefined,
): Promise<MigrationResult> {
  const input = valid(parsed);
  const run = begin(workflowType, input, continued);
  return await run.toTheEnd(async () => {
    const migration = await planned(run, input, continued);
    return await migration.toTheCutover(argument);
  });
}

/** The run of `rehearseCutover`. @param within how long the source may be closed */
export async function rehearse(
  argument: unknown,
  parsed: Parsed<{ config: MigrateDatabaseConfig; within: string }>,
  continued: ContinuedMigration | undefined,
): Promise<RehearsalResult> {
  const { config, within } = valid(parsed);
  const run = begin('rehearseCutover', config, continued);
  return await run.toTheEnd(async () => {
    const migration = await planned(run, config, continued);
    return await migration.toARehearsal(argument, within);
  });
}

/** A run whose handlers are there. */
function begin(
  workflowType: MigrationType,
  input: MigrateDatabaseConfig,
  continued: ContinuedMigration | undefined,
): Run<CutoverState> {
  const { method, approval } = input;
  const what = TITLES[workflowType];
  const beginning = {
    ...beginningOf(
      workflowType,
      input,
      (source, target) => `${what} from ${source} to ${target} (${method})`,
    ),
    method,
    ...(hasRules(approval) && { approvalRules: approval }),
  };
  const run = new Run(new CutoverState(beginning, continued?.state), continued);
  mayTry(run, input.target);
  run.control.listenForRepairs(run.state);
  run.control.listenForDecisions(run.state);
  return run;
}

async function planned(
  run: Run<CutoverState>,
  input: MigrateDatabaseConfig,
  continued: ContinuedMigration | undefined,
): Promise<Migration> {
  const begun = continued?.runbook ?? (await plan(run, input));
  const { joins, chosen } = begun;
  const allowExistingData = input.target.allowExistingData || (joins?.shared ?? false);
  const config = withChosen({ ...input, target: { ...input.target, allowExistingData } }, chosen);
  return new Migration(run, config, begun);
}

/** Looks at both sides. Changes nothing. @throws ApplicationFailure with everything that stands against the migration */
async function plan(run: Run<CutoverState>, input: MigrateDatabaseConfig): Promise<Begun> {
  run.leaves = UNCHANGED;
  const joins = copiesNothing(run) ? await readLastSync(run, input) : undefined;
  const { firstRunId } = claimOn(input.target);
  // what fills it has filled it already
  const target = joins ? { ...input.target, allowExistingData: true } : input.target;
  const looked = await run.step(() => planning.plan({ ...input, target, firstRunId }));
  const { checks, notCarried, resumes = false, chosen, isOtherVersion, shares } = looked;
  if (shares) run.state.settled({ shares });
  run.planned(checks, notCarried);
  if (isOtherVersion && !joins) await tryFirst(run, input);
  return { at: 'method', resumes: resumes && !joins, ...(chosen && { chosen }), ...(joins && { joins }) };
}

async function tryFirst(run: Run<CutoverState>, input: MigrateDatabaseConfig): Promise<void> {
  const { checks, notCarried } = await tried(run, input);
  run.planned(checks, notCarried);
}

function copiesNothing(run: Run<CutoverState>): boolean {
  const { workflowType } = run.state.progress;
  return workflowType === 'cutOver' || workflowType === 'rehearseCutover';
}

/** Where `syncDatabase` has brought the target, if that has filled it. */
async function readLastSync(run: Run<CutoverState>, input: MigrateDatabaseConfig): Promise<Joined> {
  const { checks, last, shared } = await run.step(() => planning.readLastSync(input));
  run.planned(checks);
  return { position: last, shared };
}
