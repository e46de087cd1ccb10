/**
 * A worker that starts takes over from one of its host that died. Temporal by itself notices a death only when
 * heartbeats have been missing for a while; the same host knows at once that a process is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
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
  /** Within this the activities of a worker that lives beat again. */
  beatsWithinMs: number;
  /** Whether a process of this host lives; by default the operating system is asked. */
  isAlive?: (pid: number) => boolean;
}

type Execution = { workflowId: string; runId: string };
type Pending = NonNullable<
  Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>['pendingActivities']
>[number];

/**
 * Hands back the activities that dead workers of this host held, so that they are tried again at once, and lets the
 * workflows that these had in memory go on elsewhere. To be called before the worker polls.
 *
 * Each is looked at twice, the second time right before it is handed back: one that beats has a worker that lives, under
 * the same number in another container, and of another attempt somebody else takes care. What remains are the milliseconds
 * between the second look and the handing back. An attempt that begins in them is failed, hears of it with its next
 * heartbeat, and is tried again: until then two may write.
 * @returns how many activities were handed back
 */
export async function takeOver(successor: Successor): Promise<number> {
  const { client, taskQueue, host, beatsWithinMs, isAlive = isRunning } = successor;
  const isDead = ({ lastWorkerIdentity }: Pending) => {
    const [, pid, holder] = /^(\d+)@(.+)$/s.exec(lastWorkerIdentity ?? '') ?? [];
    // one of our own number is a predecessor too: in a container every worker is process 1
    return holder === host && (Number(pid) === process.pid || !isAlive(Number(pid)));
  };
  const query = `TaskQueue = '${taskQueue.replaceAll("'", "''")}' AND ExecutionStatus = 'Running'`;
  const orphans: { execution: Execution; activity: Pending }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const execution = { workflowId, runId };
    const pending = await pendingActivities(client, execution);
    orphans.push(...pending.filter(isDead).map((activity) => ({ execution, activity })));
  }
  if (orphans.length === 0) return 0;
  await sleep(beatsWithinMs);
  let released = 0;
  for (const { execution, activity } of orphans) {
    const pending = await pendingActivities(client, execution).catch(() => []);
    if (!pending.some((now) => isSame(now, activity))) continue;
    released += await handBack(client, execution, activity.activityId ?? '');
  }
  return released;
}

async function pendingActivities(client: Client, execution: Execution): Promise<Pending[]> {
  const { namespace } = client.options;
  const answer = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  return answer.pendingActivities ?? [];
}

/** Whether it is the same attempt, by the same worker, and has not beaten meanwhile. */
function isSame(one: Pending, other: Pending): boolean {
  const text = ({ activityId, attempt, lastWorkerIdentity, lastStartedTime, lastHeartbeatTime }: Pending) =>
    JSON.stringify([activityId, attempt, lastWorkerIdentity, lastStartedTime, lastHeartbeatTime]);
  return text(one) === text(other);
}

async function handBack(client: Client, execution: Execution, activityId: string): Promise<number> {
  const failure = ApplicationFailure.create({
    message: 'The worker that ran this is gone; another try goes on where it stood.',
    type: failures.workerDied,
    nextRetryDelay: '100ms',
  });
  const { namespace } = client.options;
  return await client.activity.fail({ ...execution, activityId }, failure).then(
    async () => {
      await client.workflowService.resetStickyTaskQueue({ namespace, execution });
      return 1;
    },
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
