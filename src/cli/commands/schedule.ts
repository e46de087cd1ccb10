import { loadSettings } from '../../config/config.ts';
import {
  createSchedule,
  type DescribedSchedule,
  describeSchedule,
  type ListedSchedule,
  listSchedules,
  specOf,
  type When,
  withSchedule,
} from '../run/schedules.ts';
import { withTemporal } from '../run/temporal.ts';
import { type ExitCode, exitCodes } from '../terminal/exit-codes.ts';
import { labelled, localTime, table } from '../terminal/text.ts';
import { type JobCommand, type JobOptions, jobs } from './start-job.ts';

/** The options of `shardlift schedule create ...`, beside those of what it starts. */
export type ScheduleOptions = JobOptions & When & { id: string; paused?: boolean };

/** What can be done with a schedule that is there. */
export type ScheduleAction = 'describe' | 'pause' | 'resume' | 'trigger' | 'delete';

const COLUMN = 14;
const WIDTH = 100;

/** `shardlift schedule create plan|verify|sync|export|import`. */
export async function scheduleJob(command: JobCommand, options: ScheduleOptions): Promise<ExitCode> {
  const { id: scheduleId, every, cron, paused = false, json } = options;
  const job = jobs[command](options);
  const spec = specOf({ ...(every !== undefined && { every }), ...(cron !== undefined && { cron }) });
  const { taskQueue } = loadSettings();
  return await withTemporal(async (temporal) => {
    await createSchedule(temporal, { scheduleId, job, spec, paused, taskQueue });
    const described = await describeSchedule(temporal, scheduleId);
    say(json ? [JSON.stringify(described)] : ['Created.', ...describedLines(described)]);
    return exitCodes.ok;
  });
}

/** `shardlift schedule list`. */
export async function schedules({ json = false }: { json?: boolean }): Promise<ExitCode> {
  return await withTemporal(async (temporal) => {
    const found = await listSchedules(temporal);
    say(json ? found.map((schedule) => JSON.stringify(schedule)) : listedLines(found));
    return exitCodes.ok;
  });
}

/** `shardlift schedule describe|pause|resume|trigger|delete`. */
export async function actOnSchedule(
  action: ScheduleAction,
  scheduleId: string,
  { note, json = false }: { note?: string; json?: boolean },
): Promise<ExitCode> {
  return await withTemporal(async (temporal) => {
    await withSchedule(temporal, scheduleId, async (schedule) => {
      if (action === 'pause') await schedule.pause(note);
      if (action === 'resume') await schedule.unpause(note);
      if (action === 'trigger') await schedule.trigger();
      if (action === 'delete') await schedule.delete();
    });
    if (action === 'delete') {
      say([
        json
          ? JSON.stringify({ scheduleId, deleted: true })
          : `Deleted ${scheduleId}. Runs that it started go on.`,
      ]);
      return exitCodes.ok;
    }
    const described = await describeSchedule(temporal, scheduleId);
    say(json ? [JSON.stringify(described)] : describedLines(described));
    return exitCodes.ok;
  });
}

/** A table of schedules. */
export function listedLines(found: readonly ListedSchedule[]): string[] {
  if (found.length === 0) return ['There is no schedule.'];
  const rows = found.map(({ scheduleId, workflowType, when, paused, next: [first] }) => [
    scheduleId,
    workflowType,
    when,
    paused ? 'paused' : localTime(first ?? ''),
  ]);
  return table([['Schedule', 'Starts', 'When', 'Next'], ...rows]);
}

/** A schedule, and what it did. */
export function describedLines(schedule: DescribedSchedule): string[] {
  const { scheduleId, workflowType, when, paused, note, next, running, last, skipped, taskQueue } = schedule;
  const line = (label: string, text: string) =>
    labelled(`  ${label}`, text, { width: WIDTH, column: COLUMN });
  return [
    `${scheduleId}: ${workflowType} ${when}, on task queue "${taskQueue}"`,
    ...(paused ? line('Paused', note ?? 'yes') : line('Next', next.slice(0, 3).map(localTime).join(', '))),
    ...line('Running', running.join(', ') || 'none'),
    ...last
      .slice(0, 5)
      .flatMap(({ workflowId, startedAt }, at) =>
        line(at === 0 ? 'Last' : '', `${localTime(startedAt)}  ${workflowId}`),
      ),
    ...(skipped > 0 ? line('Skipped', `${skipped}, because the run before was in progress`) : []),
  ];
}

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
