/** What every running workflow knows of itself: the progress that people see, its timings and its notes. */
import { log, setCurrentDetails, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { Decision, Throttle } from '../../core/contract/contract.ts';
import { isFinal } from '../../core/contract/phases.ts';
import type { PieceProgress } from '../../core/copy/pieces.ts';
import type { TransferReport } from '../../core/run/activity-report.ts';
import { PiecesProgress } from '../../core/run/piece-progress.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import type { Note, PhaseTiming } from '../../core/run/report.ts';
import { formatCount } from '../../core/text/format.ts';

/** A decision, and when it reached the workflow. */
export type Signed<D extends Decision = Decision> = D & { at: string };

/** State of one run. Every change shows at once in the query, the current details and the memo. */
export abstract class RunState<Phase extends string, P extends RunProgress<Phase>> {
  protected readonly mutable: P;
  protected readonly startedAt = now();
  protected readonly timings: PhaseTiming<string>[] = [];
  protected readonly notes: Note[] = [];
  protected failure: string | null = null;
  #pieces: PiecesProgress | undefined;
  #nextPiece = 0;

  protected constructor(progress: P) {
    this.mutable = progress;
    this.timings.push({ phase: progress.phase, startedAt: progress.since, seconds: 0 });
  }

  get progress(): Readonly<P> {
    return this.mutable;
  }

  /** The answer of the `report` query. */
  abstract report(): { workflowId: string };

  /** Whether the step in work obeys the limit of items per second, so that a new limit begins it anew. */
  abstract get limited(): boolean;

  /** The page that Temporal's UI shows. */
  protected abstract details(): string;

  /** What is waited for when the run is not paused. */
  protected abstract waitingFor(): string | null;

  /** Moves on to a phase of the runbook, or to an end. */
  enter(phase: Phase): void {
    if (this.mutable.phase === phase) return;
    this.closeTiming();
    if (!isFinal(phase)) this.timings.push({ phase, startedAt: now(), seconds: 0 });
    const paused = this.mutable.paused && !isFinal(phase);
    Object.assign(this.mutable, { phase, since: now(), transferred: null, paused });
    this.#pieces = undefined;
    this.mutable.waitingFor = this.waitingFor();
    upsertMemo({ phase });
    log.info('Phase', { phase });
    this.show();
  }

  /** What a running activity reports of itself. */
  transferred({ transferred, piece }: TransferReport): void {
    if (piece) this.pieceReached(piece.number, piece.progress);
    if (transferred) this.mutable.transferred = transferred;
    this.show();
  }

  /**
   * Work is cut into pieces: progress is that of all of them together, until the phase changes.
   * @returns the number of the first piece; numbers never come again, so that a late report is known as such
   */
  piecesPlanned(pieces: number, totalItems: number): number {
    const first = this.#nextPiece;
    this.#nextPiece += pieces;
    this.#pieces = new PiecesProgress(totalItems, first);
    return first;
  }

  /** Pieces are begun, or gone on with after they stood still. */
  piecesResumed(): void {
    this.#pieces?.restart(Date.now());
  }

  /** Where a piece stands, undefined when it has not begun. */
  reachedOf(piece: number): PieceProgress | undefined {
    return this.#pieces?.reached(piece);
  }

  pieceReached(piece: number, progress: PieceProgress): void {
    if (!this.#pieces) return;
    this.#pieces.update(piece, progress, Date.now());
    this.mutable.transferred = this.#pieces.transferred();
    this.show();
  }

  pause(decision: Decision): void {
    this.mutable.paused = true;
    this.mutable.waitingFor = 'Paused: waiting for resume.';
    this.note(`Paused by ${signature(decision)}`);
  }

  resume(decision: Decision): void {
    this.mutable.paused = false;
    this.mutable.waitingFor = this.waitingFor();
    this.note(`Resumed by ${signature(decision)}`);
  }

  throttle(throttle: Throttle): void {
    const { maxItemsPerSecond } = throttle;
    this.mutable.maxItemsPerSecond = maxItemsPerSecond;
    const limit =
      maxItemsPerSecond === null ? 'Limit lifted' : `Limited to ${formatCount(maxItemsPerSecond)} items/s`;
    this.note(`${limit} by ${signature(throttle)}`);
  }

  refuse(request: string, reason: string): void {
    this.mutable.lastRefusal = { request, reason, at: now() };
    this.show();
  }

  failed(reason: string): void {
    this.failure = reason;
    this.mutable.attention = reason;
  }

  /** Something that somebody should do; null when it is done. */
  attend(attention: string | null): void {
    this.mutable.attention = attention;
    this.show();
  }

  note(text: string): void {
    this.notes.push({ at: now(), phase: this.mutable.phase, text });
    this.show();
  }

  /** Seconds in each phase so far. */
  protected closeTiming(): void {
    const open = this.timings.at(-1);
    if (open && !isFinal(this.mutable.phase)) {
      open.seconds = (Date.now() - Date.parse(open.startedAt)) / 1000;
    }
  }

  protected show(): void {
    setCurrentDetails(this.details());
  }
}

/** The progress of a run that begins. */
export function begun<Phase extends string>(
  phase: Phase,
  maxItemsPerSecond: number | null,
): RunProgress<Phase> {
  return {
    workflowId: workflowInfo().workflowId,
    phase,
    since: now(),
    paused: false,
    transferred: null,
    maxItemsPerSecond,
    waitingFor: null,
    attention: null,
    lastRefusal: null,
  };
}

/** Workflow time: the same again in a replay. */
export function now(): string {
  return new Date().toISOString();
}

/** Who decided, and what they had to say. */
export function signature({ by, note }: Decision): string {
  return `${by || 'nobody named'}${note && `: ${note}`}`;
}
