import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createItems } from '../../support/data/databases.ts';
import { Stack } from '../../support/servers/stack.ts';
import { tuningVariable } from '../../support/servers/tuning.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.open();
  // one piece, in loads as small beside it as those of a large copy
  const copy = { firstLoadBytes: 300_000, loadBytes: 1_500_000, confirmMs: 200 };
  await stack.startWorker(tuningVariable({ copy }));
});
afterAll(() => stack.close());

test('a copy tells how far it is while a piece of it is at work', async () => {
  const source = stack.databaseName('source');
  const count = 30_000;
  await createItems(stack.raven, source, count);
  // so slow that the test sees it, however busy the machine is
  const migration = await stack.migrate(source, { input: { maxItemsPerSecond: 10_000 } });
  const seen = new Set<number>();
  for (;;) {
    const { phase, transferred } = await migration.progress();
    if (phase === 'copying' && transferred) seen.add(transferred.items);
    if (phase === 'awaiting-approval') break;
    await sleep(50);
  }
  const between = [...seen].filter((items) => items > 0 && items < count);
  expect(between.length).toBeGreaterThanOrEqual(3);
  await migration.handle.terminate();
});
