/** What a running migration knows of itself: the progress that people see, and the material of the report. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { type Decision, type MigrateDatabaseConfig, requests } from '../core/contract.ts';
import { CopyProgress } from '../core/copy-progress.ts';
import { currentDetails } from '../core/markdown.ts';
import type { CopyPlan, PieceProgress } from '../core/pieces.ts';
import { isFinal, isFrozen, type Phase, type Position, type Progress } from '../core/progress.ts';
import type { Check, PhaseTiming, Report } from '../core/report.ts';
import type { SettingOutcome } from '../core/settings.ts';
import type { TransferReport } from '../core/transfer-report.ts';
import { describeVerification, type Verification } from '../core/verification.ts';
import { begun, now, RunState, type Signed, signature } from './run-state.ts';

/** State of one migration. */
export class MigrationState extends RunState<Phase, Progress> {
  readonly #input: MigrateDatabaseConfig;
  readonly #verifications: Report['verifications'] = [];
  readonly #notCarried = new Set<string>();
  #checks: Check[] = [];
  #copy = new CopyProgress(0);
  #settings: SettingOutcome[] | undefined;
  #rejection: Signed | null = null;
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
    return this.mutable.phase === 'copying';
  }

  /** How many verifications in a row, up to the last one, found differences. */
  get failedVerifications(): number {
    const lastGood = this.#verifications.findLastIndex(({ mismatches }) => mismatches === 0);
    return this.#verifications.length - 1 - lastGood;
  }

  get rejection(): Signed | null {
    return this.#rejection;
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
    const { piece, lag, position, notCarried, replication } = report;
    if (piece) this.copied(piece.number, piece.progress);
    if (position) this.mutable.position = position;
    if (replication) this.mutable.replication = replication;
    if (notCarried) this.leftOut(notCarried);
    if (lag !== undefined) this.mutable.lag = { etags: lag, since: now() };
    super.transferred(report);
  }

  settled(settings: SettingOutcome[]): void {
    this.#settings = settings;
  }

  /** The copy is cut into pieces: progress is that of all of them together. */
  copyPlanned({ totalItems }: CopyPlan): void {
    this.#copy = new CopyProgress(totalItems);
  }

  /** A stage of the copy begins, or goes on after it stood still. */
  copyResumed(): void {
    this.#copy.restart(Date.now());
  }

  /** Where a piece of the copy stands, undefined when it has not begun. */
  reachedOf(piece: number): PieceProgress | undefined {
    return this.#copy.reached(piece);
  }

  copied(piece: number, progress: PieceProgress): void {
    this.#copy.update(piece, progress, Date.now());
    if (this.mutable.phase === 'copying') this.mutable.transferred = this.#copy.transferred();
    this.show();
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
    const { at, mismatches, lagging, documents } = verification;
    this.#verifications.push({ at, mismatches, lagging, documents });
    if (mismatches > 0) this.mutable.attention = `Verification found ${describeVerification(verification)}.`;
    this.show();
  }

  approve(decision: Decision): void {
    this.mutable.approval = { ...decision, at: now() };
    this.mutable.attention = null;
    this.note(`Cutover approved by ${signature(decision)}`);
  }

  reject(decision: Decision): void {
    this.#rejection = { ...decision, at: now() };
    this.note(`Cutover rejected by ${signature(decision)}`);
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
      ? 'Mend the target: it is compared again from time to time, and at once after a pause and a resume.'
      : `Stop the application, then send ${requests.approve}; or ${requests.reject}.`;
  }
}
