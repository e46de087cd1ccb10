import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOST_SHARDS } from '../../../src/core/contract/schemas.ts';
import { createItems } from '../../support/data/databases.ts';
import { historiesOf } from '../../support/histories.ts';
import { differences } from '../../support/oracle/compare.ts';
import { Stack } from '../../support/servers/stack.ts';

const ITEMS = 5_000;
/** What one run of a workflow may have. */
const [MOST_EVENTS, MOST_BYTES] = [5_000, 5_000_000];

describe(`${MOST_SHARDS} shards, the most that are accepted`, () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.open();
    await stack.startWorker();
  });
  afterAll(() => stack.close());

  test('are filled, compared and cut over to, with a small history', async () => {
    const [source, target] = [stack.databaseName('source'), stack.databaseName('target')];
    await createItems(stack.raven, source, ITEMS);
    const into = { connection: 'local', database: target, shards: MOST_SHARDS };
    const migration = await stack.migrate(source, { target, input: { target: into } });
    await migration.reaches('awaiting-approval');
    await migration.approve();
    const result = await migration.handle.result();
    expect(result).toMatchObject({ phase: 'completed', mismatches: 0 });
    expect(Object.keys((result as { shards: object }).shards)).toHaveLength(MOST_SHARDS);
    expect(await differences(stack.raven, source, target)).toEqual([]);
    for (const events of await historiesOf(migration.handle)) {
      expect(events.length).toBeLessThan(MOST_EVENTS);
      expect(JSON.stringify(events).length).toBeLessThan(MOST_BYTES);
    }
  });
});
