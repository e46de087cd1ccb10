import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { follow, type Watched } from '../../../src/cli/run/follow.ts';
import type { Temporal } from '../../../src/cli/run/temporal.ts';
import { Interrupted } from '../../../src/cli/terminal/cli-error.ts';
import { progress, report } from '../fixtures.ts';

const run = <T>(_: unknown, work: () => Promise<T>) => work();
/** @param pollers seconds since 1970 at which workers asked for work */
function temporalWith(...pollers: number[]): Temporal {
  const describeTaskQueue = async () => ({
    pollers: pollers.map((seconds) => ({ lastAccessTime: { seconds } })),
  });
  const client = { withDeadline: run, withAbortSignal: run, workflowService: { describeTaskQueue } };
  return { client } as unknown as Temporal;
}

const temporal = temporalWith(Date.now() / 1000);

/** A workflow that gives its answers in turn; an answer that is an error is thrown. */
function workflow(answers: { status: unknown[]; query: unknown[]; result: unknown }) {
  const next = (list: unknown[]) => {
    const answer = list.length > 1 ? list.shift() : list[0];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    workflowId: 'm',
    describe: async () => ({ status: { name: next(answers.status) }, raw: {} }),
    query: async (name: string) => (name === 'report' ? report() : next(answers.query)),
    result: async () => next([answers.result]),
  } as unknown as WorkflowHandle;
}

const down = Object.assign(new Error('14 UNAVAILABLE'), { name: 'ServiceError' });

describe('following a migration', () => {
  test('outlives a restart of Temporal and of the worker, and learns the end', async () => {
    const handle = workflow({
      status: ['RUNNING', down, 'COMPLETED'],
      query: [progress(), down, progress({ phase: 'completed' })],
      result: { phase: 'completed', reportPath: '/report.json' },
    });
    const seen: (string | undefined)[] = [];
    const { signal } = new AbortController();
    const onState = ({ progress: shown }: Watched) => {
      seen.push(shown?.phase);
    };
    const ending = await follow(temporal, { handle, taskQueue: 'q' }, { signal, onState });
    expect(seen).toEqual([undefined, 'copying', 'copying', 'completed']);
    expect(ending).toMatchObject({ outcome: 'completed', exitCode: 0, reportPath: '/report.json' });
    expect(ending.report?.timings).toHaveLength(3);
  });

  test('shows how it ended, also when it ends while it is asked', async () => {
    let phase: 'final-verifying' | 'completed' = 'final-verifying';
    const handle = {
      workflowId: 'm',
      describe: async () => {
        await sleep(20);
        phase = 'completed';
        return { status: { name: 'COMPLETED' }, raw: {} };
      },
      query: async (name: string) => (name === 'report' ? report() : progress({ phase })),
      result: async () => ({ phase, reportPath: '/report.json' }),
    } as unknown as WorkflowHandle;
    const seen: (string | undefined)[] = [];
    const { signal } = new AbortController();
    const onState = ({ progress: shown }: Watched) => {
      seen.push(shown?.phase);
    };
    await follow(temporal, { handle, taskQueue: 'q' }, { signal, onState });
    expect(seen).toEqual([undefined, 'completed']);
  });

  test.each([
    ['ApplicationFailure', 'CutoverRejected', 'rejected', 3],
    ['ApplicationFailure', 'Aborted', 'aborted', 3],
    ['ApplicationFailure', 'PlanBlocked', 'failed', 1],
    ['CancelledFailure', undefined, 'canceled', 3],
    ['TerminatedFailure', undefined, 'terminated', 3],
    ['TimeoutFailure', undefined, 'timed out', 1],
  ])('tells a %s of type %s as %s', async (name, type, outcome, exitCode) => {
    const cause = Object.assign(new Error('because'), { name, type });
    const result = Object.assign(new Error('failed', { cause }), { name: 'WorkflowFailedError' });
    const unregistered = Object.assign(new Error('none'), { name: 'QueryNotRegisteredError' });
    const handle = workflow({ status: ['FAILED'], query: [unregistered], result });
    const options = { signal: new AbortController().signal, onState: () => undefined };
    const ending = await follow(temporalWith(), { handle, taskQueue: 'q' }, options);
    expect(ending).toMatchObject({ outcome, exitCode, failure: 'because', report: undefined });
  });

  test('has the report of a worker that was too slow to answer before', async () => {
    const handle = workflow({ status: ['COMPLETED'], query: [down], result: { phase: 'completed' } });
    const options = { signal: new AbortController().signal, onState: () => undefined };
    const ending = await follow(temporal, { handle, taskQueue: 'q' }, options);
    expect(ending.report?.timings).toHaveLength(3);
  });

  test('says at once that no worker is there, and of one that is there only after a while that it does not answer', async () => {
    const silences: (string | undefined)[] = [];
    for (const there of [temporalWith(), temporal]) {
      const handle = workflow({ status: ['RUNNING', 'COMPLETED'], query: [down], result: {} });
      const onState = ({ silence }: Watched) => {
        silences.push(silence);
      };
      const { signal } = new AbortController();
      await follow(there, { handle, taskQueue: 'q' }, { signal, onState });
    }
    const sentence = 'No worker polls task queue "q"; start one with: shardlift worker';
    expect(silences).toEqual([undefined, sentence, undefined, undefined, undefined, undefined]);
  });

  test('is left by Ctrl-C', async () => {
    const handle = workflow({ status: ['RUNNING'], query: [progress()], result: undefined });
    const controller = new AbortController();
    const onState = ({ progress: shown }: Watched) => {
      if (shown) controller.abort(new Interrupted());
    };
    const { signal } = controller;
    const following = follow(temporal, { handle, taskQueue: 'q' }, { signal, onState });
    await expect(following).rejects.toThrow(Interrupted);
  });
});
