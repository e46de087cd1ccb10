import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import { type MigrateDatabaseConfig, parseMigrateDatabase } from '../core/contract/contract.ts';
import { blocker, type Check } from '../core/plan/check.ts';
import { catchUpCheck, estimate, type Sampling, type SourceForecast } from '../core/plan/estimate.ts';
import {
  isPossible,
  type MigrationPlan,
  type PlannedMigration,
  planFindings,
} from '../core/plan/migration-plan.ts';
import { migrationSteps, notDone } from '../core/plan/steps.ts';
import type { PlanResult } from '../core/run/results.ts';
import { backupImporter, lastEtagOf, notOfSource } from './copy/copy-by-backup.ts';
import { bulk, closing, planning, trying } from './run/activity-proxies.ts';
import { rootCause } from './run/failure.ts';
import { Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';

/**
 * Says what `migrateDatabase` would find, do and take, without doing it. The argument is the one of `migrateDatabase`.
 * Source and target stay as they are; a sample is copied into a database of its own, which is deleted again.
 */
export async function planMigration(argument: unknown): Promise<PlanResult> {
  const input = valid(parseMigrateDatabase(argument));
  const source = input.source;
  const target = { connection: input.target.connection, database: input.target.database };
  const run = new Run(
    new RunState({
      workflowType: 'planMigration',
      title: `Plan of a migration from ${source.connection}/${source.database} to ${target.connection}/${target.database}`,
      input,
      source,
      target,
      method: input.method,
    }),
  );
  return await run.toTheEnd(() => new Planning(run, input).make());
}

/** What is found out, step by step. */
class Planning {
  readonly #run: Run;
  readonly #input: MigrateDatabaseConfig;
  #checks: Check[] = [];
  /** What was found of the files of the method `backup`, a line each. */
  #files: string[] = [];
  #plan: MigrationPlan;

  constructor(run: Run, input: MigrateDatabaseConfig) {
    this.#run = run;
    this.#input = input;
    this.#plan = {
      possible: true,
      steps: [],
      notDone: notDone(input),
      forecast: null,
      estimate: null,
      estimateNote: 'Nothing was measured, because something blocks the migration.',
    };
  }

  async make(): Promise<PlannedMigration> {
    const { state } = this.#run;
    const input = this.#input;
    const planned = await this.#run.step(() => planning.plan(input));
    const { checks, notCarried, targetExists, readable } = planned;
    state.leftOut(notCarried);
    this.#found(checks, { steps: migrationSteps(input, targetExists) });
    if (this.#plan.possible && input.method === 'backup') await this.#inspectBackup();
    if (readable) {
      state.enter('forecasting');
      const seen = await this.#run.step(() => bulk.forecastShards(input));
      this.#found(seen.checks, { forecast: seen.forecast });
      if (this.#plan.possible) await this.#estimate(seen);
    }
    return { ...this.#plan, checks: this.#checks, notCarried };
  }

  async #inspectBackup(): Promise<void> {
    const { source } = this.#input;
    const inspected = await backupImporter(this.#run, this.#input).inspect();
    this.#files = inspected.findings;
    this.#found(inspected.checks);
    const { databaseId } = await this.#run.step(() => bulk.readPosition(source));
    if (lastEtagOf(inspected.files, databaseId) > 0) return;
    this.#found([blocker('backup files', notOfSource(source.database))]);
  }

  async #estimate(seen: SourceForecast): Promise<void> {
    const { method, maxItemsPerSecond } = this.#input;
    const none = (estimateNote: string) => this.#found([], { estimateNote });
    if (method === 'replication')
      return none('RavenDB itself replicates, at a speed that a sample does not tell.');
    if (seen.forecast.documents === 0) return none('The source is empty: there was nothing to measure.');
    this.#run.state.enter('sampling');
    const sampling = await this.#sample();
    if ('refused' in sampling)
      return none(`Nothing was measured on the target's server: ${sampling.refused}`);
    const measured = estimate(sampling.sample, { ...seen, maxItemsPerSecond });
    this.#found([catchUpCheck(seen.changesPerSecond, measured)], {
      estimate: measured,
      estimateNote:
        'From a sample that was copied into a database of its own on the target server and deleted again, with one worker, ' +
        'under the load of that moment. Several workers share a copy; a higher load makes it slower.' +
        (method === 'stream' ? '' : ` The method "${method}" also has to write or read a file.`),
    });
  }

  /** A plan without an estimate is still a plan. */
  async #sample(): Promise<Sampling> {
    const { target } = this.#input;
    this.#run.atEnd('A database "shardlift-sample-..." is left on the target server', () =>
      closing.removeSample(target),
    );
    try {
      return await this.#run.step(() => trying.copySample(this.#input));
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return { refused: rootCause(error) };
    }
  }

  #found(checks: readonly Check[], more: Partial<MigrationPlan> = {}): void {
    const { state } = this.#run;
    this.#checks = [...this.#checks, ...checks];
    state.planned(checks);
    this.#plan = { ...this.#plan, ...more, possible: isPossible(this.#checks) };
    state.settled({ plan: this.#plan });
    state.found([...planFindings(this.#plan, this.#checks), ...this.#files]);
  }
}
