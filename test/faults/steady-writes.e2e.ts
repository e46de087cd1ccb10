import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SyncResult } from '../../src/core/run/results.ts';
import { Database } from '../../src/ravendb/connection/database.ts';
import { cleanTombstones } from '../../src/ravendb/requests/tombstones.ts';
import { Application } from '../support/data/application.ts';
import { createEverything } from '../support/data/everything.ts';
import { startWriters, type Writers } from '../support/data/writers.ts';
import { differences } from '../support/oracle/compare.ts';
import { Stack } from '../support/servers/stack.ts';
import { startByCli } from '../support/servers/temporal-cli.ts';

/** Set `SHARDLIFT_STEADY_SECONDS=600` for ten minutes. */
const SECONDS = Number(process.env.SHARDLIFT_STEADY_SECONDS ?? 45);
/** A run that has begun is let to its end. */
const LAST_RUN_MS = 240_000;

describe('comparisons while four writers do what applications do', () => {
  let stack: Stack;
  let source: string;
  let target: string;
  let writers: Writers | undefined;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker();
    source = stack.databaseName('source');
    target = stack.databaseName('target');
    await createEverything(stack.raven, source, { plain: 2_000 });
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
    `give no false alarm for ${SECONDS} seconds`,
    async () => {
      writers = startWriters(stack.raven, source);
      const until = Date.now() + SECONDS * 1000;
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
      expect(operations).toBeGreaterThan(SECONDS * 20);
      await (await sync()).result();
      expect(await differences(stack.raven, source, target, { without: ['settings'] })).toEqual([]);
    },
    SECONDS * 1000 + LAST_RUN_MS,
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
});
