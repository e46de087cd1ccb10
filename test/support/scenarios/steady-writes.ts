/** Comparisons of a source that is written to all the time: the same tests for any time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SyncResult } from '../../../src/core/run/results.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { cleanTombstones } from '../../../src/ravendb/requests/tombstones.ts';
import { Application } from '../data/application.ts';
import { createEverything } from '../data/everything.ts';
import { startWriters, type Writers } from '../data/writers.ts';
import { differences } from '../oracle/compare.ts';
import { Stack } from '../servers/stack.ts';
import { startByCli } from '../servers/temporal-cli.ts';

/** A run that has begun is let to its end. */
const LAST_RUN_MS = 240_000;

/** Declares the tests. @param seconds for which there are writes, at least */
export function steadyWrites(seconds: number): void {
  let stack: Stack;
  let source: string;
  let target: string;
  let writers: Writers | undefined;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker();
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createEverything(stack.raven, source, { plain: 1_000 });
    await cleanTombstones(new Database(stack.raven, source));
  }, 120_000);
  // also where a test has failed before it stopped them
  afterEach(() => writers?.stop());
  afterAll(() => stack.close());

  function sync() {
    return startByCli<SyncResult>(stack, 'syncDatabase', {
      source: { connection: 'local', database: source },
      target: { connection: 'local', database: target, shards: 3 },
    });
  }

  test(
    `give no false alarm for ${seconds} seconds`,
    async () => {
      writers = startWriters(stack.raven, source);
      const until = Date.now() + seconds * 1000;
      let runs = 0;
      for (; runs < 2 || Date.now() < until; runs++) {
        // a difference would end a run with an error that names it
        await (await sync()).result();
        // what is deleted between two runs nobody tells
        await sleep(1_000);
        await cleanTombstones(new Database(stack.raven, source));
      }
      const { errors, operations } = await writers.stop();
      expect(errors).toEqual([]);
      expect(operations).toBeGreaterThan(seconds * 20);
      await (await sync()).result();
      expect(await differences(stack.raven, source, target, { without: ['settings'] })).toEqual([]);
    },
    seconds * 1000 + LAST_RUN_MS,
  );

  test(
    'and yet find one character that is another one on the target',
    async () => {
      const text = `${'x'.repeat(299)}y`;
      const damaged = `{"Number":7,"Price":7.50,"Text":"${text}","@metadata":{"@collection":"Plain"}}`;
      await new Application(stack.raven, target).put('plain/7', damaged);
      writers = startWriters(stack.raven, source, { seed: 2 });
      const failure = await (await sync()).failure();
      expect(failure.type).toBe('VerificationFailed');
      expect(failure.message).toContain('1 difference, the first: document "plain/7"');
      expect((await writers.stop()).errors).toEqual([]);
    },
    LAST_RUN_MS,
  );
}
