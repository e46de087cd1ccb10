import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { DEFAULT_ADDRESS, DEFAULT_NAMESPACE } from '../../../src/core/contract/temporal.ts';

test("without a word on where Temporal is, it is where Temporal's own client looks for it", async () => {
  const connection = Connection.lazy();
  const client = new Client({ connection });
  expect([DEFAULT_ADDRESS, DEFAULT_NAMESPACE]).toEqual([
    connection.options.address,
    client.options.namespace,
  ]);
  await connection.close();
});
