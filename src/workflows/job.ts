/** How a job runs and ends: what an export and an import have in common. */
import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { failures } from '../core/failures.ts';
import { type JobProgress, refusalByJob } from '../core/job.ts';
import type { FinalPhase, RunProgress } from '../core/progress.ts';
import type { Parsed } from '../core/schemas.ts';
import { closing } from './activity-proxies.ts';
import { Aborted, Control } from './control.ts';
import { failureType, rootCause } from './failure.ts';
import { JobState } from './job-state.ts';
import type { RunState } from './run-state.ts';

/** A running job. */
export interface Job {
  state: JobState;
  control: Control;
}

/** What every job returns beside its own. */
export interface JobResult {
  phase: 'completed';
  workflowId: string;
  reportPath: string;
}

/** The value of an input. @throws ApplicationFailure that names every field at fault */
export function valid<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw ApplicationFailure.nonRetryable(parsed.problem, failures.invalidInput);
  return parsed.value;
}

/**
 * Runs a job to its end, whatever that is, and writes its report.
 * @param options.after is done at every end, once work has begun; what it says becomes part of the reason
 */
export async function runJob<R extends object>(
  input: unknown,
  about: Pick<JobProgress, 'title' | 'steps'> & { maxItemsPerSecond?: number | null },
  work: (job: Job) => Promise<R>,
  after: (error: unknown) => Promise<string>,
): Promise<R & JobResult> {
  const state = new JobState(input, about);
  const control = new Control(state, (request) => refusalByJob(request, state.progress));
  try {
    const result = await work({ state, control });
    return await CancellationScope.nonCancellable(async () => {
      state.enter('completing');
      await after(undefined);
      state.enter('completed');
      const reportPath = await closing.writeReport(state.report());
      return { ...result, phase: 'completed', workflowId: state.progress.workflowId, reportPath };
    });
  } catch (error) {
    return await CancellationScope.nonCancellable(() => giveUp({ state, control }, error, after));
  }
}

/**
 * Ends a run that did not succeed: tidies up, writes its report, and says why.
 * @param after as in `runJob`
 * @throws ApplicationFailure, or the cancellation
 */
export async function giveUp(
  { state, control }: { state: RunState<string, RunProgress>; control: Control },
  error: unknown,
  after: (error: unknown) => Promise<string>,
): Promise<never> {
  const { phase, type, reason } = endOf(control, error);
  const left = await after(error).catch((problem) => rootCause(problem));
  state.failed(left ? `${reason} ${left}` : reason);
  state.enter(phase);
  const report = { ...(state.report() as object), workflowId: state.progress.workflowId };
  const reportPath = await closing.writeReport(report).catch(() => undefined);
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

function endOf(control: Control, error: unknown): { phase: FinalPhase; type: string; reason: string } {
  const { abortion } = control;
  if (error instanceof Aborted && abortion) {
    const { by, note } = abortion;
    const reason = `The run was aborted${by && ` by ${by}`}${note && `: ${note}`}.`;
    return { phase: 'aborted', type: failures.aborted, reason };
  }
  if (isCancellation(error)) {
    return { phase: 'canceled', type: failures.aborted, reason: 'The run was cancelled.' };
  }
  return { phase: 'failed', type: failureType(error) ?? failures.migrationFailed, reason: rootCause(error) };
}

/** Ends a job that must not begin. @throws ApplicationFailure unless there is no reason */
export function assertPossible(reasons: readonly string[]): void {
  if (reasons.length > 0) throw ApplicationFailure.nonRetryable(reasons.join(' '), failures.planBlocked);
}
