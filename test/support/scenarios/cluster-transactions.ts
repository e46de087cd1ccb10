/** Compare exchange that only cluster-wide transactions change, which raise no index of the database. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RavenConnection } from '../../../src/ravendb/connection/connection.ts';
import { createItems } from '../data/databases.ts';
import { differences } from '../oracle/compare.ts';
import { Stack, until } from '../servers/stack.ts';

const KEYS = 10;

/** Puts, changes and deletes keys, about ten times a second, until it is stopped. @returns how often it did */
function startWriting(raven: RavenConnection, database: string): { stop(): Promise<number> } {
  const stopping = new AbortController();
  const running = (async () => {
    let n = 0;
    for (; !stopping.signal.aborted; n++) {
      await changeKey(raven, database, n);
      await sleep(80);
    }
    return n;
  })();
  running.catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort();
      return await running;
    },
  };
}

async function changeKey(raven: RavenConnection, database: string, n: number): Promise<void> {
  const key = `moving/${n % KEYS}`;
  await raven.withClient('Changing', database, async (store) => {
    const session = store.openSession({ database, transactionMode: 'ClusterWide' });
    const transaction = session.advanced.clusterTransaction;
    const known = await transaction.getCompareExchangeValue<{ n: number }>(key);
    if (!known?.value) transaction.createCompareExchangeValue(key, { n });
    else if (n % 3 === 0) transaction.deleteCompareExchangeValue(known);
    else known.value = { n };
    await session.saveChanges();
  });
}

/** Declares the test. @param seconds for which they are at work while a migration waits */
export function clusterTransactions(seconds: number): void {
  let stack: Stack;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createItems(stack.raven, source, 50);
    for (let n = 0; n < KEYS; n++) await changeKey(stack.raven, source, n);
  });
  afterAll(() => stack.close());

  test(
    `are carried while a migration waits for ${seconds} seconds, and seen by the freeze`,
    async () => {
      const input = { quietFor: '1s', quietWithin: '3s' };
      const migration = await stack.migrate(source, { target, input });
      await migration.reaches('awaiting-approval');
      let writing = startWriting(stack.raven, source);
      await until('the lag shows', async () => ((await migration.progress()).lag?.etags ?? 0) > 0);
      await sleep(seconds * 1_000);
      await migration.approve();
      await until('the freeze is undone', async () => (await migration.progress()).attention !== null);
      expect((await migration.progress()).attention).toMatch(/is still being written to/);
      expect(await writing.stop()).toBeGreaterThan(seconds * 5);

      await migration.reaches('awaiting-approval');
      await until('nothing lags', async () => (await migration.progress()).lag?.etags === 0);
      // deletes an old key alone
      writing = startWriting(stack.raven, source);
      await sleep(500);
      await writing.stop();
      await migration.approve();
      expect(await migration.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
      const { repairs, verifications } = await stack.report(migration.id);
      expect(repairs).toEqual([]);
      expect(verifications.map(({ mismatches }) => mismatches)).toEqual(verifications.map(() => 0));
      expect(await differences(stack.raven, source, target)).toEqual([]);
    },
    seconds * 1_000 + 120_000,
  );
}
