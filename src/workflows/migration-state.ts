/** What a running migration knows of itself: the progress that people see, and the material of the report. */
import { ApplicationFailure, log, setCurrentDetails, upsertMemo, workflowInfo } from '@temporalio/workflow';
import { type Decision, type MigrateDatabaseConfig, requests, type Throttle } from '../core/contract.ts';
import { CopyProgress } from '../core/copy-progress.ts';
import { formatCount } from '../core/format.ts';
import { currentDetails } from '../core/markdown.ts';
import type { CopyPlan, PieceProgress } from '../core/pieces.ts';
import { isFinal, isFrozen, type Phase, type Position, type Progress } from '../core/progress.ts';
import type { Check, Note, PhaseTiming, Report } from '../core/report.ts';
import type { SettingOutcome } from '../core/settings.ts';
import type { TransferReport } from '../core/transfer-report.ts';
import { describeVerification, type Verification } from '../core/verification.ts';

type Signed = Decision & { at: string };

/** State of one migration. Every change shows at once in the query, the current details and the memo. */
export class MigrationState {
  readonly #input: MigrateDatabaseConfig;
  readonly #progress: Progress;
  readonly #startedAt = now();
  readonly #timings: PhaseTiming[] = [];
  readonly #notes: Note[] = [];
  readonly #verifications: Report['verifications'] = [];
  readonly #notCarried = new Set<string>();
  #checks: Check[] = [];
  #copy = new CopyProgress(0);
  #settings: SettingOutcome[] | undefined;
  #rejection: Signed | null = null;
  #failure: string | null = null;
  #frozenAt: number | undefined;
  #downtimeSeconds: number | null = null;

  constructor(input: MigrateDatabaseConfig) {
    this.#input = input;
    const { source, target, method } = input;
    this.#progress = {
      workflowId: workflowInfo().workflowId,
      phase: 'planning',
      since: now(),
      paused: false,
      source,
      target: { connection: target.connection, database: target.database },
      method,
      transferred: null,
      maxItemsPerSecond: input.maxItemsPerSecond,
      position: null,
      lag: null,
      verification: null,
      approval: null,
      waitingFor: null,
      attention: null,
      lastRefusal: null,
    };
    this.#timings.push({ phase: 'planning', startedAt: now(), seconds: 0 });
    this.#show();
  }

  get progress(): Readonly<Progress> {
    return this.#progress;
  }

  /** How many verifications in a row, up to the last one, found differences. */
  get failedVerifications(): number {
    const lastGood = this.#verifications.findLastIndex(({ mismatches }) => mismatches === 0);
    return this.#verifications.length - 1 - lastGood;
  }

  get rejection(): Signed | null {
    return this.#rejection;
  }

  /** Moves on to a phase of the runbook, or to an end. */
  enter(phase: Phase): void {
    const from = this.#progress.phase;
    if (from === phase) return;
    this.#closeTiming();
    if (!isFinal(phase)) this.#timings.push({ phase, startedAt: now(), seconds: 0 });
    if (isFrozen(phase)) this.#frozenAt ??= Date.now();
    else if (phase === 'completing')
      this.#downtimeSeconds = (Date.now() - (this.#frozenAt ?? Date.now())) / 1000;
    else this.#frozenAt = undefined;
    const waitingFor = phase === 'awaiting-approval' ? this.#approvalAwaited() : null;
    const paused = this.#progress.paused && !isFinal(phase);
    Object.assign(this.#progress, { phase, since: now(), transferred: null, waitingFor, paused });
    upsertMemo({ phase });
    log.info('Phase', { phase });
    this.#show();
  }

  planned(checks: Check[], notCarried: string[]): void {
    this.#checks = checks;
    this.leftOut(notCarried);
    for (const check of checks) if (check.status === 'warning') this.note(`${check.name}: ${check.message}`);
  }

  leftOut(what: string[]): void {
    for (const each of what) this.#notCarried.add(each);
  }

  /** What a running activity reports of itself. */
  transferred({ transferred, piece, lag, position, notCarried }: TransferReport): void {
    if (transferred) this.#progress.transferred = transferred;
    if (piece) this.copied(piece.number, piece.progress);
    if (position) this.#progress.position = position;
    if (notCarried) this.leftOut(notCarried);
    if (lag !== undefined) this.#progress.lag = { etags: lag, since: now() };
    this.#show();
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
    if (this.#progress.phase === 'copying') this.#progress.transferred = this.#copy.transferred();
    this.#show();
  }

  /** Where the target stands. @throws ApplicationFailure when nothing was read yet */
  position(): Position {
    const { position } = this.#progress;
    if (!position) throw ApplicationFailure.nonRetryable('No position was read before the copy.');
    return position;
  }

  reached(position: Position): void {
    this.#progress.position = position;
    this.#show();
  }

  verified(verification: Verification): void {
    this.#progress.verification = verification;
    const { at, mismatches, lagging, documents } = verification;
    this.#verifications.push({ at, mismatches, lagging, documents });
    if (mismatches > 0)
      this.#progress.attention = `Verification found ${describeVerification(verification)}.`;
    this.#show();
  }

  approve(decision: Decision): void {
    this.#progress.approval = { ...decision, at: now() };
    this.#progress.attention = null;
    this.note(`Cutover approved by ${signature(decision)}`);
  }

  reject(decision: Decision): void {
    this.#rejection = { ...decision, at: now() };
    this.note(`Cutover rejected by ${signature(decision)}`);
  }

  pause(decision: Decision): void {
    this.#progress.paused = true;
    this.#progress.waitingFor = 'Paused: waiting for resume.';
    this.note(`Paused by ${signature(decision)}`);
  }

  throttle(throttle: Throttle): void {
    const { maxItemsPerSecond } = throttle;
    this.#progress.maxItemsPerSecond = maxItemsPerSecond;
    const limit =
      maxItemsPerSecond === null ? 'Limit lifted' : `Limited to ${formatCount(maxItemsPerSecond)} items/s`;
    this.note(`${limit} by ${signature(throttle)}`);
  }

  resume(decision: Decision): void {
    this.#progress.paused = false;
    this.#progress.waitingFor = this.#progress.phase === 'awaiting-approval' ? this.#approvalAwaited() : null;
    this.note(`Resumed by ${signature(decision)}`);
  }

  refuse(request: string, reason: string): void {
    this.#progress.lastRefusal = { request, reason, at: now() };
    this.#show();
  }

  /** The freeze was undone: the source serves again, and another approval is needed. */
  thawed(reason: string): void {
    this.#progress.approval = null;
    this.#progress.attention = `The freeze was undone and the source serves as before: ${reason}`;
    this.note(this.#progress.attention);
  }

  failed(reason: string): void {
    this.#failure = reason;
    this.#progress.attention = reason;
  }

  note(text: string): void {
    this.#notes.push({ at: now(), phase: this.#progress.phase, text });
    this.#show();
  }

  report(): Report {
    const { workflowId, phase, verification, approval, position } = this.#progress;
    const { runId } = workflowInfo();
    return {
      workflowId,
      runId,
      phase,
      startedAt: this.#startedAt,
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
      timings: this.#timings,
      checks: this.#checks,
      notCarried: [...this.#notCarried],
      ...(this.#settings && { settings: this.#settings }),
      notes: this.#notes,
      position,
      failure: this.#failure,
    };
  }

  #approvalAwaited(): string {
    return this.failedVerifications > 0
      ? 'Mend the target: it is compared again from time to time, and at once after a pause and a resume.'
      : `Stop the application, then send ${requests.approve}; or ${requests.reject}.`;
  }

  /** Seconds in each phase so far, the same phase added up. */
  #closeTiming(): void {
    const open = this.#timings.at(-1);
    if (open && !isFinal(this.#progress.phase)) {
      open.seconds = (Date.now() - Date.parse(open.startedAt)) / 1000;
    }
  }

  #show(): void {
    setCurrentDetails(currentDetails(this.#progress));
  }
}

/** Workflow time: the same again in a replay. */
function now(): string {
  return new Date().toISOString();
}

function signature({ by, note }: Decision): string {
  return `${by || 'nobody named'}${note && `: ${note}`}`;
}
