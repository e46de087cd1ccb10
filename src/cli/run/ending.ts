/** How a run ended. */
import type { WorkflowHandle } from '@temporalio/client';
import { queries } from '../../core/contract/contract.ts';
import { failures } from '../../core/contract/failures.ts';
import type { FinalPhase } from '../../core/contract/phases.ts';
import type { JobReport } from '../../core/run/job.ts';
import type { MigrationResult, Report } from '../../core/run/report.ts';
import type { VerifyResult } from '../../workflows/verify-databases.ts';
import { type ExitCode, exitCodeOfFailure, exitCodes } from '../terminal/exit-codes.ts';
import { ask, type Temporal } from './temporal.ts';

/** The ends that a migration notices, and those that Temporal makes without asking it. */
export type Outcome = FinalPhase | 'terminated' | 'timed out';

/** What a run returned; what belongs to a migration or to a comparison alone is absent in the other. */
export type EndedResult = Pick<MigrationResult, 'mismatches' | 'documents' | 'shards' | 'reportPath'> &
  Partial<Pick<MigrationResult, 'downtimeSeconds'>> &
  Partial<Pick<VerifyResult, 'equal'>>;

/** What its report says. */
export type EndedReport = Pick<
  JobReport,
  'timings' | 'differences' | 'mismatches' | 'notCarried' | 'failure'
> &
  Partial<Pick<Report, 'input' | 'documents' | 'counts' | 'shards' | 'approval' | 'downtimeSeconds'>> &
  Partial<Pick<JobReport, 'settings' | 'sample' | 'lagging' | 'repairs' | 'trend'>>;

/** What both have. */
export type Figures = Partial<Pick<EndedReport, 'documents' | 'shards' | 'mismatches' | 'downtimeSeconds'>>;

/** An end, with everything that could be learned about it. */
export interface Ending<Result = EndedResult, R = EndedReport> {
  workflowId: string;
  outcome: Outcome;
  exitCode: ExitCode;
  /** What a completed run returned. */
  result: Result | undefined;
  /** Absent when no worker answers. */
  report: R | undefined;
  /** Why it did not complete. */
  failure: string | undefined;
  reportPath: string | undefined;
}

/** A failure as Temporal hands it out, read without loading its classes. */
interface Failure extends Error {
  type?: string | null;
  details?: unknown[] | null;
  cause?: Failure;
}

/** Reads how a workflow that no longer runs has ended; undefined while Temporal does not answer. */
export async function readEnding<
  Result extends { reportPath: string; equal?: boolean } = EndedResult,
  R extends { failure: string | null } = EndedReport,
>(
  temporal: Temporal,
  handle: WorkflowHandle,
  options: { signal: AbortSignal; workerAnswers: boolean },
): Promise<Ending<Result, R> | undefined> {
  const { signal, workerAnswers } = options;
  const queryReport = () => ask(temporal, () => handle.query<R>(queries.report), signal);
  const report = workerAnswers ? await queryReport().catch(() => undefined) : undefined;
  signal.throwIfAborted();
  const common = { workflowId: handle.workflowId, report };
  try {
    const result: Result = await ask(temporal, () => handle.result(), signal);
    return {
      ...common,
      outcome: 'completed',
      exitCode: result.equal === false ? exitCodes.different : exitCodes.ok,
      result,
      failure: undefined,
      reportPath: result.reportPath,
    };
  } catch (error) {
    const { name, cause } = error as Failure;
    if (name !== 'WorkflowFailedError' || !cause) return undefined;
    const { reportPath } = (cause.details?.[0] ?? {}) as { reportPath?: string };
    return {
      ...common,
      result: undefined,
      failure: report?.failure ?? cause.message,
      reportPath,
      ...outcomeOf(cause),
    };
  }
}

/** What scripts read: the last line of `--json`. */
export function endingJson(ending: Ending): Record<string, unknown> {
  const { workflowId, outcome, result, report, failure, reportPath } = ending;
  if (result?.equal !== undefined) return { ...result, phase: outcome };
  const {
    documents = null,
    shards = {},
    mismatches = null,
    downtimeSeconds = null,
  }: Figures = result ?? report ?? {};
  return {
    phase: outcome,
    workflowId,
    mismatches,
    documents,
    shards,
    downtimeSeconds,
    reportPath: reportPath ?? null,
    ...(failure !== undefined && { failure }),
  };
}

function outcomeOf(cause: Failure): { outcome: Outcome; exitCode: ExitCode } {
  if (cause.name === 'CancelledFailure') return { outcome: 'canceled', exitCode: exitCodes.ended };
  if (cause.name === 'TerminatedFailure') return { outcome: 'terminated', exitCode: exitCodes.ended };
  if (cause.name === 'TimeoutFailure') return { outcome: 'timed out', exitCode: exitCodes.failed };
  const exitCode = exitCodeOfFailure(cause.type ?? undefined);
  if (cause.type === failures.rejected) return { outcome: 'rejected', exitCode };
  if (cause.type === failures.aborted) return { outcome: 'aborted', exitCode };
  return { outcome: 'failed', exitCode };
}
