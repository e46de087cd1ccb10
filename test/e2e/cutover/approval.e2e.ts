import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createItems, deleteDocument, forgetDeletions, putDocument } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { Gate } from '../../support/servers/gate.ts';
import { Stack, until } from '../../support/servers/stack.ts';

describe('the approval', () => {
  let stack: Stack;
  let gate: Gate;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    gate = await Gate.before(stack.addresses.ravendbUrl);
    stack.ravendbUrlForWorker = gate.url;
    await stack.startWorker();
  });
  afterAll(async () => {
    await gate.close();
    await stack.close();
  });
  beforeEach(async () => {
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createItems(stack.raven, source);
  });

  test('before its time is refused with the reason, as an update and as a signal', async () => {
    const copying = gate.hold(/smuggler\/import/);
    const migration = await stack.migrate(source, { target });
    await copying;
    const approval = { by: 'ann', note: 'too early' };
    await expect(migration.approve()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('cannot be approved while copying') },
    });
    await migration.handle.signal('approveCutover', approval);
    await until('the refusal shows', async () => (await migration.progress()).lastRefusal !== null);
    expect((await migration.progress()).lastRefusal).toMatchObject({ request: 'approveCutover' });
    gate.open();
    const progress = await migration.reaches('awaiting-approval');
    expect(progress.approval).toBeNull();
    await migration.handle.signal('approveCutover', { by: 'bob', note: 'now' });
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect((await stack.report(migration.id)).approval).toMatchObject({ by: 'bob', note: 'now' });
  });

  test('needs a name', async () => {
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    const refused = migration.handle.executeUpdate('approveCutover', { args: [{ note: 'who am I' }] });
    await expect(refused).rejects.toMatchObject({
      cause: { message: expect.stringContaining('by is missing') },
    });
    await migration.handle.executeUpdate('abort');
    await migration.failure();
  });

  test('that is rejected ends the migration and leaves the source serving', async () => {
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    await migration.handle.executeUpdate('rejectCutover', { args: [{ by: 'ann', note: 'wrong week' }] });
    const { type, message } = await migration.failure();
    expect(type).toBe('CutoverRejected');
    expect(message).toContain('rejected by ann: wrong week');
    expect(message).toContain('serves as before');
    expect(await stack.report(migration.id)).toMatchObject({
      phase: 'rejected',
      rejection: { by: 'ann', note: 'wrong week' },
    });
  });

  test('while paused waits for the resume', async () => {
    const migration = await stack.migrate(source, { target });
    await migration.reaches('awaiting-approval');
    await migration.handle.executeUpdate('pause', { args: [{ by: 'ann' }] });
    await expect(migration.approve()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('paused') },
    });
    await putDocument(stack.raven, source, 'late/1', '{"@metadata":{"@collection":"Late"}}');
    await sleep(2_000);
    expect((await migration.handle.describe()).raw.pendingActivities ?? []).toEqual([]);
    await migration.handle.executeUpdate('resume');
    await migration.approve();
    await migration.handle.result();
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });

  const damages = [
    {
      how: 'removed',
      damage: () => deleteDocument(stack.raven, target, 'items/7'),
      what: 'is missing on the target',
    },
    {
      how: 'changed',
      damage: () =>
        putDocument(stack.raven, target, 'items/7', '{"number":8,"@metadata":{"@collection":"Items"}}'),
      what: 'differs in "number"',
    },
  ];
  const modes = ['full', 'changes'] as const;
  const cases = damages.flatMap((each) => modes.map((mode) => ({ ...each, mode, depth: mode })));
  const traceless = {
    how: 'removed without a trace',
    damage: async () => {
      await deleteDocument(stack.raven, target, 'items/7');
      for (const shard of [0, 1, 2]) await forgetDeletions(stack.raven, `${target}$${shard}`);
    },
    what: 'is missing on the target',
    mode: 'changes' as const,
    // the numbers tell, and all is read
    depth: 'full' as const,
  };

  test.each([...cases, traceless])(
    'does not help a target where a document was $how behind our back ($mode)',
    async ({ damage, what, mode, depth: found }) => {
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
      await migration.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
      expect((await migration.failure()).type).toBe('Aborted');
    },
  );

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
    await migration.reaches('awaiting-approval');
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(await differences(stack.raven, source, target)).toEqual([]);
  });

  test('of a cutover that takes longer than its downtime budget is undone', async () => {
    const migration = await stack.migrate(source, { target, input: { downtimeBudget: '3s' } });
    await migration.reaches('awaiting-approval');
    const comparing = gate.hold(/docs\?etag/);
    await migration.approve();
    await comparing;
    await until('the freeze is undone', async () => (await migration.progress()).attention !== null);
    expect((await migration.progress()).attention).toContain('downtime budget of 3s');
    gate.open();
    await migration.reaches('awaiting-approval');
    await migration.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    await migration.failure();
  });
});
