/** What runs and what ran, as far as Temporal knows. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import pMap from 'p-map';
import { queries } from '../../core/contract/contract.ts';
import { OF_OUR_TYPES, RUNNING } from '../../core/contract/temporal.ts';
import type { RunProgress } from '../../core/run/progress.ts';
import { ask, connectTemporal, type Temporal } from './temporal.ts';
import { tuning } from './tuning.ts';

/** One run. */
export interface ListedRun {
  workflowId: string;
  workflowType: string;
  /** What moves where; empty when nothing tells. */
  summary: string;
  /** The phase that it is in or has ended in; how Temporal ended it where that is not the run's own doing. */
  phase: string;
  isRunning: boolean;
  /** What a person should look at. */
  attention: string | null;
  /** ISO 8601. */
  startedAt: string;
  endedAt: string | null;
}

/** Asked side by side. */
const AT_ONCE = 8;
/** Asked of Temporal in one request. */
const PAGE = 1_000;
/** A shell shows no more of them. */
const MOST_SUGGESTED = 100;
/** Ended by Temporal: the phase that the run knew says nothing about that. */
const BY_TEMPORAL: Record<string, string> = {
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
};

/**
 * The runs of a task queue, the latest first.
 * @param which.all whether also those that have ended
 * @param which.most how many at most
 */
export async function listRuns(
  temporal: Temporal,
  taskQueue: string,
  { all, most }: { all: boolean; most: number },
): Promise<ListedRun[]> {
  // the run that goes on is listed, not those before it
  const which = all ? "ExecutionStatus != 'ContinuedAsNew'" : RUNNING;
  const query = `TaskQueue = '${taskQueue.replaceAll("'", "''")}' AND ${OF_OUR_TYPES} AND ${which}`;
  const found = await ask(temporal, () => firstOf(temporal, query, most));
  return await pMap(found, (info) => listed(temporal, info), { concurrency: AT_ONCE });
}

/** The ids of what runs, the latest first, on whatever task queue; of many some. @throws when Temporal does not answer soon */
export async function suggestRunningIds(): Promise<string[]> {
  const { suggestWithinMs } = tuning;
  const temporal = await connectTemporal(process.env, suggestWithinMs);
  try {
    return await ask(temporal, () => runningIds(temporal, MOST_SUGGESTED), undefined, suggestWithinMs);
  } finally {
    await temporal.close();
  }
}

/** The ids of what runs on whatever task queue, the latest first. */
export async function runningIds(temporal: Temporal, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const found = await firstOf(temporal, `${OF_OUR_TYPES} AND ${RUNNING}`, most);
  return found.map(({ workflowId }) => workflowId);
}

async function firstOf({ client }: Temporal, query: string, most: number): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of client.workflow.list({ query, pageSize: Math.min(most, PAGE) })) {
    found.push(info);
    if (found.length === most) break;
  }
  return found;
}

async function listed(temporal: Temporal, info: WorkflowExecutionInfo): Promise<ListedRun> {
  const { workflowId, runId, type, status, memo, startTime, closeTime } = info;
  const handle = temporal.client.workflow.getHandle(workflowId, runId);
  const isRunning = status.name === 'RUNNING';
  const asking = () => handle.query<RunProgress>(queries.progress);
  const [progress, summary] = await Promise.all([
    // a worker that is away is no reason not to list what is known without it
    isRunning ? quietly(ask(temporal, asking, undefined, tuning.listWithinMs)) : undefined,
    quietly(ask(temporal, async () => (await handle.describe()).staticSummary())),
  ]);
  return {
    workflowId,
    workflowType: type,
    summary: summary ?? progress?.title ?? '',
    phase: BY_TEMPORAL[status.name] ?? progress?.phase ?? String(memo?.phase ?? 'planning'),
    isRunning,
    attention: progress?.attention ?? null,
    startedAt: startTime.toISOString(),
    endedAt: closeTime?.toISOString() ?? null,
  };
}

async function quietly<T>(asking: Promise<T>): Promise<T | undefined> {
  return await asking.catch(() => undefined);
}
