/** Migrations that cut over behind a fence, while an application writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MigrateDatabaseInput } from '../../../src/core/contract/contract.ts';
import type { LeftoversResult } from '../../../src/core/run/results.ts';
import { readFenceNote } from '../../../src/engine/cutover/fence-note.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { closableRecord, forgetName, lockDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createItems } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { openAlone } from '../../support/servers/alone.ts';
import { terminateLeases } from '../../support/servers/leases.ts';
import { type Migration, type Stack, until } from '../../support/servers/stack.ts';

const ITEMS = 500;

describe('a cutover behind a fence', () => {
  let stack: Stack;
  let close: () => Promise<void>;
  let source: string;
  let target: string;

  beforeAll(async () => {
    ({ stack, close } = await openAlone());
    await stack.startWorker();
  });
  afterAll(() => close());

  async function waiting(input: Partial<MigrateDatabaseInput> = {}): Promise<Migration> {
    [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, ITEMS);
    const migration = await stack.migrate(source, {
      target,
      input: { freeze: 'fence', sourceAfterCutover: 'open', ...input },
    });
    await migration.reaches('awaiting-approval');
    return migration;
  }

  async function cleanup({ remove = false } = {}): Promise<LeftoversResult> {
    const [ofSource, ofTarget] = [source, target].map((database) => ({ connection: 'local', database }));
    const input = { source: ofSource, target: ofTarget, remove };
    return await (await stack.start(input, undefined, 'removeLeftovers')).handle.result();
  }

  /** Writes in four ways at a time until each of them was refused. */
  function startWriting() {
    const application = new Application(stack.raven, source);
    const acknowledged = new Map<string, number>();
    const writer = async (number: number) => {
      for (let n = 0; ; n++) {
        const id = `written/${number}-${n % 50}`;
        try {
          await application.put(id, `{"n":${n},"@metadata":{"@collection":"Written"}}`);
          acknowledged.set(id, n);
          if (n % 5 === 0) await application.increment(id, { likes: 1 });
          if (n % 7 === 0) await application.attach(id, 'note', `${n}`);
        } catch {
          return;
        }
        await sleep(10);
      }
    };
    const done = Promise.all([0, 1, 2, 3].map(writer));
    return { acknowledged, done };
  }

  test('loses no acknowledged write, and lets the old database serve nobody', async () => {
    const migration = await waiting({ sourceAfterCutover: 'closed', observeFor: '0s' });
    const { acknowledged, done } = startWriting();
    await sleep(500);
    await migration.approve();
    const result = await migration.handle.result();
    await done;
    expect(result).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(acknowledged.size).toBeGreaterThan(20);
    const arrived = new Application(stack.raven, target);
    for (const [id, n] of acknowledged) {
      const { n: there } = JSON.parse(await arrived.send('GET', `docs?id=${id}`)).Results[0] as { n: number };
      expect(there, id).toBeGreaterThanOrEqual(n);
    }
    expect(await closableRecord(new Database(stack.raven, source))).toMatchObject({ Disabled: true });
    expect(await readFenceNote(new Database(stack.raven, target))).toMatchObject({ state: 'switched' });
    const { downtimeSeconds, notes, attention } = await stack.report(migration.id);
    process.stderr.write(`downtime: ${downtimeSeconds} s\n`);
    expect(downtimeSeconds).toBeLessThan(30);
    expect(notes.map(({ text }) => text).join()).toContain('stays closed under its name');
    expect(attention).toBeNull();
  });

  test('leaves nothing behind where the old database opens again', async () => {
    const migration = await waiting();
    const { done } = startWriting();
    await sleep(300);
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    await done;
    expect(await differences(stack.raven, source, target)).toEqual([]);
    expect(await closableRecord(new Database(stack.raven, source))).toMatchObject({
      Disabled: false,
      LockMode: 'Unlock',
    });
    const indexes = await new Application(stack.raven, source).send('GET', 'indexes?namesOnly=true');
    expect(indexes).not.toContain('Shardlift/');
    // nothing that the migration itself does there is taken for a writer
    const { lateWrites, attention, leftToDo } = await stack.report(migration.id);
    expect({ lateWrites, attention }).toEqual({ lateWrites: undefined, attention: null });
    expect(leftToDo).toMatchObject([{ about: 'PeriodicBackups' }]);
    expect(await cleanup()).toMatchObject({ lateWrites: null });
  });

  test('is undone on a difference, and the source serves', async () => {
    const migration = await waiting();
    // what has changed on either side since the last comparison is looked at
    await new Application(stack.raven, target).put(
      'items/1',
      '{"other":true,"@metadata":{"@collection":"Items"}}',
    );
    await migration.approve();
    await until('it is undone', async () => (await migration.progress()).attention !== null);
    const { attention } = await migration.reaches('awaiting-approval');
    expect(attention).toContain('The freeze was undone and the source serves as before');
    await new Application(stack.raven, source).put('after/1', '{}');
    expect(await readFenceNote(new Database(stack.raven, target))).toMatchObject({ state: 'undone' });
    await migration.handle.executeUpdate('rejectCutover', { args: [{ by: 'ann' }] });
  });

  test('is undone by the lease where the migration is lost', async () => {
    const migration = await waiting();
    await migration.approve();
    await migration.reaches('freezing', 'draining', 'final-verifying');
    await migration.handle.terminate('lost');
    const name = new Database(stack.raven, source);
    await until('the source serves', () =>
      databaseCounts(name).then(
        () => true,
        () => false,
      ),
    );
    await until('the fence is noted as undone', async () => {
      const note = await readFenceNote(new Database(stack.raven, target));
      return note?.state === 'undone';
    });
    // the last step
    await until('it is unlocked', async () => (await closableRecord(name))?.LockMode === 'Unlock');
    expect(await closableRecord(name)).toMatchObject({ Disabled: false });
  });

  async function isOpen(): Promise<boolean> {
    return (await closableRecord(new Database(stack.raven, source)))?.Disabled === false;
  }

  async function frozen(): Promise<Migration> {
    const migration = await waiting();
    await migration.approve();
    await migration.reaches('freezing', 'draining', 'final-verifying');
    return migration;
  }

  test('is undone by a cleanup where the lease is lost, too', async () => {
    const migration = await frozen();
    await migration.handle.terminate('lost');
    await terminateLeases(stack, migration);
    const places = { source, target };
    const [ofSource, ofTarget] = Object.values(places).map((database) => ({ connection: 'local', database }));
    await until('it is found and removed', async () => {
      const input = { source: ofSource, target: ofTarget, remove: true };
      await (await stack.start(input, undefined, 'removeLeftovers')).reaches('completed');
      return await isOpen();
    });
    await new Application(stack.raven, source).put('after/1', '{}');
  });

  test('is brought to its end by a cleanup where it was terminated before its last step', async () => {
    const migration = await waiting({ sourceAfterCutover: 'closed' });
    await migration.approve();
    await migration.reaches('observing');
    await migration.handle.terminate('lost');
    const old = new Database(stack.raven, source);
    const note = await readFenceNote(new Database(stack.raven, target));
    const alias = new Database(stack.raven, note?.plan.storages[0]?.alias ?? '');
    // all but the last step of the end of a fence
    await lockDatabase(alias, 'Unlock');
    await forgetName(alias);
    expect(await closableRecord(old)).toMatchObject({ Disabled: true, LockMode: 'PreventDeletesError' });
    const { leftovers } = await cleanup({ remove: true });
    expect(leftovers).toContainEqual(expect.objectContaining({ what: 'fence', removed: true }));
    expect(await closableRecord(old)).toMatchObject({ Disabled: true, LockMode: 'Unlock' });
    // what somebody locks later is theirs
    await lockDatabase(old, 'PreventDeletesError');
    const kinds = (await cleanup()).leftovers.map(({ what }) => what);
    expect(kinds).toEqual(['tombstone index']);
  });

  test('has who writes to a source that opens again noticed, then and by later cleanups', async () => {
    const migration = await waiting();
    const application = new Application(stack.raven, source);
    let ended = false;
    const writing = (async () => {
      for (let n = 0; !ended; n++) {
        await application.put(`late/${n}`, '{}').catch(() => undefined);
        await sleep(20);
      }
    })();
    await migration.approve();
    expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
    ended = true;
    await writing;
    const { lateWrites, attention } = await stack.report(migration.id);
    expect(attention).toContain('"late/');
    expect(lateWrites?.documents).toBeGreaterThan(0);
    // what was written before the fence is on both sides
    expect(lateWrites?.same).toBe(0);
    const { lateWrites: later } = await cleanup();
    expect(later?.documents).toBeGreaterThanOrEqual(lateWrites?.documents ?? 0);
    expect(later?.ids).toEqual(expect.arrayContaining(lateWrites?.ids ?? []));
  });

  test('is tried again when a cluster-wide transaction comes in between', async () => {
    // a source that opens again would acknowledge writes that no target can have
    const migration = await waiting({ sourceAfterCutover: 'closed', observeFor: '0s' });
    const stopping = new AbortController();
    const acknowledged: number[] = [];
    const writing = (async () => {
      // each is seen in the log of the cluster, whichever database it is of
      const other = new Application(stack.raven, source);
      for (let n = 0; !stopping.signal.aborted && n < 40; n++) {
        await other
          .send('PUT', `cmpxchg?key=moving/${n}&index=0`, `{"Object":${n}}`)
          .then(() => acknowledged.push(n))
          .catch(() => undefined);
        await sleep(50);
      }
    })();
    await migration.approve();
    const result = migration.handle.result();
    await Promise.race([result, sleep(2_000)]);
    stopping.abort();
    await writing;
    expect(await result).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(acknowledged.length).toBeGreaterThan(1);
    const arrived = new Application(stack.raven, target);
    for (const n of acknowledged) {
      const { Results } = JSON.parse(await arrived.send('GET', `cmpxchg?key=moving/${n}`));
      expect(Results, `moving/${n}`).toMatchObject([{ Value: { Object: n } }]);
    }
  });
});
