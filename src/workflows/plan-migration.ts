import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import { type MigrateDatabaseConfig, parseMigrateDatabase } from '../core/contract/contract.ts';
import { planPhases } from '../core/contract/phases.ts';
import type { Check } from '../core/plan/check.ts';
import type { Sampling, SourceForecast } from '../core/plan/estimate.ts';
import { catchUpCheck, estimate } from '../core/plan/estimate.ts';
import {
  isPossible,
  type MigrationPlan,
  type PlannedMigration,
  planFindings,
} from '../core/plan/migration-plan.ts';
import { migrationSteps, notDone } from '../core/plan/steps.ts';
import { backupImport, lastEtagOf, notOfSource } from './copy/copy-by-backup.ts';
import { withFiles } from './copy/file-importer.ts';
import { bulk, closing, planning, trying } from './run/activity-proxies.ts';
import { valid } from './run/ending.ts';
import { rootCause } from './run/failure.ts';
import { type Job, type JobResult, runJob } from './run/job.ts';
import type { JobState } from './run/job-state.ts';

/** What `planMigration` returns. */
export type PlanResult = JobResult & PlannedMigration;

/**
 * Says what `migrateDatabase` would find, do and take, without doing it. The argument is the one of `migrateDatabase`.
 * Source and target stay as they are; a sample is copied into a database of its own, which is deleted again.
 */
export async function planMigration(argument: unknown): Promise<PlanResult> {
  const input = valid(parseMigrateDatabase(argument));
  const { source, target } = input;
  const title = `Plan of a migration from ${source.connection}/${source.database} to ${target.connection}/${target.database}`;
  const plan = new Planning(input);
  return await runJob(
    input,
    { title, steps: planPhases },
    (job) => plan.run(job),
    () => plan.tidyUp(),
  );
}

/** What is found out, step by step. */
class Planning {
  readonly #input: MigrateDatabaseConfig;
  #checks: Check[] = [];
  /** What was found of the files of the method `backup`, a line each. */
  #files: string[] = [];
  #mayHaveSample = false;
  #state: JobState | undefined;

  constructor(input: MigrateDatabaseConfig) {
    this.#input = input;
  }

  async run(job: Job): Promise<PlannedMigration> {
    const { state, control } = job;
    this.#state = state;
    const input = this.#input;
    const planned = await control.step(() => planning.plan(input));
    const { checks, notCarried, targetExists, readable } = planned;
    this.#found(job, checks);
    state.leftOut(notCarried);
    const found: MigrationPlan = {
      possible: true,
      steps: migrationSteps(input, targetExists),
      notDone: notDone(input),
      forecast: null,
      estimate: null,
      estimateNote: 'Nothing was measured, for something stands in the way of a migration.',
    };
    const tell = (more: Partial<MigrationPlan>) => {
      Object.assign(found, more, { possible: isPossible(this.#checks) });
      state.told(found, [...planFindings(found, this.#checks), ...this.#files]);
    };
    tell({});
    if (found.possible && input.method === 'backup') {
      await this.#inspect(job);
      tell({});
    }
    if (readable) {
      state.enter('forecasting');
      const seen = await control.step(() => bulk.forecastShards(input));
      this.#found(job, seen.checks);
      tell({ forecast: seen.forecast });
      if (found.possible) tell(await this.#estimate(job, seen));
      tell({});
    }
    return { ...found, checks: this.#checks, notCarried };
  }

  /** Deletes the sample, at every end. @returns what a person should know of it */
  async tidyUp(): Promise<string> {
    if (!this.#mayHaveSample) return '';
    try {
      await closing.removeSample(this.#input.target);
      return '';
    } catch (error) {
      const left = `A database "shardlift-sample-..." is left on the target's server: ${rootCause(error)}`;
      this.#state?.note(left);
      return left;
    }
  }

  async #inspect(job: Job): Promise<void> {
    const importer = { ...job, ...backupImport(this.#input) };
    const inspected = await withFiles(importer, (activities) => activities.inspectFiles(importer.job));
    this.#found(job, inspected.checks);
    this.#files = inspected.findings;
    const { source } = this.#input;
    const { databaseId } = await job.control.step(() => planning.readPosition(source));
    if (lastEtagOf(inspected.files, databaseId) > 0) return;
    const message = notOfSource(source.database);
    this.#found(job, [{ name: 'backup files', status: 'blocker', message }]);
  }

  async #estimate(job: Job, seen: SourceForecast): Promise<Partial<MigrationPlan>> {
    const { method, maxItemsPerSecond } = this.#input;
    if (method === 'replication') {
      return { estimateNote: 'RavenDB itself replicates, at a speed that a sample of ours says nothing of.' };
    }
    if (seen.forecast.documents === 0)
      return { estimateNote: 'The source is empty: there was nothing to measure.' };
    job.state.enter('sampling');
    const sampling = await this.#sample(job);
    if ('refused' in sampling)
      return { estimateNote: `Nothing was measured on the target's server: ${sampling.refused}` };
    const measured = estimate(sampling.sample, { ...seen, maxItemsPerSecond });
    this.#found(job, [catchUpCheck(seen.changesPerSecond, measured)]);
    return {
      estimate: measured,
      estimateNote:
        'From a sample that was copied into a database of its own on the target server and deleted again, with one worker and ' +
        'what else the servers did meanwhile. Several workers share a copy; the load of another hour makes it slower.' +
        (method === 'stream'
          ? ''
          : ` By "${method}" there is a file between, whose writing or reading comes on top.`),
    };
  }

  /** A plan without an estimate is still a plan. */
  async #sample({ control }: Job): Promise<Sampling> {
    // before the call: it may take effect and its answer be lost
    this.#mayHaveSample = true;
    try {
      const sampling = await control.step(() => trying.copySample(this.#input));
      if ('refused' in sampling) this.#mayHaveSample = false;
      return sampling;
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return { refused: rootCause(error) };
    }
  }

  #found({ state }: Job, checks: readonly Check[]): void {
    this.#checks = [...this.#checks, ...checks];
    state.planned(checks);
  }
}
