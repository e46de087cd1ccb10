/** How a run ended. */
import type { WorkflowHandle } from '@temporalio/client';
import { queries } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FinalPhase } from '../../core/contract/phases.ts';
import type { RunReport } from '../../core/run/report.ts';
import type { AnyResult, RunResult } from '../../core/run/results.ts';
import { type ExitCode, exitCodeOfFailure, exitCodes } from '../terminal/exit-codes.ts';
import { ask, isPolled, type Temporal } from './temporal.ts';
import { tuning } from './tuning.ts';

/** The ends that a run notices, and those that Temporal makes without asking it. */
export type Outcome = FinalPhase | 'terminated' | 'timed out';

/** An end, with everything that could be learned about it. */
export interface Ending {
  workflowId: string;
  outcome: Outcome;
  exitCode: ExitCode;
  /** What a completed run returned. */
  result: (RunResult & AnyResult) | undefined;
  /** Absent when no worker answers. */
  report: RunReport | undefined;
  /** Why it did not complete. */
  failure: string | undefined;
  reportPath: string | null;
}

/** A failure as Temporal hands it out, read without loading its classes. */
interface Failure extends Error {
  type?: string | null;
  details?: unknown[] | null;
  cause?: Failure;
}

/**
 * Reads how a workflow that no longer runs has ended; undefined while Temporal does not answer. A worker that has just
 * started replays the workflow before it answers, so the report is waited for wherever a worker is.
 */
export async function readEnding(
  temporal: Temporal,
  handle: WorkflowHandle,
  { taskQueue, signal }: { taskQueue: string; signal: AbortSignal },
): Promise<Ending | undefined> {
  const queryReport = () =>
    ask(temporal, () => handle.query<RunReport>(queries.report), signal, tuning.answerWithinMs);
  const isServed = await isPolled(temporal, taskQueue).catch(() => false);
  const report = isServed ? await queryReport().catch(() => undefined) : undefined;
  signal.throwIfAborted();
  const common = { workflowId: handle.workflowId, report };
  try {
    const result: RunResult & AnyResult = await ask(temporal, () => handle.result(), signal);
    return {
      ...common,
      outcome: 'completed',
      exitCode: exitCodeOf(result),
      result,
      failure: undefined,
      reportPath: result.reportPath,
    };
  } catch (error) {
    const { name, cause } = error as Failure;
    if (name !== 'WorkflowFailedError' || !cause) return undefined;
    const { reportPath = null } = (cause.details?.[0] ?? {}) as { reportPath?: string };
    return {
      ...common,
      result: undefined,
      failure: report?.failure ?? cause.message,
      reportPath,
      ...outcomeOf(cause),
    };
  }
}

function exitCodeOf({ equal, possible }: AnyResult): ExitCode {
  if (equal === false) return exitCodes.different;
  return possible === false ? exitCodes.blocked : exitCodes.ok;
}

/** What scripts read: the last line of `--json`. */
export function endingJson(ending: Ending): Record<string, unknown> {
  const { workflowId, outcome, result, report, failure, reportPath } = ending;
  if (result) return { ...result, phase: outcome };
  const { documents = null, shards = {}, mismatches = null, downtimeSeconds = null } = report ?? {};
  return {
    phase: outcome,
    workflowId,
    mismatches,
    documents,
    shards,
    downtimeSeconds,
    reportPath,
    ...(failure !== undefined && { failure }),
  };
}

function outcomeOf(cause: Failure): { outcome: Outcome; exitCode: ExitCode } {
  if (cause.name === 'CancelledFailure') return { outcome: 'canceled', exitCode: exitCodes.ended };
  if (cause.name === 'TerminatedFailure') return { outcome: 'terminated', exitCode: exitCodes.ended };
  if (cause.name === 'TimeoutFailure') return { outcome: 'timed out', exitCode: exitCodes.failed };
  const exitCode = exitCodeOfFailure(cause.type ?? undefined);
  if (cause.type === failures.rejected) return { outcome: 'rejected', exitCode };
  if (cause.type === failures.rolledBack) return { outcome: 'rolled-back', exitCode };
  if (cause.type === failures.aborted) return { outcome: 'aborted', exitCode };
  return { outcome: 'failed', exitCode };
}
