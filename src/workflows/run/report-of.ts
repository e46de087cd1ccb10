/** The report of a run, from what it knows. */
import { workflowInfo } from '@temporalio/workflow';
import { isFinal } from '../../core/contract/phases.ts';
import type { RunReport } from '../../core/run/report.ts';
import type { SavedState } from './saved-state.ts';

/** The part of a report that every workflow type has. @param input with every default filled in */
export function reportOf({ progress, kept, notCarried }: SavedState, input: unknown): RunReport {
  const { workflowId, workflowType, title, phase, findings, attention, verification } = progress;
  const { trend, position, refused } = progress;
  const { startedAt, timings, checks, notes, failure, verifications, repairs, omitted, results, series } =
    kept;
  return {
    workflowId,
    runId: workflowInfo().runId,
    workflowType,
    title,
    phase,
    startedAt,
    endedAt: isFinal(phase) ? new Date().toISOString() : null,
    input,
    timings,
    checks,
    findings,
    notCarried: notCarried.map(([, line]) => line),
    notes,
    attention,
    failure,
    documents: verification?.documents ?? null,
    counts: verification?.counts ?? {},
    shards: {},
    mismatches: null,
    differences: [],
    ...(verification && { depth: verification.depth, lagging: verification.lagging }),
    ...(verification?.sample && { sample: verification.sample }),
    verifications,
    repairs,
    ...(Object.keys(omitted).length > 0 && { omitted }),
    ...(refused && { refused }),
    ...(trend && { trend }),
    ...(position !== undefined && { position }),
    ...(series && { series: { work: series.work.points, lag: series.lag.points } }),
    ...results,
  };
}
