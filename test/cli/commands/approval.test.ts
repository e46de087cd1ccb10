import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { Approver } from '../../../src/cli/commands/approval.ts';
import type { Temporal } from '../../../src/cli/run/temporal.ts';
import { LinesView } from '../../../src/cli/view/lines-view.ts';
import { commands, damaged, progress, verification } from '../fixtures.ts';

/** An approver by `--yes`, and the updates that it sends; `answer` stands in for the worker. */
function approver(answer: () => Promise<unknown> = async () => undefined) {
  const sent: { name: string; updateId?: string; args?: unknown }[] = [];
  const handle = {
    describe: async () => ({ runId: 'first', raw: {} }),
    executeUpdate: (name: string, options: { updateId?: string; args?: unknown }) => {
      sent.push({ name, ...options });
      return answer();
    },
  } as unknown as WorkflowHandle;
  const run = <T>(_: unknown, work: () => Promise<T>) => work();
  const workflow = { getHandle: () => handle };
  const temporal = { client: { workflow, withDeadline: run, withAbortSignal: run } } as unknown as Temporal;
  const made = new Approver({
    mode: 'yes',
    signature: { by: 'ann', note: '--yes' },
    temporal,
    handle,
    commands,
    view: new LinesView({ commands, approves: true }, () => undefined),
    controller: new AbortController(),
  });
  return { made, sent };
}

/** Waiting since some second: each freeze that is undone begins a new wait. */
function waits(second: number, fields = {}) {
  const since = new Date(second * 1000).toISOString();
  return progress({ phase: 'awaiting-approval', since, verification: verification(), ...fields });
}

const failure = (name: string, message = '', cause?: Error) =>
  Object.assign(new Error(message, { cause }), { name });

describe('--yes', () => {
  test('approves a wait once', async () => {
    const { made, sent } = approver();
    await made.look(progress());
    await made.look(waits(1, { paused: true }));
    await made.look(waits(1));
    await made.look(waits(1));
    await made.look(waits(1, { approval: { by: 'ann', note: '', at: '' } }));
    expect(sent).toEqual([
      { name: 'approveCutover', args: [{ by: 'ann', note: '--yes' }], updateId: 'shardlift-yes-1' },
    ]);
  });

  test('approves again after a freeze was undone, three times in all', async () => {
    const { made, sent } = approver();
    for (const second of [1, 2, 3]) await made.look(waits(second));
    const attention = 'The freeze was undone: somebody writes.';
    await expect(made.look(waits(4, { attention }))).rejects.toMatchObject({
      message: expect.stringContaining(attention),
      hint: expect.stringContaining('shardlift approve migrate-Shop-to-ShopSharded --by you'),
      exitCode: 4,
    });
    expect(sent.map(({ updateId }) => updateId)).toEqual([
      'shardlift-yes-1',
      'shardlift-yes-2',
      'shardlift-yes-3',
    ]);
  });

  test('does not approve what verification found different', async () => {
    const { made, sent } = approver();
    await expect(made.look(waits(1, { verification: damaged() }))).rejects.toMatchObject({
      message: expect.stringContaining('document "users/3"'),
      exitCode: 4,
    });
    expect(sent).toEqual([]);
  });

  test('sends the same approval again when no worker answered', async () => {
    const answers = [failure('WorkflowUpdateRPCTimeoutOrCancelledError'), failure('ServiceError'), undefined];
    const { made, sent } = approver(async () => {
      const error = answers.shift();
      if (error) throw error;
    });
    for (let look = 1; look <= 4; look++) await made.look(waits(1));
    expect(sent.map(({ updateId }) => updateId)).toEqual(Array(3).fill('shardlift-yes-1'));
  });

  test('ends with the reason when the approval is refused', async () => {
    const cause = new Error('Nothing has been verified yet.');
    const { made } = approver(() => Promise.reject(failure('WorkflowUpdateFailedError', '', cause)));
    await expect(made.look(waits(1))).rejects.toMatchObject({
      message: 'Refused: Nothing has been verified yet.',
      exitCode: 4,
    });
  });
});
