/** A migration between two servers of different versions, with all that can happen to it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MigrateDatabaseInput } from '../../../src/core/contract/contract.ts';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { openDatabase } from '../../../src/ravendb/requests/fencing.ts';
import { storageStats } from '../../../src/ravendb/requests/statistics.ts';
import { fullBackup } from '../data/backups.ts';
import { changes } from '../data/changes.ts';
import { deleteDatabases } from '../data/databases.ts';
import { createEverything } from '../data/everything.ts';
import { differences, type Part } from '../oracle/compare.ts';
import { type Migration, type Stack, until } from '../servers/stack.ts';
import type { TwoVersions, Versions } from '../servers/two-versions.ts';

const PLAIN = 300;
/** Within this a round begins after a change. */
const NOTICED_MS = 2_000;
/** What a sharded database refuses, and indexes, which do not flow back. */
const FLOWS_NOT = /^attachments renamed and moved$|index/;

/** Declares the test. It starts workers, and kills them. */
export function betweenVersions(
  { from, into }: Versions,
  both: () => TwoVersions,
  method: 'stream' | 'dump' | 'backup',
): void {
  let stack: Stack;
  let old: RavenConnection;
  let source: string;
  let target: string;
  let copied: Partial<MigrateDatabaseInput>;

  beforeAll(async () => {
    ({ stack, old } = both());
    [source, target] = [stack.databaseName('shop'), stack.databaseName('shop-sharded')];
    await createEverything(old, source, { plain: PLAIN });
    copied = { method };
    if (method === 'backup') {
      const { folder: path } = await fullBackup(old, source, join(stack.directory, source));
      copied = { method, backup: { path } };
    }
  });
  // a server without a license takes few analyzers in all its databases together
  afterAll(async () => {
    await deleteDatabases(old, [source], stack.directory);
    await deleteDatabases(stack.raven, [target], stack.directory);
  });

  async function inStep(migration: Migration): Promise<void> {
    const { lastEtag } = await storageStats(new Database(old, source));
    await until('the target is in step', async () => {
      const { lag, position, attention } = await migration.progress();
      if (attention) throw new Error(attention);
      return lag?.etags === 0 && (position?.etag ?? 0) >= lastEtag;
    });
  }

  async function flowedBack(migration: Migration): Promise<void> {
    // until it is noticed that something has changed
    await sleep(NOTICED_MS);
    await until('all has flowed back', async () => {
      const { lag, differingBack, attention } = await migration.progress();
      if (attention) throw new Error(attention);
      return lag?.etags === 0 && differingBack === 0;
    });
  }

  async function expectEqual(without: readonly Part[]): Promise<void> {
    expect(await differences(old, source, target, { into: stack.raven, without })).toEqual([]);
  }

  test(`${from} to ${into} by ${method}: all of it arrives, in spite of a death of its worker, with three rounds of changes, and back`, async () => {
    const worker = await both().startWorker();
    const migration = await stack.migrate(source, {
      target,
      input: {
        source: { connection: 'old', database: source },
        maxItemsPerSecond: 400,
        freeze: 'fence',
        ...copied,
      },
    });
    await migration.reaches('copying');
    await sleep(500);
    await worker.kill();
    const another = await both().startWorker();
    await migration.handle.signal('throttle', { maxItemsPerSecond: null });
    await migration.reaches('awaiting-approval');
    for (const part of [0, 1, 2]) {
      for (const change of changes.filter((_, at) => at % 3 === part)) await change.apply(old, source);
      await inStep(migration);
    }
    // settings that would change the copied data come with the cutover
    await expectEqual(['settings']);
    await migration.approve();
    await migration.reaches('observing');
    for (const { name, apply } of changes) if (!FLOWS_NOT.test(name)) await apply(stack.raven, target);
    await flowedBack(migration);
    await migration.handle.executeUpdate('rollBack', { args: [{ by: 'ann' }] });
    await until('it is over, or was undone', async () => {
      const { phase, attention } = await migration.progress();
      if (phase === 'rolled-back') return true;
      if (attention) throw new Error(attention);
      return false;
    });
    expect((await migration.failure()).type).toBe('CutoverRolledBack');
    // only to look at it
    await openDatabase(new Database(stack.raven, target));
    await expectEqual(['indexes']);
    await another.kill();
  });
}
