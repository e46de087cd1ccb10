/** What only a run with a cutover knows of itself: approval, freeze and downtime. */
import type { MendedSoFar } from '../../core/compare/repair.ts';
import { describeVerification, type Verification } from '../../core/compare/verification.ts';
import type { Approval, Decision } from '../../core/contract/contract.ts';
import { isFrozen, type Phase } from '../../core/contract/phases.ts';
import type { Signed } from '../../core/run/progress.ts';
import type { RunReport } from '../../core/run/report.ts';
import { RepairableState } from './repairable-state.ts';
import { now, signature } from './run-state.ts';
import type { Beginning, SavedState } from './saved-state.ts';

/** State of one migration. */
export class CutoverState extends RepairableState {
  #frozenAt: number | undefined;
  #downtimeSeconds: number | null = null;

  constructor(beginning: Beginning, saved?: SavedState) {
    super({ ...beginning, approval: null }, saved);
  }

  get rejection(): Signed | null {
    return this.kept.rejection;
  }

  override enter(phase: Phase): void {
    if (isFrozen(phase)) this.#frozenAt ??= Date.now();
    else if (phase === 'completing')
      this.#downtimeSeconds = (Date.now() - (this.#frozenAt ?? Date.now())) / 1000;
    else this.#frozenAt = undefined;
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
      downtimeSeconds: this.#downtimeSeconds,
    };
  }
}
