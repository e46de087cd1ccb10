import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendRequest, sendSignal } from '../../../src/cli/run/send-request.ts';
import type { Temporal } from '../../../src/cli/run/temporal.ts';
import { requests } from '../../../src/core/contract/contract.ts';
import { createItems } from '../../support/data/databases.ts';
import { historiesOf } from '../../support/histories.ts';
import { Stack } from '../../support/servers/stack.ts';

/** Together so many that a history of tests ends several times. */
const REQUESTS = 80;

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.open();
  stack.shareWorker();
});
afterAll(() => stack.close());

test('a request reaches a migration that has gone on as a new run since it was started, or does just then', async () => {
  const source = stack.databaseName('source');
  await createItems(stack.raven, source, 10);
  const migration = await stack.migrate(source);
  await migration.reaches('awaiting-approval');
  const { client, addresses } = stack;
  const temporal: Temporal = {
    client,
    address: addresses.temporalAddress,
    namespace: 'default',
    close: async () => undefined,
  };
  const { runId } = await migration.handle.describe();
  const first = client.workflow.getHandle(migration.id, runId);
  for (let n = 0; n < REQUESTS; n++) {
    const name = n % 2 === 0 ? requests.pause : requests.resume;
    expect(await sendRequest(temporal, first, { name, signature: { by: 'ann', note: '' } })).toBe(true);
  }
  expect((await historiesOf(migration.handle)).length).toBeGreaterThan(1);
  await sendSignal(temporal, first, { name: requests.abort, signature: { by: 'ann', note: '' } });
  expect((await migration.failure()).type).toBe('Aborted');
  const late = { name: requests.abort, signature: { by: 'bob', note: '' } };
  await expect(sendRequest(temporal, first, late)).rejects.toThrow('the run has ended');
  await expect(sendSignal(temporal, first, late)).rejects.toThrow('the run has ended');
});
