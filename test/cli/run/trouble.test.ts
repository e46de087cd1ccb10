import type { WorkflowExecutionDescription } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { describeTrouble, TroubleWatch } from '../../../src/cli/run/trouble.ts';

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

const SCHEDULED = 1;
const STARTED = 2;
const refused = { message: 'Export failed at connection "prod": ECONNREFUSED.' };

function described(...pendingActivities: Pending[]) {
  return { raw: { pendingActivities } } as unknown as Pick<WorkflowExecutionDescription, 'raw'>;
}

describe('the trouble of a run', () => {
  test('is none while nothing has failed', () => {
    const watch = new TroubleWatch();
    expect(watch.look(described())).toBeUndefined();
    expect(watch.look(described({ state: SCHEDULED, attempt: 1 }))).toBeUndefined();
    expect(watch.look(described({ state: STARTED, attempt: 1 }))).toBeUndefined();
  });

  test('is why the work that was tried most often failed', () => {
    const other = { state: SCHEDULED, attempt: 2, lastFailure: { message: 'another' } };
    const worst = { state: SCHEDULED, attempt: 4, maximumAttempts: 15, lastFailure: refused };
    const gettingOn = { state: STARTED, attempt: 9, lastFailure: { message: 'long ago' } };
    const trouble = new TroubleWatch().look(described(other, gettingOn, worst));
    expect(trouble).toEqual({ reason: refused.message, tries: 3, mostTries: 15 });
    expect(describeTrouble({ reason: 'Away.', tries: 3, mostTries: 15 })).toBe(
      'Away. Tries so far: 3 of 15.',
    );
    expect(describeTrouble({ reason: 'Away.', tries: 3, mostTries: 0 })).toBe('Away. Tries so far: 3.');
  });

  test('lasts until a try has not failed for some time, or is done', () => {
    const waits = described({ state: SCHEDULED, attempt: 2, lastFailure: refused });
    const tries = described({ state: STARTED, attempt: 2, lastFailure: refused });
    const watch = new TroubleWatch();
    expect(watch.look(waits, 0)).toBeDefined();
    expect(watch.look(tries, 9_000)).toBeDefined();
    expect(watch.look(tries, 11_000)).toBeUndefined();
    expect(watch.look(waits, 12_000)).toBeDefined();
    expect(watch.look(described(), 13_000)).toBeUndefined();
    // seen for the first time while it gets on
    expect(new TroubleWatch().look(tries, 1_000_000)).toBeUndefined();
  });

  test.each([
    [
      { message: 'activity Heartbeat timeout', timeoutFailureInfo: { timeoutType: 4 } },
      'The worker running this activity stopped sending heartbeats.',
    ],
    [
      { message: 'Worker is shutting down ...', applicationFailureInfo: { type: 'WorkerShutdown' } },
      'The worker running this activity was shut down.',
    ],
  ])('is over as soon as another worker takes it on: %j', (lastFailure, reason) => {
    const watch = new TroubleWatch();
    expect(watch.look(described({ state: SCHEDULED, attempt: 2, lastFailure }), 0)?.reason).toBe(reason);
    expect(watch.look(described({ state: STARTED, attempt: 2, lastFailure }), 1_000)).toBeUndefined();
  });
});
