import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { durationMs } from '../../src/core/contract/duration.ts';
import { createHeavy } from '../support/data/heavy.ts';
import { finishEqual } from '../support/oracle/finish-equal.ts';
import { Stack, until } from '../support/servers/stack.ts';
import { tuning } from '../support/servers/workflow-tuning.ts';

/** So slow that much of the copy is left when the worker halts. */
const LIMIT = 300;
const ITEMS = 10_000;
const HOST_GONE_AFTER = '3s';
/**
 * For so long Temporal still hands work to a worker that has halted, since it waits for an answer to its last polls;
 * each piece of work is lost until its heartbeat has been missing for long enough.
 */
const POLLS_MS = 70_000;

describe('a worker that halts in the copy, and wakes up again', () => {
  let stack: Stack;
  let source: string;

  beforeAll(async () => {
    stack = await Stack.open();
    source = stack.databaseName('source');
    await createHeavy(stack.raven, source, ITEMS);
  });
  afterAll(() => stack.close());

  test.each(['stream', 'dump'] as const)(
    'leaves its work to another one, and disturbs it no more: %s',
    async (method) => {
      stack.taskQueue = stack.databaseName('queue');
      const target = stack.databaseName('target');
      const halted = await stack.startWorker({ SHARDLIFT_HOST: 'one' });
      const migration = await stack.migrate(source, {
        target,
        input: { method, maxItemsPerSecond: LIMIT, hostGoneAfter: HOST_GONE_AFTER },
      });
      let before = 0;
      await until('some of it is copied', async () => {
        const { transferred } = await migration.reaches('copying');
        before = transferred?.doing === 'writing the dump' ? 0 : (transferred?.items ?? 0);
        return before > 0;
      });
      halted.child.kill('SIGSTOP');
      const haltedAt = Date.now();
      await stack.startWorker({ SHARDLIFT_HOST: 'two' });
      await until(
        'another worker goes on',
        async () => {
          const { raw } = await migration.handle.describe();
          const identities = raw.pendingActivities?.map(({ lastWorkerIdentity }) => lastWorkerIdentity) ?? [];
          return identities.some((identity) => identity?.endsWith('@two'));
        },
        5 * POLLS_MS,
      );
      const within = POLLS_MS + tuning.heartbeatTimeoutMs + durationMs(HOST_GONE_AFTER) + 10_000;
      expect(Date.now() - haltedAt).toBeLessThan(within);
      halted.child.kill('SIGCONT');
      await until('the limit is lifted', async () =>
        migration.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] }).then(
          () => true,
          () => false,
        ),
      );
      await finishEqual(stack, migration, { source, target });
    },
  );
});
