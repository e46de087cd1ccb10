/** A report that is on its way when an activity ends must not arrive after the workflow has gone on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, expect, test } from 'vitest';
import { type Environment, perform } from '../../src/activities/perform.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultTuning } from '../../src/core/contract/tuning.ts';
import type { Work } from '../../src/engine/work/work.ts';
import { Connections } from '../../src/ravendb/connection/connection.ts';
import { RavenError } from '../../src/ravendb/connection/errors.ts';

const tuning = { ...defaultTuning, activity: { ...defaultTuning.activity, heartbeatMs: 5, reportMs: 5 } };
const environment: Environment = { connections: new Connections({}), config: { tuning } as Config };

/** Resolved when a report is on its way. */
let underWay: PromiseWithResolvers<void>;
/** To be resolved when it may arrive. */
let arrival: PromiseWithResolvers<void>;
let activity: MockActivityEnvironment;

beforeEach(() => {
  underWay = Promise.withResolvers();
  arrival = Promise.withResolvers();
  const signal = async () => {
    underWay.resolve();
    await arrival.promise;
  };
  const client = {
    workflow: { getHandle: () => ({ signal }) },
    workflowService: { getSystemInfo: async () => ({}) },
    withDeadline: async (_deadline: number, ask: () => Promise<unknown>) => await ask(),
    withAbortSignal: async (_signal: AbortSignal, ask: () => Promise<unknown>) => await ask(),
  };
  activity = new MockActivityEnvironment({}, { client: client as unknown as Client });
});

/** Work that reports, and goes on as soon as the report is on its way. */
async function reported(work: Work): Promise<void> {
  work.report({ lag: 3 });
  await underWay.promise;
}

const ends: [string, (work: Work) => Promise<unknown>][] = [
  ['succeeds', reported],
  [
    'fails',
    async (work) => {
      await reported(work);
      throw new RavenError('It restarts.', { kind: 'ECONNREFUSED', retryable: true });
    },
  ],
  [
    'is canceled',
    async (work) => {
      await reported(work);
      activity.cancel('CANCELLED');
      work.signal.throwIfAborted();
    },
  ],
];

test.each(ends)('an activity that %s waits for the report that is on its way', async (_how, work) => {
  let hasEnded = false;
  const ended = activity
    .run(() => perform(environment, work))
    .catch((error: unknown) => error)
    .finally(() => {
      hasEnded = true;
    });
  await underWay.promise;
  await sleep(30);
  expect(hasEnded).toBe(false);
  arrival.resolve();
  await ended;
  expect(hasEnded).toBe(true);
});
