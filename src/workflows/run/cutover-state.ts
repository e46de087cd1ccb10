/** What only a run with a cutover knows of itself: approval, freeze and downtime. */
import type { MendedSoFar } from '../../core/compare/repair.ts';
import { describeVerification, type Verification } from '../../core/compare/verification.ts';
import type { Approval, ChosenFreeze, Decision, RehearsalRequest } from '../../core/contract/contract.ts';
import { isFrozen, type Phase, phasesWithWayBack } from '../../core/contract/phases.ts';
import { expiryOf, type GivenApproval, opening, peopleMissing } from '../../core/cutover/approval-rules.ts';
import { describeLateWrites, isMissed, type LateWrites } from '../../core/cutover/late-writes.ts';
import { describeRehearsal, MOST_REHEARSALS } from '../../core/cutover/rehearsal.ts';
import { digestOf } from '../../core/run/evidence.ts';
import { type Signed, signature } from '../../core/run/progress.ts';
import { lackingForCutover } from '../../core/run/readiness.ts';
import type { RunReport } from '../../core/run/report.ts';
import { RepairableState } from './repairable-state.ts';
import { now } from './run-state.ts';
import type { Beginning, SavedState } from './saved-state.ts';

const NO_APPROVALS: readonly GivenApproval[] = [];

/** In which it is told what the cutover lacks. */
const BEFORE_FREEZE: ReadonlySet<Phase> = new Set(['catching-up', 'verifying', 'awaiting-approval']);

/** State of one migration. */
export class CutoverState extends RepairableState {
  #frozenAt: number | undefined;

  constructor(beginning: Beginning, saved?: SavedState) {
    super({ ...beginning, approval: null }, saved);
  }

  /** How writers are kept out in the cutover. @param isObserved whether it can be taken back for a while */
  freezesBy(freeze: ChosenFreeze['freeze'], isObserved: boolean): void {
    this.mutable.freeze = freeze;
    const { phases, workflowType } = this.mutable;
    if (isObserved && !phases.includes('observing'))
      this.mutable.phases = phasesWithWayBack(workflowType, false);
    this.show();
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
    if (phase === 'observing' || isBack)
      this.mutable.phases = phasesWithWayBack(this.mutable.workflowType, isBack);
    super.enter(phase);
  }

  override verified(verification: Verification): void {
    super.verified(verification);
    this.#lapseOnOtherEvidence();
    this.#tellDifferences();
  }

  override skip(decision: Decision): void {
    super.skip(decision);
    this.#lapseOnOtherEvidence();
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
    const { approvalRules: rules, evidence = '' } = this.mutable;
    const given = [...this.approvals, { ...approval, at: now(), evidence }];
    this.kept.approvals = given;
    if (rules && rules.people > 1) this.mutable.approvals = given;
    this.attend('approval', null);
    const missing = peopleMissing(rules, given);
    const more = missing > 0 ? `; ${missing} more ${missing === 1 ? 'person has' : 'people have'} to` : '';
    this.note(`Cutover approved by ${signature(approval)}${more}`);
    if (missing > 0) return;
    this.mutable.approval = given.at(-1) ?? null;
    this.tellWindow();
    this.attend('thaw', null);
    if (!this.#areAccepted) return;
    this.note(`Accepted with the approval: ${this.mutable.verification?.mismatches} differences.`);
    this.#tellDifferences();
  }

  /** When the cutover may begin, in milliseconds of the epoch: now, or when its window opens; null before it is approved. */
  get cutoverDue(): number | null {
    const { approval, approvalRules } = this.mutable;
    if (!approval) return null;
    return approvalRules?.window ? opening(approvalRules.window, Date.now()) : Date.now();
  }

  /** Says when the window opens that an approved cutover waits for. */
  tellWindow(): void {
    const due = this.cutoverDue;
    if (due === null || due <= Date.now()) delete this.mutable.cutoverAt;
    else this.mutable.cutoverAt = new Date(due).toISOString();
    this.show();
  }

  /** Approvals that hold, of different people; another list whenever that changes. */
  get approvals(): readonly GivenApproval[] {
    return this.kept.approvals ?? NO_APPROVALS;
  }

  /** When the first approval expires, in milliseconds of the epoch; undefined when none does. */
  get approvalExpires(): number | undefined {
    const [first] = this.approvals;
    return first && expiryOf(this.mutable.approvalRules, first);
  }

  /** To be called where an approval waits. */
  dropExpired(): void {
    const expires = this.approvalExpires;
    if (expires !== undefined && expires <= Date.now())
      this.#lapse(`it is older than ${this.mutable.approvalRules?.expiresAfter}.`);
  }

  #lapse(reason: string): void {
    const by = this.approvals.map((each) => each.by).join(' and ');
    this.#forgetApprovals();
    this.#tellDifferences();
    const text = `The approval by ${by} no longer holds: ${reason}`;
    this.attend('approval', text);
    this.note(text);
  }

  #forgetApprovals(): void {
    delete this.kept.approvals;
    this.mutable.approval = null;
    delete this.mutable.approvals;
    delete this.mutable.cutoverAt;
  }

  /** What somebody has approved must be what the cutover begins with. What is found after the freeze undoes that. */
  #lapseOnOtherEvidence(): void {
    const { phase, evidence } = this.mutable;
    const [first] = this.approvals;
    if (!first || !BEFORE_FREEZE.has(phase) || first.evidence === evidence) return;
    this.#lapse('what it rests on has changed since.');
  }

  protected override show(): void {
    const { verification, refused = [], phase } = this.mutable;
    if (verification && BEFORE_FREEZE.has(phase)) {
      const { checks } = this.kept;
      this.mutable.evidence = digestOf({ input: this.input, checks, verification, refused });
    }
    if (verification && BEFORE_FREEZE.has(phase)) this.mutable.lacking = lackingForCutover(this.mutable);
    else delete this.mutable.lacking;
    super.show();
  }

  reject(decision: Decision): void {
    this.kept.rejection = { ...decision, at: now() };
    this.note(`Cutover rejected by ${signature(decision)}`);
  }

  /**
   * The source serves, and another approval is needed.
   * @param wasFrozen whether a freeze was undone; it did not come to one otherwise
   */
  thawed(reason: string, { wasFrozen = true } = {}): void {
    this.#forgetApprovals();
    this.#tellDifferences();
    const what = wasFrozen
      ? 'The freeze was undone and the source serves as before'
      : 'The cutover did not begin, and the source serves';
    const text = `${what}: ${reason}`;
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
      ...(this.mutable.freeze && { freeze: this.mutable.freeze }),
      approval: this.mutable.approval ?? null,
      rejection: this.kept.rejection,
      downtimeSeconds: this.kept.downtimeSeconds ?? null,
      ...(this.mutable.approvals && { approvals: this.mutable.approvals }),
      ...(this.completeAsked && { completion: this.completeAsked }),
      ...(this.rollBackAsked && { rollBack: this.rollBackAsked }),
      ...(this.mutable.rehearsals && { rehearsals: this.mutable.rehearsals }),
    };
  }
}
