/** How a job runs: what exports, imports and comparisons have in common. */
import { CancellationScope } from '@temporalio/workflow';
import { type JobProgress, refusalByJob } from '../../core/run/job.ts';
import { closing } from './activity-proxies.ts';
import { Control } from './control.ts';
import { endOf, giveUp } from './ending.ts';
import { JobState } from './job-state.ts';

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
    const end = endOf(control, error, 'run');
    return await CancellationScope.nonCancellable(() => giveUp(state, error, end, () => after(error)));
  }
}
