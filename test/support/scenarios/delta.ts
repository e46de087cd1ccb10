/** Sources that change between their copy and the cutover. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyChanges, changes } from '../data/changes.ts';
import { createEverything } from '../data/everything.ts';
import { startWriters } from '../data/writers.ts';
import { differences } from '../oracle/compare.ts';
import { type Migration, Stack, until } from '../servers/stack.ts';

/** When changes are made. */
export type When = 'while the approval is awaited' | 'in the copy and after it' | 'the whole time';

/** Declares the tests. */
export function changesBeforeTheCutover(moments: When[]): void {
  let stack: Stack;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());

  async function start(
    method: 'stream' | 'dump',
    {
      shards,
      plain,
      maxItemsPerSecond = null,
    }: { shards: number; plain: number; maxItemsPerSecond?: number | null },
  ): Promise<Migration> {
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createEverything(stack.raven, source, { plain });
    return await stack.migrate(source, {
      target,
      input: { method, target: { connection: 'local', database: target, shards }, maxItemsPerSecond },
    });
  }

  async function finish(migration: Migration): Promise<void> {
    await migration.approve();
    // a cutover that cannot be goes back to the approval, and says why
    await until('the cutover is over', async () => {
      const { phase, attention, verification } = await migration.progress();
      if (attention) throw new Error(`${attention} ${JSON.stringify(verification?.differences)}`);
      return phase === 'completed';
    });
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
  }

  const scenarios: Record<When, () => Promise<void>> = {
    'while the approval is awaited': async () => {
      const migration = await start('stream', { shards: 3, plain: 200 });
      await migration.reaches('awaiting-approval');
      await applyChanges(stack.raven, source);
      await finish(migration);
    },
    'in the copy and after it': async () => {
      const migration = await start('dump', { shards: 2, plain: 2_000, maxItemsPerSecond: 1_500 });
      await migration.reaches('copying');
      for (const change of changes.filter((_, at) => at % 2 === 0)) await change.apply(stack.raven, source);
      await migration.reaches('awaiting-approval');
      await applyChanges(stack.raven, source);
      await finish(migration);
    },
    'the whole time': async () => {
      source = stack.databaseName('source');
      target = stack.databaseName('target');
      await createEverything(stack.raven, source, { plain: 500 });
      const writers = startWriters(stack.raven, source);
      const migration = await stack.migrate(source, { target, input: { finalVerification: 'changes' } });
      await migration.reaches('awaiting-approval');
      await sleep(3_000);
      const { operations, errors } = await writers.stop();
      expect(errors).toEqual([]);
      expect(operations).toBeGreaterThan(200);
      await finish(migration);
      // what an index of the source writes counts for nothing: not all had to be read once more
      expect((await stack.report(migration.id)).verifications.at(-1)?.depth).toBe('changes');
    },
  };

  test.each(moments)('all of it arrives: %s', (moment) => scenarios[moment]());
}
