import { workflowInfo } from '@temporalio/workflow';
import type { TrendPoint } from '../../core/compare/trend.ts';
import { describeRepair, type Repair, type Verification } from '../../core/compare/verification.ts';
import { type Decision, requests } from '../../core/contract/contract.ts';
import { isFinal, type JobPhase } from '../../core/contract/phases.ts';
import type { ImportedFiles, InspectedFiles, ItemNumbers } from '../../core/files/files.ts';
import type { Check } from '../../core/plan/check.ts';
import type { MigrationPlan } from '../../core/plan/migration-plan.ts';
import { type JobProgress, type JobReport, jobDetails } from '../../core/run/job.ts';
import type { SettingOutcome } from '../../core/settings/settings.ts';
import { begun, now, RunState, type Signed, signature } from './run-state.ts';

/** State of a plan, an export, an import or a comparison. */
export class JobState extends RunState<JobPhase, JobProgress> {
  readonly #input: unknown;
  #checks: Check[] = [];
  readonly #notCarried: string[] = [];
  #settings: SettingOutcome[] | undefined;
  #items: ItemNumbers = {};
  #mismatches: number | null = null;
  #plan: MigrationPlan | undefined;
  #differences: JobReport['differences'] = [];
  #repairAsked: Signed | null = null;
  readonly #repairs: Repair[] = [];

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
    return this.mutable.phase === 'importing' || this.mutable.phase === 'reading';
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

  verified(verification: Verification): void {
    this.mutable.verification = verification;
    this.#mismatches = verification.mismatches;
    this.#differences = verification.differences;
    this.show();
  }

  /** What the runs before and this one found. */
  follows(trend: TrendPoint[]): void {
    this.mutable.trend = trend;
    this.show();
  }

  /** Who wants what differs to be copied once more; null when nobody does, or it was done. */
  get repairAsked(): Signed | null {
    return this.#repairAsked;
  }

  get repairs(): readonly Repair[] {
    return this.#repairs;
  }

  askRepair(decision: Decision): void {
    this.#repairAsked = { ...decision, at: now() };
    this.note(`Repair asked for by ${signature(decision)}`);
  }

  repaired({ before, after }: Pick<Repair, 'before' | 'after'>): void {
    const { by, note, at } = this.#repairAsked ?? { by: '', note: '', at: now() };
    this.#repairAsked = null;
    this.#repairs.push({ at, by, note, before, after });
    this.note(`Repair: ${describeRepair({ before, after })}`);
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
    const { workflowId, title, phase, findings, verification, trend } = this.mutable;
    return {
      ...verification,
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
      ...(verification && { repairs: this.#repairs }),
      ...(trend && { trend }),
      ...(this.#plan && { plan: this.#plan }),
      notes: this.notes,
      failure: this.failure,
    };
  }

  protected override details(): string {
    return jobDetails(this.mutable);
  }

  protected override waitingFor(): string | null {
    if (this.mutable.phase !== 'awaiting-repair') return null;
    return `Send ${requests.repair} to copy what differs once more; or ${requests.abort} to end without.`;
  }
}
