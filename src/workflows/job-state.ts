import { workflowInfo } from '@temporalio/workflow';
import type { ImportedFiles } from '../activities/index.ts';
import type { InspectedFiles, ItemNumbers } from '../core/files.ts';
import { type JobPhase, type JobProgress, type JobReport, jobDetails } from '../core/job.ts';
import type { MigrationPlan } from '../core/migration-plan.ts';
import { isFinal } from '../core/progress.ts';
import type { Check } from '../core/report.ts';
import type { SettingOutcome } from '../core/settings.ts';
import { begun, now, RunState } from './run-state.ts';

/** State of a plan, an export or an import. */
export class JobState extends RunState<JobPhase, JobProgress> {
  readonly #input: unknown;
  #checks: Check[] = [];
  readonly #notCarried: string[] = [];
  #settings: SettingOutcome[] | undefined;
  #items: ItemNumbers = {};
  #mismatches: number | null = null;
  #plan: MigrationPlan | undefined;
  #differences: JobReport['differences'] = [];

  constructor(
    input: unknown,
    {
      title,
      steps,
      maxItemsPerSecond = null,
    }: Pick<JobProgress, 'title' | 'steps'> & { maxItemsPerSecond?: number | null },
  ) {
    super({ ...begun<JobPhase>('planning', maxItemsPerSecond), title, steps, findings: [] });
    this.#input = input;
    this.show();
  }

  override get limited(): boolean {
    return this.mutable.phase === 'importing';
  }

  planned(checks: readonly Check[]): void {
    this.#checks = [...this.#checks, ...checks];
    for (const { status, name, message } of checks)
      if (status === 'warning') this.note(`${name}: ${message}`);
  }

  found({ findings }: Pick<InspectedFiles, 'findings'>): void {
    this.mutable.findings = findings;
    this.show();
  }

  wrote(items: ItemNumbers): void {
    this.#items = items;
  }

  imported({ items, mismatches, differences }: ImportedFiles): void {
    this.#items = items;
    this.#mismatches = mismatches;
    this.#differences = differences;
  }

  /** What a plan has told so far. */
  told(plan: MigrationPlan, findings: string[]): void {
    this.#plan = plan;
    this.found({ findings });
  }

  leftOut(what: readonly string[]): void {
    this.#notCarried.push(...what);
  }

  settled(settings: SettingOutcome[]): void {
    this.#settings = settings;
  }

  override report(): JobReport {
    const { workflowId, title, phase, findings } = this.mutable;
    return {
      workflowId,
      runId: workflowInfo().runId,
      title,
      phase,
      startedAt: this.startedAt,
      endedAt: isFinal(phase) ? now() : null,
      input: this.#input,
      timings: this.timings,
      checks: this.#checks,
      findings,
      items: this.#items,
      notCarried: this.#notCarried,
      ...(this.#settings && { settings: this.#settings }),
      differences: this.#differences,
      mismatches: this.#mismatches,
      ...(this.#plan && { plan: this.#plan }),
      notes: this.notes,
      failure: this.failure,
    };
  }

  protected override details(): string {
    return jobDetails(this.mutable);
  }

  protected override waitingFor(): string | null {
    return null;
  }
}
