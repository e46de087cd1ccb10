/**
 * A worker that starts takes over from one of its host that died. Temporal by itself notices a death only when
 * heartbeats have been missing for a while; the same host knows at once that a process is gone.
 */
import { ApplicationFailure, type Client } from '@temporalio/client';
import { failures } from '../core/contract/failures.ts';

/** By what Temporal knows a worker: its process and its host. */
export function workerIdentity(host: string, pid = process.pid): string {
  return `${pid}@${host}`;
}

/** What a worker takes over for: the host that it is, and the queue of the migrations that it works for. */
export interface Successor {
  client: Client;
  taskQueue: string;
  host: string;
  /** Whether a process of this host lives; by default the operating system is asked. */
  isAlive?: (pid: number) => boolean;
}

/**
 * Hands back the activities that dead workers of this host held, so that they are tried again at once, and lets the
 * workflows that these had in memory go on elsewhere. To be called before the worker polls.
 * @returns how many activities were handed back
 */
export async function takeOver({ client, taskQueue, host, isAlive = isRunning }: Successor): Promise<number> {
  const isDead = (identity: string) => {
    const [, pid, holder] = /^(\d+)@(.+)$/s.exec(identity) ?? [];
    // one of our own number is a predecessor too: in a container every worker is process 1
    return holder === host && (Number(pid) === process.pid || !isAlive(Number(pid)));
  };
  const query = `TaskQueue = '${taskQueue.replaceAll("'", "''")}' AND ExecutionStatus = 'Running'`;
  let released = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const execution = { workflowId, runId };
    const { namespace } = client.options;
    const { pendingActivities } = await client.workflowService.describeWorkflowExecution({
      namespace,
      execution,
    });
    const orphans = (pendingActivities ?? []).filter(({ lastWorkerIdentity }) =>
      isDead(lastWorkerIdentity ?? ''),
    );
    if (orphans.length === 0) continue;
    await client.workflowService.resetStickyTaskQueue({ namespace, execution });
    for (const { activityId } of orphans) {
      released += await handBack(client, { ...execution, activityId: activityId ?? '' });
    }
  }
  return released;
}

async function handBack(
  client: Client,
  activity: { workflowId: string; runId: string; activityId: string },
): Promise<number> {
  const failure = ApplicationFailure.create({
    message: 'The worker that ran this is gone; another try goes on where it stood.',
    type: failures.workerDied,
    nextRetryDelay: '100ms',
  });
  return await client.activity.fail(activity, failure).then(
    () => 1,
    // it has been noticed meanwhile
    () => 0,
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
