/** How every run begins and ends: what its input and its plan must be, and what is left of it when it fails. */
import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { Decision } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FinalPhase } from '../../core/contract/phases.ts';
import type { Parsed } from '../../core/contract/schemas.ts';
import type { Check } from '../../core/plan/check.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import { closing } from './activity-proxies.ts';
import { Aborted, type Control } from './control.ts';
import { failureType, rootCause } from './failure.ts';
import type { RunState } from './run-state.ts';

/** The value of an input. @throws ApplicationFailure that names every field at fault */
export function valid<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw ApplicationFailure.nonRetryable(parsed.problem, failures.invalidInput);
  return parsed.value;
}

/** Ends a run that must not begin. @throws ApplicationFailure with every blocker among the checks */
export function assertPossible(checks: readonly Check[]): void {
  const blockers = checks.filter(({ status }) => status === 'blocker');
  if (blockers.length === 0) return;
  const reasons = blockers.map(({ message }) => message).join(' ');
  throw ApplicationFailure.nonRetryable(reasons, failures.planBlocked);
}

/** How a run ends that did not succeed. */
export interface FailedEnd {
  phase: FinalPhase;
  type: string;
  reason: string;
}

/** @param run what people call it: "run", "migration" */
export function endOf({ abortion }: Control, error: unknown, run: string): FailedEnd {
  if (error instanceof Aborted && abortion) {
    const reason = signed(`The ${run} was aborted`, abortion);
    return { phase: 'aborted', type: failures.aborted, reason };
  }
  if (isCancellation(error)) {
    return { phase: 'canceled', type: failures.aborted, reason: `The ${run} was canceled.` };
  }
  return { phase: 'failed', type: failureType(error) ?? failures.migrationFailed, reason: rootCause(error) };
}

/** A sentence about what somebody decided. */
export function signed(what: string, { by, note }: Decision): string {
  return `${what}${by && ` by ${by}`}${note && `: ${note}`}.`;
}

/**
 * Tidies up, writes the report, and says why.
 * @param after tidies up; what it says of what is left becomes part of the reason
 * @throws ApplicationFailure, or the cancellation
 */
export async function giveUp(
  state: RunState<string, RunProgress>,
  error: unknown,
  { phase, type, reason }: FailedEnd,
  after: () => Promise<string>,
): Promise<never> {
  const left = await after().catch((problem) => rootCause(problem));
  state.failed(left ? `${reason} ${left}` : reason);
  state.enter(phase);
  const reportPath = await closing.writeReport(state.report()).catch(() => undefined);
  if (phase === 'canceled') throw error;
  const message = state.progress.attention ?? reason;
  const cause = error instanceof Error ? error : undefined;
  throw ApplicationFailure.create({
    message,
    type,
    details: [{ reportPath }],
    nonRetryable: true,
    ...(cause && { cause }),
  });
}
