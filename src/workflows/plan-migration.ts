import { ActivityFailure } from '@temporalio/workflow';
import { type MigrateDatabaseConfig, parseMigrateDatabase, withChosen } from '../core/contract/contract.ts';
import type { InspectedFiles } from '../core/files/files.ts';
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
import { mayTry, tried } from './copy/definitions.ts';
import { bulk, planning, trying } from './run/activity-proxies.ts';
import { rootCause, wasCanceled } from './run/failure.ts';
import { type Continued, Run, valid } from './run/run.ts';
import { RunState } from './run/run-state.ts';
import type { Beginning } from './run/saved-state.ts';

/**
 * Says what `migrateDatabase` would find, do and take, without doing it. The argument is the one of `migrateDatabase`.
 * Source and target stay as they are; a sample is copied into a database of its own, which is deleted again.
 */
export async function planMigration(argument: unknown, continued?: Continued<Standing>): Promise<PlanResult> {
  const input = valid(parseMigrateDatabase(argument));
  const source = input.source;
  const target = { connection: input.target.connection, database: input.target.database };
  const beginning: Beginning = {
    workflowType: 'planMigration',
    title: `Plan of a migration from ${source.connection}/${source.database} to ${target.connection}/${target.database}`,
    input,
    source,
    target,
    method: input.method,
  };
  const run = new Run(new RunState(beginning, continued?.state), continued);
  return await run.toTheEnd(() => new Planning(run, input, continued?.runbook).make(argument));
}

/** Where the runbook stands. */
interface Standing {
  /** The part of the runbook to go on with. */
  at: 'plan' | 'definitions' | 'files' | 'owner of files' | 'forecast' | 'estimate';
  checks: Check[];
  notCarried: string[];
  readable: boolean;
  /** The files of the method `backup`. */
  inspected: InspectedFiles | null;
  seen: SourceForecast | null;
  plan: MigrationPlan;
}

/** What is found out, step by step. */
class Planning {
  readonly #run: Run;
  readonly #input: MigrateDatabaseConfig;
  readonly #standing: Standing;

  constructor(run: Run, input: MigrateDatabaseConfig, standing?: Standing) {
    this.#run = run;
    this.#input = input;
    this.#standing = standing ?? {
      at: 'plan',
      checks: [],
      notCarried: [],
      readable: false,
      inspected: null,
      seen: null,
      plan: {
        possible: true,
        steps: [],
        notDone: [],
        forecast: null,
        estimate: null,
        estimateNote: 'Nothing was measured, because something blocks the migration.',
      },
    };
    mayTry(run, input.target);
  }

  async make(argument: unknown): Promise<PlannedMigration> {
    const standing = this.#standing;
    this.#run.mayContinue(argument, () => standing);
    if (standing.at === 'plan') await this.#look();
    if (standing.at === 'definitions') await this.#tryDefinitions();
    if (standing.at === 'files') await this.#inspectBackup();
    if (standing.at === 'owner of files') await this.#checkOwner(standing.inspected);
    if (standing.at === 'forecast' && standing.readable) await this.#forecast();
    if (standing.seen && standing.plan.possible) await this.#estimate(standing.seen);
    const { plan, checks, notCarried } = standing;
    return { ...plan, checks, notCarried };
  }

  async #look(): Promise<void> {
    const input = this.#input;
    const planned = await this.#run.step(() => planning.plan(input));
    const { checks, targetExists, readable, chosen, isOtherVersion } = planned;
    Object.assign(this.#standing, { readable });
    this.#willLack(planned.notCarried);
    const config = withChosen(input, chosen);
    this.#found(checks, { steps: migrationSteps(config, targetExists), notDone: notDone(config) });
    this.#standing.at = isOtherVersion ? 'definitions' : this.#afterDefinitions();
  }

  async #tryDefinitions(): Promise<void> {
    if (this.#standing.plan.possible) {
      const { checks, notCarried } = await tried(this.#run, this.#input);
      this.#willLack(notCarried);
      this.#found(checks);
    }
    this.#standing.at = this.#afterDefinitions();
  }

  #afterDefinitions(): 'files' | 'forecast' {
    return this.#standing.plan.possible && this.#input.method === 'backup' ? 'files' : 'forecast';
  }

  async #inspectBackup(): Promise<void> {
    const inspected = await backupImporter(this.#run, this.#input).inspect();
    this.#standing.inspected = inspected;
    this.#found(inspected.checks);
    this.#standing.at = 'owner of files';
  }

  async #checkOwner(inspected: InspectedFiles | null): Promise<void> {
    const { source } = this.#input;
    const { databaseId } = await this.#run.step(() => bulk.readPosition(source));
    if (lastEtagOf(inspected?.files ?? [], databaseId) === 0)
      this.#found([blocker('backup files', notOfSource(source.database))]);
    this.#standing.at = 'forecast';
  }

  async #forecast(): Promise<void> {
    this.#run.state.enter('forecasting');
    const seen = await this.#run.step(() => bulk.forecastShards(this.#input));
    this.#standing.seen = seen;
    this.#found(seen.checks, { forecast: seen.forecast });
    this.#standing.at = 'estimate';
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
    this.#run.undoAtEnd('sample');
    try {
      return await this.#run.step(() => trying.copySample(this.#input));
    } catch (error) {
      if (wasCanceled(error) || !(error instanceof ActivityFailure)) throw error;
      return { refused: rootCause(error) };
    }
  }

  #willLack(notCarried: readonly string[]): void {
    this.#standing.notCarried = [...this.#standing.notCarried, ...notCarried];
    this.#run.state.leftOut(notCarried);
  }

  #found(checks: readonly Check[], more: Partial<MigrationPlan> = {}): void {
    const { state } = this.#run;
    const standing = this.#standing;
    standing.checks = [...standing.checks, ...checks];
    state.planned(checks);
    standing.plan = { ...standing.plan, ...more, possible: isPossible(standing.checks) };
    state.settled({ plan: standing.plan });
    state.found([...planFindings(standing.plan, standing.checks), ...(standing.inspected?.findings ?? [])]);
  }
}
