import type { WorkflowHandle } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';

type Events = NonNullable<History['events']>;

/**
 * The events of all the runs in which a workflow went on, the first run first. Backwards: the server that skips time does
 * not always write the last event of a run that goes on in a new one.
 * @param handle not pinned to a run
 */
export async function historiesOf(handle: WorkflowHandle): Promise<Events[]> {
  const { client, workflowId } = handle;
  const runs: Events[] = [];
  let runId: string | null | undefined = (await handle.describe()).runId;
  while (runId) {
    const history: History = await client.getHandle(workflowId, runId).fetchHistory();
    const events = history.events ?? [];
    runs.unshift(events);
    runId = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return runs;
}

/**
 * How often a step was begun in all the runs in which a workflow went on.
 * @param step the name of an activity, or of a type of child workflow
 */
export async function timesBegun(handle: WorkflowHandle, step: string): Promise<number> {
  const events = (await historiesOf(handle)).flat();
  return events.filter(
    ({
      activityTaskScheduledEventAttributes: activity,
      childWorkflowExecutionStartedEventAttributes: child,
    }) => activity?.activityType?.name === step || child?.workflowType?.name === step,
  ).length;
}
