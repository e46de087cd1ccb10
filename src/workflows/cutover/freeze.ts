/** Ways of keeping writers out of the source while the last changes are carried and compared. */
import { ApplicationFailure } from '@temporalio/workflow';
import { describeVerification, type Verification } from '../../core/compare/verification.ts';
import { failures } from '../../core/contract/failures.ts';
import type { CutoverState } from '../run/cutover-state.ts';

/** One way, from the approval to the moment from which on the target serves. */
export interface Freeze {
  /** What can be done before anybody has to wait. May be interrupted, and done again. */
  prepare(): Promise<void>;
  /** Keeps writers out, and brings the target to where it can serve. All of it is downtime. */
  cutOver(): Promise<void>;
  /** Lets writers in again after a {@link cutOver} that failed. @returns false when it is too late: the target serves */
  thaw(): Promise<boolean>;
  /** What remains to be done once the target serves. */
  settle(): void;
}

/** @throws ApplicationFailure when the last verification does not let the cutover go on */
export function assertAcceptable(state: CutoverState, verification: Verification): void {
  if (state.isAcceptable && verification.lagging === 0 && verification.itemsCompared) return;
  const { acceptDifferences } = state.progress.approval ?? {};
  const others = acceptDifferences === undefined ? '' : ', which are not those that were accepted';
  throw ApplicationFailure.nonRetryable(
    `The final verification found ${describeVerification(verification)}${others}.`,
    failures.verificationFailed,
  );
}
