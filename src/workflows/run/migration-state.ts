/** What a running migration knows of itself: the progress that people see, and the material of the report. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import {
  describeRepair,
  describeVerification,
  type Repair,
  type Verification,
} from '../../core/compare/verification.ts';
import { type Decision, type MigrateDatabaseConfig, requests } from '../../core/contract/contract.ts';
import { isFinal, isFrozen, type Phase } from '../../core/contract/phases.ts';
import type { Position } from '../../core/copy/position.ts';
import type { Check } from '../../core/plan/check.ts';
import type { TransferReport } from '../../core/run/activity-report.ts';
import { currentDetails } from '../../core/run/page.ts';
import type { Progress } from '../../core/run/progress.ts';
import type { PhaseTiming, Report } from '../../core/run/report.ts';
import type { SettingOutcome } from '../../core/settings/settings.ts';
import { begun, now, RunState, type Signed, signature } from './run-state.ts';

/** State of one migration. */
export class MigrationState extends RunState<Phase, Progress> {
  readonly #input: MigrateDatabaseConfig;
  readonly #verifications: Report['verifications'] = [];
  readonly #notCarried = new Set<string>();
  #checks: Check[] = [];
  #settings: SettingOutcome[] | undefined;
  #rejection: Signed | null = null;
  #repairAsked: Signed | null = null;
  readonly #repairs: Repair[] = [];
  #frozenAt: number | undefined;
  #downtimeSeconds: number | null = null;

  constructor(input: MigrateDatabaseConfig) {
    const { source, target, method } = input;
    super({
      ...begun<Phase>('planning', input.maxItemsPerSecond),
      source,
      target: { connection: target.connection, database: target.database },
      method,
      position: null,
      lag: null,
      verification: null,
      approval: null,
    });
    this.#input = input;
    this.show();
  }

  override get limited(): boolean {
    return this.mutable.phase === 'copying' || this.mutable.phase === 'verifying';
  }

  /** How many verifications in a row, up to the last one, found differences. */
  get failedVerifications(): number {
    const lastGood = this.#verifications.findLastIndex(({ mismatches }) => mismatches === 0);
    return this.#verifications.length - 1 - lastGood;
  }

  get rejection(): Signed | null {
    return this.#rejection;
  }

  /** Who wants what differs to be copied once more; null when nobody does, or it was done. */
  get repairAsked(): Signed | null {
    return this.#repairAsked;
  }

  override enter(phase: Phase): void {
    if (this.mutable.phase === phase) return;
    if (isFrozen(phase)) this.#frozenAt ??= Date.now();
    else if (phase === 'completing')
      this.#downtimeSeconds = (Date.now() - (this.#frozenAt ?? Date.now())) / 1000;
    else this.#frozenAt = undefined;
    super.enter(phase);
  }

  planned(checks: readonly Check[], notCarried: string[]): void {
    this.#checks = [...this.#checks, ...checks];
    this.leftOut(notCarried);
    for (const check of checks) if (check.status === 'warning') this.note(`${check.name}: ${check.message}`);
  }

  leftOut(what: string[]): void {
    for (const each of what) this.#notCarried.add(each);
  }

  override transferred(report: TransferReport): void {
    const { lag, position, notCarried, replication } = report;
    if (position) this.mutable.position = position;
    if (replication) this.mutable.replication = replication;
    if (notCarried) this.leftOut(notCarried);
    if (lag !== undefined) this.mutable.lag = { etags: lag, since: now() };
    super.transferred(report);
  }

  settled(settings: SettingOutcome[]): void {
    this.#settings = settings;
  }

  /** Where the target stands. @throws ApplicationFailure when nothing was read yet */
  position(): Position {
    const { position } = this.mutable;
    if (!position) throw ApplicationFailure.nonRetryable('No position was read before the copy.');
    return position;
  }

  reached(position: Position): void {
    this.mutable.position = position;
    this.show();
  }

  verified(verification: Verification): void {
    this.mutable.verification = verification;
    const { at, depth, mismatches, lagging, documents } = verification;
    this.#verifications.push({ at, depth, mismatches, lagging, documents });
    if (mismatches > 0) this.mutable.attention = `Verification found ${describeVerification(verification)}.`;
    this.show();
  }

  approve(decision: Decision): void {
    this.mutable.approval = { ...decision, at: now() };
    this.mutable.attention = null;
    this.note(`Cutover approved by ${signature(decision)}`);
  }

  /** What was approved is not what there is now. */
  withdrawApproval(): void {
    this.mutable.approval = null;
    this.note('The approval no longer holds: a comparison after it found differences.');
  }

  reject(decision: Decision): void {
    this.#rejection = { ...decision, at: now() };
    this.note(`Cutover rejected by ${signature(decision)}`);
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

  /** The freeze was undone: the source serves again, and another approval is needed. */
  thawed(reason: string): void {
    this.mutable.approval = null;
    this.mutable.attention = `The freeze was undone and the source serves as before: ${reason}`;
    this.note(this.mutable.attention);
  }

  override report(): Report {
    const { workflowId, phase, verification, approval, position } = this.mutable;
    const { runId } = workflowInfo();
    return {
      workflowId,
      runId,
      phase,
      startedAt: this.startedAt,
      endedAt: isFinal(phase) ? now() : null,
      input: this.#input,
      documents: verification?.documents ?? null,
      counts: verification?.counts ?? {},
      shards: verification?.shards ?? {},
      mismatches: verification?.mismatches ?? null,
      differences: verification?.differences ?? [],
      verifications: this.#verifications,
      repairs: this.#repairs,
      approval,
      rejection: this.#rejection,
      downtimeSeconds: this.#downtimeSeconds,
      timings: this.timings as PhaseTiming[],
      checks: this.#checks,
      notCarried: [...this.#notCarried],
      ...(this.#settings && { settings: this.#settings }),
      notes: this.notes,
      position,
      failure: this.failure,
    };
  }

  protected override details(): string {
    return currentDetails(this.mutable);
  }

  protected override waitingFor(): string | null {
    if (this.mutable.phase !== 'awaiting-approval') return null;
    return this.failedVerifications > 0
      ? `Send ${requests.repair} to copy what differs once more; or mend the target: it is compared again from time to time.`
      : `Stop the application, then send ${requests.approve}; or ${requests.reject}.`;
  }
}
