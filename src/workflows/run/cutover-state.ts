/** What only a run with a cutover knows of itself: approval, freeze and downtime. */
import type { MendedSoFar } from '../../core/compare/repair.ts';
import { describeVerification, type Verification } from '../../core/compare/verification.ts';
import type { Approval, Decision, RehearsalRequest } from '../../core/contract/contract.ts';
import { isFrozen, type Phase, phasesWithWayBack } from '../../core/contract/phases.ts';
import { describeLateWrites, isMissed, type LateWrites } from '../../core/cutover/late-writes.ts';
import { describeRehearsal, MOST_REHEARSALS } from '../../core/cutover/rehearsal.ts';
import type { Signed } from '../../core/run/progress.ts';
import type { RunReport } from '../../core/run/report.ts';
import { RepairableState } from './repairable-state.ts';
import { now, signature } from './run-state.ts';
import type { Beginning, SavedState } from './saved-state.ts';

/** State of one migration. */
export class CutoverState extends RepairableState {
  #frozenAt: number | undefined;

  constructor(beginning: Beginning, saved?: SavedState) {
    super({ ...beginning, approval: null }, saved);
  }

  get rejection(): Signed | null {
    return this.kept.rejection;
  }

  /** Who ended the time in which the cutover can be rolled back. */
  get completeAsked(): Signed | null {
    return this.kept.completeAsked ?? null;
  }

  complete(decision: Decision): void {
    this.kept.completeAsked = { ...decision, at: now() };
    this.note(`The way back was closed by ${signature(decision)}`);
  }

  /** Who wants the cutover rolled back; null also when that failed. */
  get rollBackAsked(): Signed | null {
    return this.kept.rollBackAsked ?? null;
  }

  askRollBack(decision: Decision): void {
    this.kept.rollBackAsked = { ...decision, at: now() };
    this.attend('way back', null);
    this.note(`Roll-back requested by ${signature(decision)}`);
  }

  /** The roll-back was undone: the target serves as before. */
  rollBackFailed(reason: string): void {
    this.kept.rollBackAsked = null;
    const text = `The roll-back was undone, and the target serves as before: ${reason}`;
    this.attend('way back', text);
    this.note(text);
  }

  /** A hook could not be called after the switch. */
  hookFailed(text: string): void {
    this.attend('hook', text);
    this.note(text);
  }

  /** What has come to the old database after the switch, where it was left open; null for nothing. */
  wroteLate(late: LateWrites | null): void {
    if (!late) return;
    this.settled({ lateWrites: late });
    const text = describeLateWrites(late);
    if (isMissed(late)) this.attend('late writes', text);
    this.note(text);
  }

  /** @param until ISO time at which the way back closes */
  observedUntil(until: string): void {
    this.mutable.observedUntil = until;
  }

  flowsBackNoMore(reason: string): void {
    const text = `Nothing flows back any more, so that the cutover cannot be rolled back: ${reason}`;
    this.attend('way back', text);
    this.note(text);
  }

  /** Who asked for a rehearsal; null when nobody did, or it was done. */
  get rehearsalAsked(): Signed<RehearsalRequest> | null {
    return this.kept.rehearsalAsked ?? null;
  }

  askRehearsal(request: RehearsalRequest): void {
    this.kept.rehearsalAsked = { ...request, at: now() };
    this.note(`Rehearsal of the cutover requested by ${signature(request)}`);
  }

  /** A rehearsal is over, and the source serves. @param failure why a cutover would have failed */
  rehearsed(failure: string | null): void {
    const { by, note } = this.kept.rehearsalAsked ?? { by: '', note: '' };
    this.kept.rehearsalAsked = null;
    const outageSeconds = this.#frozenAt === undefined ? null : (Date.now() - this.#frozenAt) / 1000;
    const rehearsal = { at: now(), by, note, outageSeconds, failure };
    this.mutable.rehearsals = [...(this.mutable.rehearsals ?? []), rehearsal].slice(-MOST_REHEARSALS);
    this.note(`Rehearsal of the cutover: ${describeRehearsal(rehearsal)}`);
  }

  override enter(phase: Phase): void {
    if (isFrozen(phase)) this.#frozenAt ??= Date.now();
    else {
      const isOver = phase === 'observing' || phase === 'completing';
      if (isOver) this.kept.downtimeSeconds ??= (Date.now() - (this.#frozenAt ?? Date.now())) / 1000;
      this.#frozenAt = undefined;
    }
    const isBack = phase === 'rolling-back' || (phase === 'completing' && this.rollBackAsked !== null);
    if (phase === 'observing' || isBack) this.mutable.phases = phasesWithWayBack(isBack);
    super.enter(phase);
  }

  override verified(verification: Verification): void {
    super.verified(verification);
    this.#tellDifferences();
  }

  /** Whether the last verification lets the cutover go on: nothing differs, or what a person has accepted. */
  get isAcceptable(): boolean {
    const { verification } = this.mutable;
    return verification?.mismatches === 0 || this.#areAccepted;
  }

  get #areAccepted(): boolean {
    const { verification, approval } = this.mutable;
    const { digest } = verification ?? {};
    return digest !== undefined && approval?.acceptDifferences === digest;
  }

  #tellDifferences(): void {
    const { verification } = this.mutable;
    const isFine = !verification || this.isAcceptable;
    this.attend('differences', isFine ? null : `Verification found ${describeVerification(verification)}.`);
  }

  /** Whoever asked for the repair has seen why the freeze was undone. */
  override repaired(repair: MendedSoFar): void {
    super.repaired(repair);
    this.attend('thaw', null);
  }

  approve(approval: Approval): void {
    this.mutable.approval = { ...approval, at: now() };
    this.attend('thaw', null);
    this.note(`Cutover approved by ${signature(approval)}`);
    if (!this.#areAccepted) return;
    this.note(`Accepted with the approval: ${this.mutable.verification?.mismatches} differences.`);
    this.#tellDifferences();
  }

  /** A comparison after the approval found differences. */
  withdrawApproval(): void {
    this.mutable.approval = null;
    this.#tellDifferences();
    this.note('The approval no longer holds: a comparison after it found differences.');
  }

  reject(decision: Decision): void {
    this.kept.rejection = { ...decision, at: now() };
    this.note(`Cutover rejected by ${signature(decision)}`);
  }

  /** The freeze was undone: the source serves again, and another approval is needed. */
  thawed(reason: string): void {
    this.mutable.approval = null;
    this.#tellDifferences();
    const text = `The freeze was undone and the source serves as before: ${reason}`;
    this.attend('thaw', text);
    this.note(text);
  }

  override failed(reason: string): void {
    if (isFrozen(this.mutable.phase)) this.thawed(reason);
    super.failed(reason);
  }

  override report(): RunReport {
    return {
      ...super.report(),
      approval: this.mutable.approval ?? null,
      rejection: this.kept.rejection,
      downtimeSeconds: this.kept.downtimeSeconds ?? null,
      ...(this.completeAsked && { completion: this.completeAsked }),
      ...(this.rollBackAsked && { rollBack: this.rollBackAsked }),
      ...(this.mutable.rehearsals && { rehearsals: this.mutable.rehearsals }),
    };
  }
}
