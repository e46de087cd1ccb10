/** A target that `syncDatabase` has filled takes over, and no later run of it overwrites what is written there then. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createItems, deleteDocument, putDocument } from '../../support/data/databases.ts';
import { differences } from '../../support/oracle/compare.ts';
import { Stack } from '../../support/servers/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.open();
  await stack.startWorker();
});
afterAll(() => stack.close());

const item = (n: number) => `{"n":${n},"@metadata":{"@collection":"Items"}}`;

test('what has changed since the last run is carried, deletions too, and the target serves', async () => {
  const source = stack.databaseName('source');
  const target = stack.databaseName('target');
  await createItems(stack.raven, source, 200);
  const place = (database: string) => ({ connection: 'local', database });
  const sync = { source: place(source), target: { ...place(target), shards: 2 } };
  await (await stack.start(sync, undefined, 'syncDatabase')).handle.result();
  // nothing keeps the tombstone of this one
  await deleteDocument(stack.raven, source, 'items/7');
  await putDocument(stack.raven, source, 'items/8', item(-8));

  const input = { source: place(source), target: place(target), freeze: 'quiet', quietFor: '200ms' };
  const run = await stack.start(input, undefined, 'cutOver');
  await run.reaches('awaiting-approval');
  expect((await run.progress()).verification).toMatchObject({ mismatches: 0 });
  expect(await differences(stack.raven, source, target)).toEqual([]);
  await putDocument(stack.raven, source, 'items/late', item(1));
  await run.approve();
  expect(await run.handle.result()).toMatchObject({ phase: 'completed', mismatches: 0 });
  expect(await differences(stack.raven, source, target)).toEqual([]);
  expect((await run.report()).timings.map(({ phase }) => phase)).not.toContain('copying');

  await putDocument(stack.raven, target, 'items/9', item(-9));
  const late = await stack.start(sync, undefined, 'syncDatabase');
  expect(await late.failure()).toMatchObject({
    type: 'PlanBlocked',
    message: expect.stringMatching(
      /serves since the cutover at .*: another run would overwrite what was written there/,
    ),
  });
  expect(await differences(stack.raven, source, target)).toHaveLength(1);
});
