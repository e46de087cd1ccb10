/** Takes long: a migration goes on in new runs, and its worker dies as each begins. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isUnprocessed } from '../../../src/cli/run/send-request.ts';
import { createItems, deleteDocument, putItems } from '../../support/data/databases.ts';
import { historiesOf } from '../../support/histories.ts';
import { differences } from '../../support/oracle/compare.ts';
import { killAtEachNewRun } from '../../support/scenarios/kill-new-runs.ts';
import { shardlift } from '../../support/servers/shardlift-cli.ts';
import { type Migration, Stack, until, type WorkerProcess } from '../../support/servers/stack.ts';

describe('a migration with a long history', () => {
  let stack: Stack;
  let worker: WorkerProcess;

  beforeAll(async () => {
    stack = await Stack.open();
    worker = await stack.startWorker();
  });
  afterAll(() => stack.close());

  /** Sends an update, and again when its worker died before it looked at it. */
  async function request({ handle }: Migration, name: 'pause' | 'resume', by: string): Promise<void> {
    for (;;) {
      try {
        return await handle.executeUpdate(name, { args: [{ by }] });
      } catch (error) {
        if (!isUnprocessed(error)) throw error;
      }
    }
  }

  async function restart(): Promise<WorkerProcess> {
    await worker.kill();
    worker = await stack.startWorker();
    return worker;
  }

  test('goes on in new runs, whose worker dies as each begins, and obeys what was sent while none ran', async () => {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, 300);
    const migration = await stack.migrate(source, { target });
    const killing = killAtEachNewRun(migration.handle, restart);
    killing.catch(() => undefined);
    const watching = shardlift(stack, 'watch', migration.id);
    await migration.reaches('awaiting-approval');
    await putItems(stack.raven, source, 50, 290);
    for (let n = 0; n < 10; n++) await deleteDocument(stack.raven, source, `items/${n}`);
    const { startedAt } = await migration.report();
    for (let n = 0; n < 60; n++) {
      await request(migration, 'pause', `pauser ${n}`);
      await request(migration, 'resume', `resumer ${n}`);
      // it is refused, and makes the history longer
      await migration.handle.signal('complete', { by: `resumer ${n}` });
    }

    await worker.kill();
    for (let n = 60; n < 80; n++) {
      await migration.handle.signal('pause', { by: `pauser ${n}` });
      await migration.handle.signal('resume', { by: `resumer ${n}` });
    }
    await migration.handle.signal('approveCutover', { by: 'ann', note: 'while nobody was there' });
    worker = await stack.startWorker();

    // nobody approves again what was undone
    await until('it has ended', async () => {
      const { phase, attention } = await migration.progress().catch(() => ({ phase: '', attention: null }));
      if (attention?.includes('The freeze was undone')) throw new Error(attention);
      return phase === 'completed';
    });
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    const kills = await killing;
    const runs = await historiesOf(migration.handle);
    expect(runs.length).toBeGreaterThan(3);
    expect(kills).toBeGreaterThan(0);
    for (const events of runs) expect(events.length).toBeLessThan(600);
    expect(await differences(stack.raven, source, target)).toEqual([]);
    const report = await stack.report(migration.id);
    expect(report).toMatchObject({ startedAt, approval: { by: 'ann', note: 'while nobody was there' } });
    expect(report.notes.filter(({ text }) => /^(Paused|Resumed) by/.test(text))).toHaveLength(160);
    const { code, stdout } = await watching.ended;
    expect(code).toBe(0);
    expect(stdout).toContain(`✓ Completed: ${migration.id}`);
  });
});
