/** Schedules of runs: Temporal's own, by the words of this command line. */
import type { ScheduleDescription, ScheduleHandle, ScheduleSpec, ScheduleSummary } from '@temporalio/client';
import ms from 'ms';
import { workflowTypes } from '../../core/contract/contract.ts';
import { durationMs, parseDuration } from '../../core/contract/duration.ts';
import { CliError } from '../terminal/cli-error.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import type { Job } from './jobs.ts';
import { ask, type Temporal } from './temporal.ts';

/** When a schedule starts a run: by one of both. */
export interface When {
  every?: string;
  cron?: string;
}

/** A schedule, as a list shows it. */
export interface ListedSchedule {
  scheduleId: string;
  workflowType: string;
  when: string;
  paused: boolean;
  /** Why it is paused, or another note. */
  note: string | null;
  /** ISO 8601; the next one first. */
  next: string[];
}

/** A schedule, and what it did. */
export interface DescribedSchedule extends ListedSchedule {
  taskQueue: string;
  input: unknown;
  /** The workflow ids of the runs in progress. */
  running: string[];
  /** The last runs that it started, the latest first. */
  last: { workflowId: string; startedAt: string }[];
  /** How many runs it did not start, because the one before was in progress. */
  skipped: number;
}

/**
 * Creates a schedule. While one of its runs is in progress the next one is skipped, which is Temporal's default.
 * @throws CliError when there is one with that id
 */
export async function createSchedule(
  temporal: Temporal,
  schedule: { scheduleId: string; job: Job; spec: ScheduleSpec; paused: boolean; taskQueue: string },
): Promise<void> {
  const { scheduleId, job, spec, paused, taskQueue } = schedule;
  const { type, input, summary } = job;
  try {
    await ask(temporal, () =>
      temporal.client.schedule.create({
        scheduleId,
        spec,
        state: { paused },
        action: {
          type: 'startWorkflow',
          workflowType: type,
          workflowId: scheduleId,
          args: [input],
          taskQueue,
          staticSummary: summary,
        },
      }),
    );
  } catch (error) {
    if ((error as Error).name !== 'ScheduleAlreadyRunning') throw error;
    const message = `There is a schedule "${scheduleId}" already; nothing was changed.`;
    throw new CliError(message, 'Choose another --id, or delete that one first.', exitCodes.usage);
  }
}

/** When a schedule starts runs, as Temporal takes it. @throws CliError when that is not clear */
export function specOf({ every, cron }: When): ScheduleSpec {
  if ((every === undefined) === (cron === undefined))
    throw new CliError('A schedule needs either --every or --cron.', 'Try: --every 1h', exitCodes.usage);
  if (cron !== undefined) return { cronExpressions: [cron] };
  if (parseDuration(every ?? '') === undefined)
    throw new CliError(
      `--every must be a duration such as "30m" or "1d", not "${every}".`,
      undefined,
      exitCodes.usage,
    );
  return { intervals: [{ every: durationMs(every ?? '') }] };
}

/** The schedules that start one of our workflow types. */
export async function listSchedules(temporal: Temporal): Promise<ListedSchedule[]> {
  const found: ListedSchedule[] = [];
  await ask(temporal, async () => {
    for await (const summary of temporal.client.schedule.list()) {
      const { workflowType = '' } = summary.action ?? {};
      if (workflowType in workflowTypes) found.push(listed(summary));
    }
  });
  return found;
}

/** @throws CliError when there is no such schedule */
export async function describeSchedule(temporal: Temporal, scheduleId: string): Promise<DescribedSchedule> {
  const description = await withSchedule(temporal, scheduleId, (schedule) => schedule.describe());
  const { action, info } = description;
  return {
    ...listed(description),
    taskQueue: action.taskQueue,
    input: action.args?.[0],
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    last: info.recentActions.toReversed().map(({ takenAt, action: taken }) => ({
      workflowId: taken.workflow.workflowId,
      startedAt: takenAt.toISOString(),
    })),
    skipped: info.numActionsSkippedOverlap,
  };
}

/** Does something with a schedule. @throws CliError when there is none with that id */
export async function withSchedule<T>(
  temporal: Temporal,
  scheduleId: string,
  act: (schedule: ScheduleHandle) => Promise<T>,
): Promise<T> {
  try {
    return await ask(temporal, () => act(temporal.client.schedule.getHandle(scheduleId)));
  } catch (error) {
    if ((error as Error).name !== 'ScheduleNotFoundError') throw error;
    const message = `There is no schedule "${scheduleId}" in namespace "${temporal.namespace}" of Temporal at ${temporal.address}.`;
    throw new CliError(message, 'To see what there is: schedule list', exitCodes.unreachable);
  }
}

function listed({
  scheduleId,
  spec,
  action,
  state,
  info,
}: Pick<
  ScheduleDescription | ScheduleSummary,
  'scheduleId' | 'spec' | 'action' | 'state' | 'info'
>): ListedSchedule {
  const { intervals = [], calendars = [] } = spec ?? {};
  const when = [
    ...intervals.map(({ every }) => `every ${ms(every)}`),
    // Temporal keeps a cron expression as a calendar with the expression as its comment
    ...calendars.map(({ comment }) => (comment ? `cron ${comment}` : 'by a calendar')),
  ];
  return {
    scheduleId,
    workflowType: action?.workflowType ?? '',
    when: when.join(', '),
    paused: state.paused,
    note: state.note ?? null,
    next: info.nextActionTimes.map((time) => time.toISOString()),
  };
}
