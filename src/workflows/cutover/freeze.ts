/** Ways of keeping writers out of the source while the last changes are carried and compared. */
import { ApplicationFailure } from '@temporalio/workflow';
import { describeVerification, type Verification } from '../../core/compare/verification.ts';
import { failures } from '../../core/contract/failures.ts';
import type { CutoverState } from '../run/cutover-state.ts';
import type { Freezable } from './freezer.ts';
import type { Observation } from './observation.ts';

/** One way, from the approval to the moment from which on the target serves. */
export interface Freeze extends Freezable {
  /** Keeps writers out, and brings the target to where it can serve. All of it is downtime. */
  cutOver(): Promise<void>;
  /** Does the same up to the last step, which would make the target serve; {@link thaw} is to follow. */
  rehearse(): Promise<void>;
  /** What remains to be done once the target serves. @returns how the way back is kept open; undefined where there is none */
  settle(): Promise<Observation | undefined>;
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
