import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createItems, deleteDocument, forgetDeletions, putDocument } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { finishEqual } from '../../support/oracle/finish-equal.ts';
import { type Migration, Stack, until } from '../../support/servers/stack.ts';

describe('the approval', () => {
  let stack: Stack;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createItems(stack.raven, source);
  });

  const damages = [
    {
      how: 'removed',
      damage: () => deleteDocument(stack.raven, target, 'items/7'),
      what: 'is missing on the target',
      mode: 'changes' as const,
      depth: 'changes' as const,
      end: aborted,
    },
    {
      how: 'changed',
      damage: () =>
        putDocument(stack.raven, target, 'items/7', '{"number":8,"@metadata":{"@collection":"Items"}}'),
      what: 'differs in "number"',
      mode: 'full' as const,
      depth: 'full' as const,
      end: accepted,
    },
  ];
  const traceless = {
    how: 'removed without a trace',
    damage: async () => {
      await deleteDocument(stack.raven, target, 'items/7');
      for (const shard of [0, 1]) await forgetDeletions(stack.raven, `${target}$${shard}`);
    },
    what: 'is missing on the target',
    mode: 'changes' as const,
    // the numbers tell, and all is read
    depth: 'full' as const,
    end: aborted,
  };

  test.each([...damages, traceless])(
    'does not help a target where a document was $how behind our back ($mode)',
    async ({ damage, what, mode, depth: found, end }) => {
      const migration = await stack.migrate(source, { target, input: { finalVerification: mode } });
      await migration.reaches('awaiting-approval');
      await damage();
      await migration.approve();

      await until('the freeze is undone', async () => (await migration.progress()).attention !== null);
      const progress = await migration.reaches('awaiting-approval');
      expect(progress.approval).toBeNull();
      expect(progress.verification).toMatchObject({
        mismatches: 1,
        differences: [{ kind: 'document', id: 'items/7', what: expect.stringContaining(what) }],
      });
      await expect(migration.approve()).rejects.toMatchObject({
        cause: { message: expect.stringContaining('items/7') },
      });
      const { notes, verifications } = await migration.report();
      expect(notes.some(({ text }) => text.includes('freeze was undone'))).toBe(true);
      expect(verifications.map(({ depth, mismatches }) => [depth, mismatches])).toEqual([
        ['full', 0],
        [found, 1],
        ['full', 1],
      ]);
      await end(migration, progress.verification?.digest);
    },
  );

  async function aborted(migration: Migration): Promise<void> {
    await migration.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    expect((await migration.failure()).type).toBe('Aborted');
  }

  /** The difference is accepted; but first another one comes, with which the acceptance lapses. */
  async function accepted(migration: Migration, digest?: string): Promise<void> {
    const approve = (acceptDifferences?: string) =>
      migration.handle.executeUpdate('approveCutover', { args: [{ by: 'ann', acceptDifferences }] });
    await deleteDocument(stack.raven, target, 'items/8');
    await approve(digest);
    await until('the approval lapses', async () => (await migration.progress()).approval === null);
    const { verification } = await migration.reaches('awaiting-approval');
    expect(verification?.mismatches).toBe(2);
    await expect(approve(digest)).rejects.toMatchObject({
      cause: {
        message: expect.stringContaining(`the digest of these differences is "${verification?.digest}"`),
      },
    });
    await approve(verification?.digest);
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 2 });
    const left = await differences(stack.raven, source, target);
    expect(new Set(left.map((line) => line.split(':')[0]))).toEqual(new Set(['items/7', 'items/8']));
  }

  test('of a source that is still written to is undone with the reason, and works once it is quiet', async () => {
    const migration = await stack.migrate(source, { target, input: { quietFor: '1s', quietWithin: '3s' } });
    await migration.reaches('awaiting-approval');
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        await putDocument(
          stack.raven,
          source,
          `busy/${n % 5}`,
          `{"n":${n},"@metadata":{"@collection":"Busy"}}`,
        );
        await sleep(100);
      }
    })();
    await migration.approve();
    await until('the freeze is undone', async () => (await migration.progress()).attention !== null);
    expect((await migration.progress()).attention).toContain('still being written to');
    writing = false;
    await writer;
    await finishEqual(stack, migration, { source, target });
  });
});
