/** What every activity stands on: its heartbeat, its cancellation, and what its errors mean to a workflow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import { type Environment, perform } from '../../src/activities/perform.ts';
import type { Config } from '../../src/config/config.ts';
import { failures } from '../../src/core/contract/failures.ts';
import { defaultTuning } from '../../src/core/contract/tuning.ts';
import type { Work } from '../../src/engine/work/work.ts';
import { Connections } from '../../src/ravendb/connection/connection.ts';
import { RavenError } from '../../src/ravendb/connection/errors.ts';
import { FileError } from '../../src/stores/errors.ts';
import { skipping } from './support/clock.ts';
import { healthy } from './support/healthy.ts';
import { migration } from './support/inputs.ts';
import { type Run, start } from './support/run.ts';

const BEAT_MS = 20;
const END_MS = 200;

function environment(stillMs: number): Environment {
  const activity = { ...defaultTuning.activity, heartbeatMs: BEAT_MS, endWithinMs: END_MS, stillMs };
  return {
    connections: new Connections({}),
    config: { tuning: { ...defaultTuning, activity } } as Config,
  };
}

/** A migration whose plan is made by some work. @param stillMs for how long it may stand still */
async function planningBy(
  task: (work: Work) => Promise<unknown>,
  stillMs = defaultTuning.activity.stillMs,
): Promise<Run> {
  const plan: Activities['plan'] = async (input) => {
    await perform(environment(stillMs), task);
    return await healthy.plan(input);
  };
  return await start('migrateDatabase', migration, { activities: { plan } });
}

/** What the server last heard of the activity that is at work. */
async function heard(run: Run): Promise<{ at: number; details: unknown }> {
  const { raw } = await run.handle.describe();
  const [activity] = raw.pendingActivities ?? [];
  const { seconds, nanos } = activity?.lastHeartbeatTime ?? {};
  const [details] = activity?.heartbeatDetails?.payloads ?? [];
  return {
    at: Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1e6,
    details: details?.data?.length ? JSON.parse(Buffer.from(details.data).toString()) : undefined,
  };
}

describe('an activity at work', () => {
  test('beats while its work says nothing, with what that said last', async () => {
    const gate = Promise.withResolvers<void>();
    const run = await planningBy(async (work) => {
      work.heartbeat({ at: 'half' });
      await gate.promise;
    });
    await run.until('half is heard', async () => (await heard(run)).details !== undefined);
    for (let beat = 0; beat < 3; beat++) {
      const { at } = await heard(run);
      await run.until('it beats again', async () => (await heard(run)).at > at);
    }
    expect((await heard(run)).details).toEqual({ at: 'half' });
    gate.resolve();
    await run.reaches('awaiting-approval');
  });

  test('hears of a pause, and the next try goes on from what the last heartbeat carried', async () => {
    const seen: unknown[] = [];
    const run = await planningBy(async (work) => {
      seen.push(work.lastHeartbeat);
      if (seen.length > 1) return;
      work.heartbeat({ at: 'half' });
      try {
        await sleep(60_000, undefined, { signal: work.signal });
      } finally {
        seen.push(work.canceledByWorkflow);
      }
    });
    await run.until('it is at work', () => seen.length === 1);
    await run.request('pause');
    await run.until('nothing is at work', async () => (await run.pending()).length === 0);
    expect(seen).toEqual([undefined, true]);
    await run.request('resume');
    await run.reaches('awaiting-approval');
  });

  test('that does not end when it is told to is left behind', async () => {
    const run = await planningBy(() => new Promise(() => undefined));
    await run.calledFor('plan');
    await run.request('abort');
    expect((await run.failure()).type).toBe('Aborted');
  });

  test.each<[string, (work: Work) => Promise<unknown>]>([
    ['hears nothing', () => new Promise(() => undefined)],
    ['waits', (work) => sleep(60_000, undefined, { signal: work.signal })],
  ])('that has stopped moving and %s is ended, and tried again', async (_how, task) => {
    const tries: unknown[] = [];
    const run = await planningBy(async (work) => {
      tries.push(work.lastHeartbeat);
      if (tries.length > 1) return;
      work.heartbeat({ at: 'half' });
      await task(work);
    }, 200);
    await run.until('it was ended', async () => {
      const { raw } = await run.handle.describe();
      const [activity] = raw.pendingActivities ?? [];
      return activity?.lastFailure?.applicationFailureInfo?.type === failures.workStuck;
    });
    await skipping(() => run.reaches('awaiting-approval'));
    expect(tries).toEqual([undefined, { at: 'half' }]);
  });

  test('that reports is not ended, however long it takes', async () => {
    let tries = 0;
    const run = await planningBy(async (work) => {
      tries++;
      for (let items = 0; items < 8; items++) {
        await sleep(200);
        work.report({ transferred: { items } });
      }
    }, 1_000);
    await run.reaches('awaiting-approval');
    expect(tries).toBe(1);
  });

  test('knows whether another run is at work', async () => {
    const other = await planningBy((work) => sleep(60_000, undefined, { signal: work.signal }));
    const { workflowId } = other.handle;
    const { runId } = await other.handle.describe();
    const known: boolean[] = [];
    const run = await planningBy(async (work) => {
      known.push(await work.isRunning(workflowId, runId), await work.isRunning('nobody', ''));
      await other.request('abort');
      await other.failure();
      known.push(await work.isRunning(workflowId, runId));
    });
    await run.reaches('awaiting-approval');
    expect(known).toEqual([true, false, false]);
  });
});

describe('an error', () => {
  const passing: [string, Error][] = [
    ['that may pass', new RavenError('It restarts.', { kind: 'ECONNREFUSED', retryable: true })],
    ['of a file that may pass', new FileError('FileUnavailable', 'The share is away.')],
    ['that nobody foresaw', new TypeError('undefined is not a function')],
  ];

  test.each(passing)('%s is tried again, from the last heartbeat', async (_case, error) => {
    const tries: [number, unknown][] = [];
    const run = await planningBy((work) => {
      tries.push([work.attempt, work.lastHeartbeat]);
      if (tries.length > 1) return Promise.resolve();
      work.heartbeat({ at: 'half' });
      return Promise.reject(error);
    });
    await skipping(() => run.reaches('awaiting-approval'));
    expect(tries).toEqual([
      [1, undefined],
      [2, { at: 'half' }],
    ]);
  });

  test.each<[string, Error, string]>([
    ['for good', new RavenError('It is gone.', { kind: 'Gone', retryable: false }), 'Gone'],
    ['of a file for good', new FileError('FileDenied', 'It is gone.'), 'FileDenied'],
    ['of its own', ApplicationFailure.nonRetryable('It is gone.', 'Own'), 'Own'],
  ])('%s ends the run with its type and its words', async (_case, error, type) => {
    let tries = 0;
    const run = await planningBy(() => {
      tries++;
      return Promise.reject(error);
    });
    expect(await run.failure()).toEqual({ type, message: expect.stringMatching(/^It is gone\./) });
    expect(tries).toBe(1);
  });

  test('that comes again and again shows as attention, ever more rarely, and goes when its reason is gone', async () => {
    const reason = 'The server refuses it.';
    // while a try is held, the clock stands
    const held = new Map([5, 8, 9].map((number) => [number, Promise.withResolvers<void>()]));
    let tries = 0;
    const run = await planningBy(async () => {
      const number = ++tries;
      await held.get(number)?.promise;
      if (number < 9) throw new RavenError(reason, { kind: 'Refused', retryable: true });
    });
    await skipping(() => run.calledFor('plan', 5));
    expect(await run.attention()).toBe(
      `plan has failed 4 times: ${reason} It is tried again until it succeeds: remove the reason, or abort.`,
    );
    expect(await run.page()).toContain('has failed 4 times');
    held.get(5)?.resolve();
    await skipping(() => run.calledFor('plan', 8));
    expect(await run.attention()).toContain('4 times');
    held.get(8)?.resolve();
    await skipping(() => run.calledFor('plan', 9));
    await run.until('it says so', async () => (await run.attention())?.includes('8 times') ?? false);
    held.get(9)?.resolve();
    await run.reaches('awaiting-approval');
    expect(await run.attention()).toBeNull();
  });
});
