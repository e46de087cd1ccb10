// The client here is our own: what another worker does between two looks cannot be timed on a real server, which
// test/e2e/copy/copy-control.e2e.ts uses.
import type { Client } from '@temporalio/client';
import { beforeEach, describe, expect, test } from 'vitest';
import { takeOver, workerIdentity } from '../../src/worker/take-over.ts';

const HOST = 'one';
const ANOTHER_PID = process.pid + 1;

interface Activity {
  activityId: string;
  attempt: number;
  lastWorkerIdentity: string;
  lastHeartbeatTime: { seconds: number; nanos: number };
}

let activities: Activity[];
/** What happens between the first look and the second. */
let meanwhile: () => void;
let looks: number;
let failed: unknown[];
let refusesToFail: boolean;
let client: Client;

beforeEach(() => {
  activities = [held(workerIdentity(HOST, ANOTHER_PID))];
  meanwhile = () => undefined;
  looks = 0;
  failed = [];
  refusesToFail = false;
  client = {
    options: { namespace: 'default' },
    workflow: {
      async *list() {
        yield { workflowId: 'migration', runId: 'run' };
      },
    },
    workflowService: {
      describeWorkflowExecution: async () => {
        if (++looks === 2) meanwhile();
        return { pendingActivities: structuredClone(activities) };
      },
      resetStickyTaskQueue: async () => ({}),
    },
    activity: {
      fail: async ({ activityId }: { activityId: string }) => {
        if (refusesToFail) throw new Error('There is no such activity.');
        failed.push(activityId);
      },
    },
  } as unknown as Client;
});

function held(lastWorkerIdentity: string): Activity {
  return { activityId: '7', attempt: 1, lastWorkerIdentity, lastHeartbeatTime: { seconds: 1, nanos: 0 } };
}

function only(): Activity {
  const [activity] = activities;
  if (!activity) throw new Error('There is an activity in each test.');
  return activity;
}

async function takenOver(): Promise<number> {
  return await takeOver({
    client,
    taskQueue: 'shardlift',
    host: HOST,
    beatsWithinMs: 1,
    isAlive: () => false,
  });
}

test('what a dead worker of this host held is handed back', async () => {
  expect(await takenOver()).toBe(1);
  expect(failed).toEqual(['7']);
});

test('what the process before this one held, in a container of the same number, is handed back', async () => {
  activities = [held(workerIdentity(HOST))];
  expect(await takenOver()).toBe(1);
});

describe('nothing is handed back', () => {
  test('of another host', async () => {
    activities = [held(workerIdentity('other', ANOTHER_PID))];
    expect(await takenOver()).toBe(0);
    expect(looks).toBe(1);
  });

  test.each<[string, () => void]>([
    [
      'that another worker has got meanwhile',
      () => Object.assign(only(), { lastWorkerIdentity: '9@other', attempt: 2 }),
    ],
    ['that is tried again by a worker of the same number', () => Object.assign(only(), { attempt: 2 })],
    [
      'that beats: its worker lives in another container',
      () => Object.assign(only(), { lastHeartbeatTime: { seconds: 2, nanos: 0 } }),
    ],
    ['that has ended meanwhile', () => activities.splice(0)],
  ])('%s', async (_what, change) => {
    meanwhile = change;
    expect(await takenOver()).toBe(0);
    expect(failed).toEqual([]);
  });

  test('that Temporal has noticed itself', async () => {
    refusesToFail = true;
    expect(await takenOver()).toBe(0);
  });
});
