/** What a real server says that it is at work on, and that a freeze waits for its end. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { defaultTuning } from '../../../src/core/contract/tuning.ts';
import { proveQuiet } from '../../../src/engine/cutover/quiet.ts';
import { findHindrances } from '../../../src/engine/work/hindrances.ts';
import type { Work } from '../../../src/engine/work/work.ts';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { runningOperations } from '../../../src/ravendb/requests/operations.ts';
import { createDatabase } from '../../support/data/databases.ts';
import { Stack } from '../../support/servers/stack.ts';
import { until } from '../../support/servers/until.ts';

const LONG_MS = 400;

let stack: Stack;
let source: { connection: string; database: string };
let work: Work;
let endInsert: () => Promise<void> = async () => {};

beforeAll(async () => {
  stack = await Stack.open();
  source = { connection: 'local', database: stack.databaseName('busy') };
  await createDatabase(stack.raven, source.database);
  const cutover = { ...defaultTuning.cutover, longOperationMs: LONG_MS, quietLookMs: 20 };
  work = {
    database: ({ database }) => new Database(stack.raven, database),
    signal: new AbortController().signal,
    tuning: { ...defaultTuning, cutover },
  } as Pick<Work, 'database' | 'signal' | 'tuning'> as Work;
});
afterEach(() => endInsert());
afterAll(() => stack.close());

/** An application that has begun a bulk insert, and does not end it until it is told to. */
function beginBulkInsert(): void {
  let end = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('['));
      end = () => {
        controller.enqueue(new TextEncoder().encode(']'));
        controller.close();
      };
    },
  });
  const url = `${stack.addresses.ravendbUrl}/databases/${source.database}/bulk_insert?id=7`;
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
  const answered = fetch(url, init).then((response) => response.text());
  endInsert = async () => {
    endInsert = async () => {};
    end();
    await answered;
  };
}

test('a bulk insert that goes on for long keeps the source from being frozen, until it ends', async () => {
  expect(await runningOperations(work.database(source))).toEqual([]);
  beginBulkInsert();
  await until('it runs', async () => (await runningOperations(work.database(source))).length === 1);
  // a short one is a writer like any other
  expect(await findHindrances(work, source)).toEqual([]);
  await until('it has run for long', async () => (await findHindrances(work, source)).length === 1);
  const quiet = { source, quietFor: '100ms', quietWithin: '1s' };
  await expect(proveQuiet(work, quiet)).rejects.toMatchObject({
    kind: 'NotReady',
    retryable: false,
    message: expect.stringMatching(
      /^BulkInsert.* has been running on the source for .*, and the freeze would break it off\.$/,
    ),
  });
  await endInsert();
  await until('it has ended', async () => (await runningOperations(work.database(source))).length === 0);
  await proveQuiet(work, quiet);
});
