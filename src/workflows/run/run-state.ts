/** What a running workflow knows of itself: the progress that people see, and the material of the report. */
import { ApplicationFailure, log, setCurrentDetails, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { TrendPoint } from '../../core/compare/trend.ts';
import type { Verification } from '../../core/compare/verification.ts';
import type { Decision, Throttle } from '../../core/contract/contract.ts';
import { isFinal, type Phase, phasesOf } from '../../core/contract/phases.ts';
import type { PieceProgress } from '../../core/copy/pieces.ts';
import type { Position } from '../../core/copy/position.ts';
import {
  addRefused,
  describeRefused,
  describeRefusedItem,
  type ItemName,
  newlyRefused,
  type RefusedItem,
  undecided,
} from '../../core/copy/refused.ts';
import type { Check } from '../../core/plan/check.ts';
import type { TransferReport } from '../../core/run/activity-report.ts';
import { addBounded } from '../../core/run/bounded-list.ts';
import { flowsBack, nextStep, waysAround } from '../../core/run/next-step.ts';
import { addLines } from '../../core/run/not-carried.ts';
import { page } from '../../core/run/page.ts';
import { PiecesProgress } from '../../core/run/piece-progress.ts';
import { type RunProgress, signature, type Transferred } from '../../core/run/progress.ts';
import type { RunReport } from '../../core/run/report.ts';
import { searchValuesOf } from '../../core/run/search-attributes.ts';
import { addLag, addWork, type Moment } from '../../core/run/series.ts';
import { formatCount } from '../../core/text/format.ts';
import { reportOf } from './report-of.ts';
import {
  type Beginning,
  type Kept,
  nothingKept,
  type Results,
  type SavedState,
  type Subject,
} from './saved-state.ts';
import { SearchAttributes } from './search-attributes.ts';

type KeptList = 'timings' | 'notes' | 'verifications' | 'repairs' | 'dryRuns';

type Listed<Name extends KeptList> = NonNullable<Kept[Name]>[number];

const ATTEMPTS = 'attempts of ';

/** State of one run. Every change shows at once in the query, the current details, the memo and the search attributes. */
export class RunState {
  protected readonly mutable: RunProgress;
  protected readonly kept: Kept;
  /** With every default filled in. */
  protected readonly input: unknown;
  /** By what a line is about. */
  readonly #notCarried: Map<string, string>;
  readonly #searchAttributes = new SearchAttributes();
  #pieces: PiecesProgress | undefined;

  /**
   * @param workflowType of which the run has every phase, unless `phases` names fewer
   * @param saved of the run that this one goes on with
   */
  constructor({ input, ...progress }: Beginning, saved?: SavedState) {
    this.input = input;
    this.#notCarried = new Map(saved?.notCarried);
    this.#pieces = saved?.pieces ? PiecesProgress.from(saved.pieces) : undefined;
    this.mutable = saved?.progress ?? {
      workflowId: workflowInfo().workflowId,
      phases: phasesOf[progress.workflowType],
      phase: 'planning',
      since: now(),
      paused: false,
      transferred: null,
      maxItemsPerSecond: null,
      waitingFor: null,
      attention: null,
      lastRefusal: null,
      findings: [],
      ...progress,
    };
    const { since } = this.mutable;
    this.kept = saved?.kept ?? nothingKept(since);
    this.show();
  }

  /** All of it, for the run that goes on with it. */
  save(): SavedState {
    return {
      progress: this.mutable,
      kept: this.kept,
      notCarried: [...this.#notCarried],
      pieces: this.#pieces?.save() ?? null,
    };
  }

  /** From here on lists of workflows can be filtered by what this run tells, where the namespace knows how. */
  async showInLists(): Promise<void> {
    await this.#searchAttributes.begin();
    this.show();
  }

  get progress(): Readonly<RunProgress> {
    return this.mutable;
  }

  /** How many refused items wait for a decision. */
  get undecided(): number {
    return undecided(this.mutable.refused ?? []).length;
  }

  /** The items that somebody has decided to do without. */
  get skippedItems(): ItemName[] {
    const skipped = (this.mutable.refused ?? []).filter((item) => item.skipped);
    return skipped.map(({ kind, id }) => ({ kind, id }));
  }

  /** Whether items were skipped that the last verification compared. */
  get skipsAnew(): boolean {
    const { refused = [], verification } = this.mutable;
    const skipped = refused.length - this.undecided;
    return verification !== undefined && verification !== null && skipped > (verification.skipped ?? 0);
  }

  /** How many verifications in a row, up to the last one, found differences. */
  get failedVerifications(): number {
    const { verifications } = this.kept;
    return verifications.length - 1 - verifications.findLastIndex(({ mismatches }) => mismatches === 0);
  }

  /** Moves on to a phase of the runbook, or to an end. */
  enter(phase: Phase): void {
    const before = this.mutable.phase;
    if (before === phase) return;
    const open = this.kept.timings.at(-1);
    if (open && !isFinal(before)) open.seconds = (Date.now() - Date.parse(open.startedAt)) / 1000;
    if (!isFinal(phase)) this.keep('timings', { phase, startedAt: now(), seconds: 0 });
    // from here on nobody can pause it or resume it
    const paused = this.mutable.paused && phase !== 'completing' && !isFinal(phase);
    Object.assign(this.mutable, { phase, since: now(), transferred: null, paused });
    this.#pieces = undefined;
    this.attemptsOver();
    upsertMemo({ phase });
    log.info('Phase', { phase });
    this.show();
  }

  /** What a running activity reports. */
  transferred(report: TransferReport): void {
    const {
      activity,
      failing,
      transferred,
      piece,
      lag,
      position,
      notCarried,
      refused,
      replication,
      differingBack,
      hindrances,
    } = report;
    if (activity !== undefined) this.#attempted(activity, failing);
    if (piece) this.pieceReached(piece.number, piece.progress);
    if (transferred) this.#handled(transferred);
    if (position) this.mutable.position = position;
    if (replication) this.mutable.replication = replication;
    if (differingBack !== undefined) this.mutable.differingBack = differingBack;
    if (hindrances) this.mutable.hindrances = hindrances;
    if (lag !== undefined) {
      this.mutable.lag = { etags: lag, since: now() };
      addLag(this.kept, this.#moment, lag);
    }
    if (notCarried) this.leftOut(notCarried);
    if (refused) this.#refusedItems(refused);
    this.show();
  }

  #refusedItems(items: readonly RefusedItem[]): void {
    const { refused = [] } = this.mutable;
    for (const item of newlyRefused(refused, items))
      this.note(`RavenDB refused ${describeRefusedItem(item)}`);
    this.#setRefused(addRefused(refused, items));
  }

  #setRefused(refused: readonly RefusedItem[]): void {
    if (refused.length > 0) this.mutable.refused = refused;
    else delete this.mutable.refused;
    const open = undecided(refused);
    const { workflowType, phase } = this.mutable;
    const rest = flowsBack(phase) ? 'Everything else flows back' : 'Everything else is copied';
    const ways = `${rest}; ${waysAround(open, workflowType, phase)}.`;
    this.attend('refused', open.length > 0 ? `${describeRefused(open)} ${ways}` : null);
  }

  /** The target can be without the items that were refused so far. */
  skip(decision: Decision): void {
    const { refused = [] } = this.mutable;
    const skipped = { ...decision, at: now() };
    this.note(`${this.undecided} refused items skipped by ${signature(decision)}`);
    this.#setRefused(refused.map((item) => ({ skipped, ...item })));
  }

  /** A person no longer needs to decide about items that were corrected. */
  #forgetCorrected({ depth, mismatches, differences }: Verification): void {
    const { refused } = this.mutable;
    if (!refused || depth !== 'full' || mismatches > differences.length) return;
    const differing = new Set(differences.map(({ id }) => id.toLowerCase()));
    this.#setRefused(refused.filter(({ id, skipped }) => skipped || differing.has(id.toLowerCase())));
  }

  #attempted(activity: string, failing: TransferReport['failing']): void {
    const again = 'It is tried again until it succeeds: remove the reason, or abort.';
    this.attend(
      `${ATTEMPTS}${activity}`,
      failing ? `${failing.what} has failed ${failing.attempts} times: ${failing.reason} ${again}` : null,
    );
  }

  /**
   * Work is cut into pieces: progress is that of all of them together, until the phase changes.
   * @returns the number of the first piece; numbers are never used again, so that a late report is known as such
   */
  piecesPlanned(pieces: number, totalItems: number): number {
    const first = this.kept.nextPiece;
    this.kept.nextPiece += pieces;
    this.#pieces = new PiecesProgress(totalItems, first);
    return first;
  }

  /** Pieces begin, or go on after a pause. */
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
    this.#handled(this.#pieces.transferred());
    this.show();
  }

  #handled(transferred: Transferred): void {
    this.mutable.transferred = transferred;
    const { items, doing } = transferred;
    addWork(this.kept, this.#moment, { since: this.mutable.since, items, ...(doing && { doing }) });
  }

  get #moment(): Moment {
    return { at: (Date.now() - Date.parse(this.kept.startedAt)) / 1000, phase: this.mutable.phase };
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

  planned(checks: readonly Check[], notCarried: readonly string[] = []): void {
    this.kept.checks = [...this.kept.checks, ...checks];
    this.leftOut(notCarried);
    for (const { status, name, message } of checks)
      if (status === 'warning') this.note(`${name}: ${message}`);
  }

  leftOut(what: readonly string[]): void {
    addLines(this.#notCarried, what);
  }

  found(findings: readonly string[]): void {
    this.mutable.findings = findings;
    this.show();
  }

  /** Sets parts of the report. */
  settled(results: Results): void {
    this.kept.results = { ...this.kept.results, ...results };
  }

  verified(verification: Verification): void {
    // one of what has changed counts nothing else
    const counted = verification.depth === 'changes' ? this.mutable.verification : undefined;
    this.mutable.verification = { ...verification, counts: counted?.counts ?? verification.counts };
    this.#forgetCorrected(verification);
    const { at, depth, mismatches, lagging, documents, shards, shardBytes, differences } = verification;
    this.keep('verifications', { at, depth, mismatches, lagging, documents });
    this.settled({ mismatches, shards, differences, ...(shardBytes && { shardBytes }) });
    this.show();
  }

  /** What the runs before and this one found. */
  follows(trend: readonly TrendPoint[]): void {
    this.mutable.trend = trend;
    this.show();
  }

  pause(decision: Decision): void {
    this.mutable.paused = true;
    this.note(`Paused by ${signature(decision)}`);
  }

  resume(decision: Decision): void {
    this.mutable.paused = false;
    this.note(`Resumed by ${signature(decision)}`);
  }

  throttle(throttle: Throttle): void {
    const { maxItemsPerSecond } = throttle;
    this.mutable.maxItemsPerSecond = maxItemsPerSecond;
    const limit =
      maxItemsPerSecond === null ? 'Limit removed' : `Limited to ${formatCount(maxItemsPerSecond)} items/s`;
    this.note(`${limit} by ${signature(throttle)}`);
  }

  refuse(request: string, reason: string): void {
    this.mutable.lastRefusal = { request, reason, at: now() };
    this.show();
  }

  failed(reason: string): void {
    this.kept.failure = reason;
    this.attend('end', reason);
  }

  /** Something that somebody should look at; null when its reason is gone. */
  attend(subject: Subject, text: string | null): void {
    const { attention } = this.kept;
    if (text === null) delete attention[subject];
    else attention[subject] = text;
    this.mutable.attention = Object.values(attention).join(' ') || null;
    this.show();
  }

  /** What failed again and again has been done, or is begun anew. */
  attemptsOver(): void {
    for (const subject of Object.keys(this.kept.attention) as Subject[])
      if (subject.startsWith(ATTEMPTS)) this.attend(subject, null);
  }

  note(text: string): void {
    this.keep('notes', { at: now(), phase: this.mutable.phase, text });
    this.show();
  }

  /** The answer of the `report` query. */
  report(): RunReport {
    return reportOf(this.save(), this.input);
  }

  protected keep<Name extends KeptList>(name: Name, entry: Listed<Name>, most?: number): void {
    const list = this.kept[name] as Listed<Name>[];
    const dropped = addBounded(list, entry, most);
    if (dropped > 0) this.kept.omitted[name] = (this.kept.omitted[name] ?? 0) + dropped;
  }

  protected show(): void {
    const { phase } = this.mutable;
    this.mutable.waitingFor = isFinal(phase) ? null : (nextStep(this.mutable)?.text ?? null);
    setCurrentDetails(page(this.mutable, this.kept.timings));
    this.#searchAttributes.tell(searchValuesOf(this.mutable, Object.keys(this.kept.attention)));
  }
}

/** Workflow time: the same again in a replay. */
export function now(): string {
  return new Date().toISOString();
}
