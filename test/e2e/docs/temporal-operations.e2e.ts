import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Database } from '../../../src/ravendb/connection/database.ts';
import { databaseCounts } from '../../../src/ravendb/requests/statistics.ts';
import { Application } from '../../support/data/application.ts';
import { createItems, putItems } from '../../support/data/databases.ts';
import { Reader } from '../../support/docs/reader.ts';
import { finishEqual } from '../../support/oracle/finish-equal.ts';
import { type Migration, Stack, until } from '../../support/servers/stack.ts';
import { temporal } from '../../support/servers/temporal-cli.ts';

const ITEMS = 2_000;
/** `PENDING_ACTIVITY_STATE_PAUSED` of Temporal's API. */
const PAUSED = 4;

/** Only what the page prints is run. */
describe("Temporal's own operations on a migration, as on docs/temporal.md", () => {
  let stack: Stack;
  let reader: Reader;
  let source: string;
  let target: string;

  beforeAll(async () => {
    stack = await Stack.open();
    stack.shareWorker();
    reader = await Reader.at(stack, 'temporal');
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    reader.turnToOthers();
    ({ Shop: source, ShopSharded: target } = reader.databases);
    await createItems(stack.raven, source, ITEMS);
  });

  const types = (command: string) => reader.follows('docs/temporal.md', new RegExp(`^temporal ${command} `));

  /** Comes back in the middle of a copy. */
  async function copying(): Promise<Migration> {
    const workflowId = reader.migration().id;
    await stack.migrate(source, { target, workflowId, input: { maxItemsPerSecond: 300 } });
    await until('some of it is copied', async () => (await copiedItems()) > 0);
    return reader.migration();
  }

  async function copiedItems(): Promise<number> {
    return (await reader.migration().reaches('copying')).transferred?.items ?? 0;
  }

  async function documents(): Promise<number> {
    return (await databaseCounts(new Database(stack.raven, target))).documents;
  }

  async function ended(): Promise<{ type: string; message: string; status: string }> {
    const migration = reader.migration();
    const { type, message } = await migration.failure();
    return { type, message, status: (await migration.handle.describe()).status.name };
  }

  test('a paused activity stands still, a reset goes on with what was copied, and what has ended cannot begin anew', async () => {
    const migration = await copying();
    await types('activity pause');
    await until('it is paused', async () => {
      const { raw } = await migration.handle.describe();
      return raw.pendingActivities?.every(({ state }) => state === PAUSED) ?? false;
    });
    // the server may still work through what it has got
    await sleep(1_000);
    const still = await documents();
    expect(still).toBeLessThan(ITEMS);
    await sleep(2_000);
    expect(await documents()).toBe(still);
    const stood = await copiedItems();
    await types('activity unpause');
    await until('it goes on', async () => (await copiedItems()) > stood);

    await types('workflow reset');
    const reset = reader.migration();
    await reset.handle.executeUpdate('throttle', { args: [{ by: 'ann', maxItemsPerSecond: null }] });
    await reset.reaches('awaiting-approval');
    await temporal(stack, 'activity', 'pause', '-w', reset.id, '--activity-type', 'catchUp');
    await putItems(stack.raven, source, 1, ITEMS);
    await finishEqual(stack, reset, { source, target });

    await types('workflow reset');
    expect(await ended()).toMatchObject({
      type: 'PlanBlocked',
      message: expect.stringContaining('Nothing was changed on source or target.'),
    });
    expect(await documents()).toBe(ITEMS + 1);
  });

  test('a canceled run is tidied up', async () => {
    await copying();
    await types('workflow cancel');
    expect((await ended()).status).toBe('CANCELLED');
    const indexes = await new Application(stack.raven, source).send('GET', 'indexes?namesOnly=true');
    expect(indexes).not.toContain('Shardlift/');
  });

  test('an aborted run that is reset is aborted again; a terminated one leaves what a cleanup finds', async () => {
    const migration = await copying();
    await migration.handle.executeUpdate('abort', { args: [{ by: 'ann' }] });
    await migration.failure();
    await types('workflow reset');
    expect(await ended()).toMatchObject({ type: 'Aborted', status: 'FAILED' });

    reader.turnToOthers();
    ({ Shop: source, ShopSharded: target } = reader.databases);
    await createItems(stack.raven, source, ITEMS);
    await copying();
    await types('workflow terminate');
    const indexes = await new Application(stack.raven, source).send('GET', 'indexes?namesOnly=true');
    expect(indexes).toContain('Shardlift/KeepTombstones/');
  });
});
